// Scenario files: YAML or JSON, checked against a schema, with errors that name file and line.
import { isNode, LineCounter, parseDocument } from 'yaml';
import * as z from 'zod';
import { expectWired, WiringError } from '../../engine/world/wiring.ts';
import type { ProgramStep } from '../../machines/manager/program.ts';
import { DEFAULT_REVISION, findRevision } from '../../registry/revisions.ts';
import { InputError } from '../../engine/input-error.ts';
import { build } from '../build.ts';
import { END } from '../calls.ts';
import { CallSyntaxError, parseCall } from './call-syntax.ts';
import type { Scenario, Script } from '../define.ts';
import { machineIds } from '../machines.ts';
import { ScenarioError, scenarioErrors } from '../scenario-error.ts';
import { nearest } from '../nearest.ts';
import { expectSize } from '../world-size.ts';
import { complaint } from './complaint.ts';

const identifier = z.string().regex(/^[a-z]+\d+$/, 'a name is small letters, then digits, as in p0');
const callback = z.enum(['stop', 'start', 'add_consumer', 'del_consumer', 'add_producer', 'del_producer']);
const machine = z.enum(machineIds);
const wiring = z.record(z.string(), identifier);
const failures = z.array(z.int().refine((value) => value !== 0, 'a failure is not 0'));
/** The machine that a struct is part of. */
const word = z.string().regex(/^[\w.>/-]{1,100}$/, 'a name or a word, as in p0, memory_lock, kvm->lock');
const constants = z.record(z.string(), z.union([z.boolean(), z.number(), z.null(), word]));
export const embedding = z.strictObject({ machine, wiring, constants: constants.optional() });
const structObject = z.strictObject({
  name: identifier,
  lacks: z.array(callback).optional(),
  reenters: callback.optional(),
  failures: failures.optional(),
  embeddedIn: embedding.optional(),
});
const struct = z.union([identifier, structObject]);
const structKeys = Object.keys(structObject.shape);
const target = z.union([z.int().nonnegative(), z.literal('end')]);
/** A call as C writes it. */
export const call = z.string();
const calls = z.union([call, z.array(call).min(1)]);
const step = z.union([calls, z.strictObject({ do: calls, ok: target.optional(), error: target.optional() })]);

/** An actor beside producers, consumers and threads. */
export const actor = z.strictObject({
  name: identifier,
  machine,
  wiring: wiring.optional(),
  constants: constants.optional(),
  failures: failures.optional(),
  /** The calls of a work item's function; or what a built-in machine that acts by itself does: `{ msis: 2 }` of a device. */
  program: z
    .union([z.array(step), z.strictObject({ msis: z.union([z.int().min(0), z.literal('forever')]) })])
    .optional(),
});

/** What a scenario file may contain. Also the source of its JSON Schema. */
export const scenarioFile = z.strictObject({
  scenario: z.string().regex(/^[a-z0-9-]+$/, 'lower case letters, digits and hyphens'),
  title: z.string().optional(),
  description: z.string().optional(),
  eventfds: z.array(identifier).default([]),
  producers: z.array(struct).default([]),
  consumers: z.array(struct).default([]),
  /** The other actors; `system` is what they were called in 0.1. */
  actors: z.array(actor).optional(),
  system: z.array(actor).optional(),
  discipline: z.enum(['clean', 'raw']).optional(),
  allocationFaults: z.boolean().optional(),
  threads: z.record(identifier, z.array(step).min(1)),
  after: z.record(identifier, z.array(identifier)).optional(),
  interchangeable: z.array(z.array(z.union([identifier, z.array(identifier).min(1)]))).optional(),
  properties: z.array(z.string()).optional(),
});
type ScenarioFile = z.infer<typeof scenarioFile>;

/** Largest scenario file that is read, in bytes. */
export const MAX_SCENARIO_BYTES = 256 * 1024;

