// From the trace of a counterexample to its KUnit case.
import type { Revision } from '../../registry/revisions.ts';
import type { StructDefinition } from '../../scenarios/define.ts';
import { runOnce } from '../../engine/traces/run-once.ts';
import { happening } from '../../engine/traces/narrate.ts';
import type { Choice } from '../../engine/world/world.ts';
import type { TakenTrace } from '../trace-reader.ts';
import type { KernelFiles } from './kunit.ts';
import { traceFiles } from './kunit-trace.ts';
import type { Staging } from './staging.ts';
import { stagingOf } from './staging.ts';

/** A case and what it does. */
export interface GeneratedCase {
  readonly files: KernelFiles;
  readonly staging: Staging;
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
  const staging = stagingOf(steps);
  const structs = [...(script.producers ?? []), ...(script.consumers ?? [])].map((one): StructDefinition =>
    typeof one === 'string' ? { name: one } : one,
  );
  const one = {
    name: header.scenario.replaceAll(/\W/g, '_').replace(/^(?=\d)/, '_'),
    about: await aboutOf(trace),
    staging,
    structs,
    discipline: script.discipline ?? 'clean',
  };
  return { files: traceFiles(revision.policy, one), staging };
}

/** What the trace shows, and the interleaving that is staged. */
async function aboutOf({ header, assembled: { world, properties }, steps }: TakenTrace): Promise<string[]> {
  let at = 0;
  const again = (_row: unknown, choices: readonly Choice[]): number => {
    const name = steps[at++]?.choice;
    return choices.findIndex((one) => world.nameOf(one) === name);
  };
  const { violation } = await runOnce(world, again, properties, steps.length);
  const mutation = header.mutation === null ? '' : ` with ${header.mutation}`;
  return [
    `${header.scenario} on ${header.revision}${mutation}${violation === undefined ? '' : `: ${violation.property}`}`,
    '',
    ...(violation === undefined ? ['A run that violates nothing.'] : [`${violation.message}.`]),
    'The interleaving, as the model took it:',
    '',
    ...steps.map((step) => `  ${step.thread}: ${happening(world.language, step)}`),
  ];
}
