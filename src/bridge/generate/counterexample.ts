// From the trace of a counterexample to its KUnit case.
import type { Revision } from '../../registry/revisions.ts';
import type { Script, StructDefinition } from '../../scenarios/define.ts';
import { runOnce } from '../../engine/traces/run-once.ts';
import { happening } from '../../engine/traces/narrate.ts';
import type { Choice } from '../../engine/world/world.ts';
import type { TakenTrace } from '../../scenarios/trace-document.ts';
import type { KernelFiles } from './kunit.ts';
import { traceFiles } from './kunit-trace.ts';
import type { StagedCall, Staging } from './staging.ts';
import { stagingOf } from './staging.ts';

/** A case and what it does. */
export interface GeneratedCase {
  readonly files: KernelFiles;
  readonly staging: Staging;
  /** The property that the trace violates, where the case does not look at what it is about; else null. */
  readonly cannotTell: string | null;
}

/** What a case looks at: who is connected, who is registered, who can be, what warns, what corrupts memory. */
const TOLD: ReadonlySet<string> = new Set([
  'i-uniq',
  'i-pairsym',
  'i-pairkey',
  'i-keysync',
  'i-owner',
  'i-idemp',
  'i-adddel',
  'i-balance',
  'i-leak',
  'i-nowarn',
  'i-nocorrupt',
]);

const structsOf = ({ producers = [], consumers = [] }: Script): StructDefinition[] =>
  [...producers, ...consumers].map((one) => (typeof one === 'string' ? { name: one } : one));

/** Names by number, as tables in C have them: a script may call its structs and eventfds what it likes. */
class Numbers {
  readonly #names = new Map<string, string>();

  constructor({ producers = [], consumers = [], eventfds = [] }: Script, { stages }: Staging) {
    const nameOf = (one: string | StructDefinition): string => (typeof one === 'string' ? one : one.name);
    for (const [i, one] of producers.entries()) this.#names.set(nameOf(one), `p${i}`);
    for (const [i, one] of consumers.entries()) this.#names.set(nameOf(one), `c${i}`);
    const registered = stages.flatMap(({ calls }) =>
      calls.flatMap(({ op, argument }) => (op === 'copy' || typeof argument !== 'string' ? [] : [argument])),
    );
    for (const [i, one] of [...new Set([...eventfds, ...registered])].entries()) this.#names.set(one, `e${i}`);
  }

  of(name: string): string {
    const found = this.#names.get(name);
    if (found === undefined) throw new RangeError(`the script has no ${name}`);
    return found;
  }

  staging({ stages, answers }: Staging): Staging {
    const call = (one: StagedCall): StagedCall => ({
      ...one,
      object: this.of(one.object),
      ...(typeof one.argument === 'string' ? { argument: this.of(one.argument) } : {}),
    });
    return {
      stages: stages.map(({ calls }) => ({ calls: calls.map(call) })),
      answers: Object.fromEntries(Object.entries(answers).map(([struct, all]) => [this.of(struct), all])),
    };
  }
}

/**
 * The KUnit case of a trace.
 *
 * @param trace - a counterexample of plain threads, or any other run of them
 * @param revision - whose calls the case makes
 * @throws StagingError where no test can bring it about
 */
export async function caseOf(trace: TakenTrace, revision: Revision): Promise<GeneratedCase> {
  const { header, assembled, steps } = trace;
  const { script } = assembled;
  const structs = structsOf(script);
  const own = structs.flatMap(({ name, embeddedIn }) => (embeddedIn === undefined ? [name] : []));
  const discipline = script.discipline ?? 'clean';
  const isOfCallers = [revision, assembled.revision].some(({ policy }) => policy.keyOwner === 'caller');
  const staging = stagingOf(steps, { structs: new Set(own), writesKeys: discipline === 'raw' && isOfCallers });
  const about = await aboutOf(trace);
  const numbered = new Numbers(script, staging);
  const one = {
    name: `trace_${header.scenario.replaceAll(/\W/g, '_')}`,
    about: about.lines,
    staging: numbered.staging(staging),
    structs: structs.map((struct) => ({ ...struct, name: numbered.of(struct.name) })),
    discipline,
  };
  const cannotTell = about.property !== null && !TOLD.has(about.property) ? about.property : null;
  return { files: traceFiles(revision.policy, one), staging, cannotTell };
}

/** What the trace shows, and the interleaving that is staged. */
async function aboutOf({
  header,
  assembled: { world, properties },
  steps,
}: TakenTrace): Promise<{ readonly property: string | null; readonly lines: string[] }> {
  let at = 0;
  const again = (_row: unknown, choices: readonly Choice[]): number => {
    const name = steps[at++]?.choice;
    return choices.findIndex((one) => world.nameOf(one) === name);
  };
  const asked = header.property === undefined ? properties : properties.filter(({ id }) => id === header.property);
  const { violation } = await runOnce(world, again, asked, steps.length);
  const mutation = header.mutation === null ? '' : ` with ${header.mutation}`;
  const property = violation?.property ?? header.property ?? null;
  // A claim about infinite runs is violated by what goes on for ever, of which a trace has one lap.
  const says =
    violation === undefined
      ? property === null
        ? 'A run that violates nothing.'
        : 'A run that goes on for ever, once around.'
      : `${violation.message}.`;
  const lines = [
    `${header.scenario} on ${header.revision}${mutation}${property === null ? '' : `: ${property}`}`,
    '',
    says,
    'The interleaving, as the model took it:',
    '',
    ...steps.map((step) => `  ${step.thread}: ${happening(world.language, step)}`),
    ...(property === null || TOLD.has(property)
      ? []
      : ['', `What is looked at afterwards is not what ${property} is about: this case does not fail for it.`]),
  ];
  return { property, lines };
}