/** Reads the text of a scenario file. Throws InputError as `file:line what is wrong`. */
export function parseScenario(text: string, file: string): Scenario {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const fail = (offset: number | undefined, message: string, code: string = scenarioErrors.syntax): never => {
    const { line } = lines.linePos(offset ?? 0);
    throw new InputError(code, `${file}:${Math.max(line, 1)} ${message}`);
  };
  const [problem] = document.errors;
  if (problem?.code === 'MULTIPLE_DOCS') fail(problem.pos[0], 'a second document begins here: a file has one scenario');
  if (problem !== undefined) fail(problem.pos[0], problem.message);
  if (text.trim() === '' || document.contents === null)
    throw new ScenarioError(
      'syntax',
      `${file}:1 the file is empty: a scenario needs at least "scenario", "eventfds" and "threads"`,
    );
  const at = (path: readonly PropertyKey[]): number | undefined => {
    for (let length = path.length; length >= 0; length--) {
      const node: unknown = document.getIn(path.slice(0, length), true);
      if (isNode(node) && node.range) return node.range[0];
    }
    return 0;
  };
  let plain: unknown;
  try {
    plain = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    fail(0, error instanceof Error ? error.message : String(error));
  }
  const parsed = scenarioFile.safeParse(plain, { reportInput: true });
  if (!parsed.success) {
    const { path, message } = complaint(parsed.error.issues, {
      keysBeside,
      whole: 'a scenario is a map: it needs "scenario" and "threads"',
    });
    return fail(at(path), `${path.length === 0 ? '' : `${path.map(String).join('.')}: `}${message}`);
  }
  const content = parsed.data;
  const failAt: Fail = (path, message, code) => fail(at(path), message, code);
  expectSize('the scenario', content);
  checkNames(content, failAt);
  checkWorld(content, failAt);
  return {
    id: content.scenario,
    title: content.title ?? content.scenario,
    description: content.description ?? '',
    parameters: {},
    ...(content.properties === undefined ? {} : { properties: content.properties }),
    script: () => toScript(content),
  };
}

/** Keys that may stand where a wrong one does. */
function keysBeside(path: readonly PropertyKey[]): readonly string[] {
  const [list] = path;
  if (list === 'threads') return ['do', 'ok', 'error'];
  if (list === 'actors' || list === 'system') return Object.keys(actor.shape);
  if (list === 'producers' || list === 'consumers')
    return path.includes('embeddedIn') ? Object.keys(embedding.shape) : structKeys;
  return Object.keys(scenarioFile.shape);
}

const callsOf = (one: ScenarioFile['threads'][string][number]): readonly string[] =>
  [typeof one === 'object' && !Array.isArray(one) ? one.do : one].flat();

/** Everything that is used must be declared; the place of the use is named. */
function checkNames(content: ScenarioFile, fail: Fail): void {
  const structs = [...content.producers, ...content.consumers].map((one) => (typeof one === 'string' ? one : one.name));
  const actors = actorsOf(content).map((one) => one.name);
  const known = (
    path: readonly PropertyKey[],
    kind: string,
    used: string | null | undefined,
    declared: readonly string[],
  ): void => {
    if (used === null || used === undefined || declared.includes(used)) return;
    const near = nearest(used, declared);
    fail(
      path,
      `${kind} "${used}" is not declared${near === undefined ? '' : `, did you mean "${near}"?`} (declared: ${declared.join(', ') || 'none'})`,
      scenarioErrors.undeclared,
    );
  };
  const programs = (['actors', 'system'] as const).flatMap((list) =>
    (content[list] ?? []).map(
      ({ name, program = [] }, i) => [name, Array.isArray(program) ? program : [], [list, i, 'program']] as const,
    ),
  );
  const threads = Object.entries(content.threads).map(([name, steps]) => [name, steps, ['threads', name]] as const);
  for (const [thread, steps, place] of [...threads, ...programs]) {
    for (const [i, one] of steps.entries()) {
      for (const to of typeof one === 'object' && !Array.isArray(one) ? [one.ok, one.error] : []) {
        if (typeof to === 'number' && to >= steps.length) {
          fail([...place, i], `step ${to} is not there (${thread} has ${steps.length}; "end" ends it)`);
        }
      }
      for (const text of callsOf(one)) {
        const path = [...place, i];
        try {
          parseCall(text);
        } catch (error) {
          if (error instanceof CallSyntaxError) fail(path, error.message);
          throw error;
        }
      }
    }
  }
  const everything = [...structs, ...actors, ...content.eventfds, ...Object.keys(content.threads)];
  for (const [g, group] of (content.interchangeable ?? []).entries()) {
    for (const [i, member] of group.entries()) {
      for (const one of [member].flat()) known(['interchangeable', g, i], 'name', one, everything);
    }
  }
  const lists = { eventfds: content.eventfds, producers: content.producers, consumers: content.consumers };
  const seen = new Set<string>();
  for (const [list, members] of Object.entries(lists)) {
    for (const [i, member] of members.entries()) {
      const one = typeof member === 'string' ? member : member.name;
      if (seen.has(one)) fail([list, i], `"${one}" is declared twice`);
      seen.add(one);
    }
  }
  if (Object.keys(content.threads).length === 0) fail(['threads'], 'there is no thread: nothing would happen');
  for (const [thread, others] of Object.entries(content.after ?? {})) {
    known(['after', thread], 'thread', thread, Object.keys(content.threads));
    for (const [i, other] of others.entries())
      known(['after', thread, i], 'thread', other, Object.keys(content.threads));
  }
}

type Fail = (path: readonly PropertyKey[], message: string, code?: string) => never;

/** The actors besides structs and threads, under either of their names. */
function actorsOf({ actors, system }: ScenarioFile): NonNullable<ScenarioFile['actors']> {
  return [...(actors ?? []), ...(system ?? [])];
}

/** Is the world that it describes one that can be built? Wiring and calls are checked, with the line of what is wrong. */
function checkWorld(content: ScenarioFile, fail: Fail): void {
  const revision = findRevision(DEFAULT_REVISION);
  if (revision === undefined) return;
  try {
    const { actors, names = [] } = build(toScript(content), revision.policy, '');
    expectWired(actors, names);
  } catch (error) {
    if (error instanceof WiringError) fail(placeOf(content, error.actor, error.role), withHint(error), error.code);
    if (error instanceof ScenarioError) fail(error.path ?? [], withHint(error), error.code);
    throw error;
  }
}

function withHint({ message, hint }: InputError): string {
  return `${message.replace(/^: /, '')}${hint === undefined ? '' : ` (${hint})`}`;
}

/** Where the file speaks of an actor's wiring. */
function placeOf(content: ScenarioFile, actor: string, role: string | undefined): readonly PropertyKey[] {
  const wiringOf = role === undefined ? [] : ['wiring', role];
  for (const list of ['producers', 'consumers'] as const) {
    const i = content[list].findIndex((one) => (typeof one === 'string' ? one : one.name) === actor);
    if (i >= 0) return [list, i, ...(role === undefined ? [] : ['embeddedIn', ...wiringOf])];
  }
  for (const list of ['actors', 'system'] as const) {
    const i = content[list]?.findIndex(({ name }) => name === actor) ?? -1;
    if (i >= 0) return [list, i, ...wiringOf];
  }
  return [];
}

function toScript(content: ScenarioFile): Script {
  const pc = (to: number | 'end'): number => (to === 'end' ? END : to);
  const toStep = (one: ScenarioFile['threads'][string][number]): ProgramStep => {
    const rest = typeof one === 'object' && !Array.isArray(one) ? one : { do: one };
    return {
      calls: callsOf(one).map(parseCall),
      ...('ok' in rest && rest.ok !== undefined ? { ok: pc(rest.ok) } : {}),
      ...('error' in rest && rest.error !== undefined ? { error: pc(rest.error) } : {}),
    };
  };
  const structOf = (one: ScenarioFile['producers'][number]) =>
    typeof one === 'string'
      ? one
      : {
          name: one.name,
          ...(one.lacks === undefined ? {} : { lacks: one.lacks }),
          ...(one.reenters === undefined ? {} : { reenters: one.reenters }),
          ...(one.failures === undefined ? {} : { failures: one.failures }),
          ...(one.embeddedIn === undefined ? {} : { embeddedIn: one.embeddedIn }),
        };
  return {
    producers: content.producers.map(structOf),
    consumers: content.consumers.map(structOf),
    eventfds: content.eventfds,
    actors: actorsOf(content).map(
      ({ name, machine: kind, wiring: wired, constants: fixed, failures: answers, program }) => ({
        name,
        machine: kind,
        ...(wired === undefined ? {} : { wiring: wired }),
        ...(fixed === undefined ? {} : { constants: fixed }),
        ...(answers === undefined ? {} : { failures: answers }),
        ...(program === undefined ? {} : { program: Array.isArray(program) ? program.map(toStep) : program }),
      }),
    ),
    threads: Object.fromEntries(Object.entries(content.threads).map(([thread, steps]) => [thread, steps.map(toStep)])),
    ...(content.after === undefined ? {} : { after: content.after }),
    ...(content.interchangeable === undefined
      ? {}
      : { interchangeable: content.interchangeable.map((group) => group.map((member) => [member].flat())) }),
    ...(content.discipline === undefined ? {} : { discipline: content.discipline }),
    ...(content.allocationFaults === undefined ? {} : { allocationFaults: content.allocationFaults }),
  };
}
