// Scenario files: YAML or JSON, checked against a schema, with errors that name file and line.
import { isNode, LineCounter, parseDocument } from 'yaml';
import * as z from 'zod';
import { isSystemOperation } from '../../machines/system-protocol.ts';
import type { ProgramStep } from '../../engine/world/program.ts';
import { CallSyntaxError, parseCall } from './call-syntax.ts';
import type { Scenario, Script } from '../define.ts';
import { END, ScenarioError } from '../define.ts';
import { nearest } from '../nearest.ts';

const identifier = z.string().regex(/^[a-z]+\d+$/, 'a name is letters, then digits, as in p0');
const callback = z.enum(['stop', 'start', 'add_consumer', 'del_consumer', 'add_producer', 'del_producer']);
const systemMachine = z.enum(['eventfd', 'iommu', 'irqfd', 'vfio-vector', 'vm']);
const wiring = z.record(z.string(), identifier);
const failures = z.array(z.int().refine((value) => value !== 0, 'a failure is not 0'));
const struct = z.union([
  identifier,
  z.strictObject({
    name: identifier,
    lacks: z.array(callback).optional(),
    reenters: callback.optional(),
    failures: failures.optional(),
    embeddedIn: z.strictObject({ machine: systemMachine, wiring }).optional(),
  }),
]);
const target = z.union([z.int().nonnegative(), z.literal('end')]);
const calls = z.union([z.string(), z.array(z.string()).min(1)]);
const step = z.union([calls, z.strictObject({ do: calls, ok: target.optional(), error: target.optional() })]);

/** What a scenario file may contain. Also the source of its JSON Schema. */
export const scenarioFile = z.strictObject({
  scenario: z.string().regex(/^[a-z0-9-]+$/, 'lower case letters, digits and hyphens'),
  title: z.string().optional(),
  description: z.string().optional(),
  eventfds: z.array(identifier),
  producers: z.array(struct).default([]),
  consumers: z.array(struct).default([]),
  system: z
    .array(
      z.strictObject({
        name: identifier,
        machine: systemMachine,
        wiring: wiring.optional(),
        failures: failures.optional(),
      }),
    )
    .optional(),
  discipline: z.enum(['clean', 'raw']).optional(),
  allocationFaults: z.boolean().optional(),
  threads: z.record(identifier, z.array(step).min(1)),
  after: z.record(identifier, z.array(identifier)).optional(),
  interchangeable: z.array(z.array(z.union([identifier, z.array(identifier).min(1)]))).optional(),
  properties: z.array(z.string()).optional(),
});
type ScenarioFile = z.infer<typeof scenarioFile>;

/** Largest scenario file that is read, in bytes. */
export const MAX_SCENARIO_BYTES = 1024 * 1024;

/** Reads the text of a scenario file. Throws ScenarioError as `file:line what is wrong`. */
export function parseScenario(text: string, file: string): Scenario {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const fail = (offset: number | undefined, message: string): never => {
    const { line } = lines.linePos(offset ?? 0);
    throw new ScenarioError(`${file}:${Math.max(line, 1)} ${message}`);
  };
  const [problem] = document.errors;
  if (problem !== undefined) fail(problem.pos[0], problem.message);
  if (text.trim() === '' || document.contents === null)
    throw new ScenarioError(
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
  const parsed = scenarioFile.safeParse(plain);
  if (!parsed.success) {
    const { path, message } = describe(parsed.error.issues);
    return fail(at(path), `${path.length === 0 ? '' : `${path.map(String).join('.')}: `}${message}`);
  }
  const content = parsed.data;
  checkNames(content, (path, message) => fail(at(path), message));
  return {
    id: content.scenario,
    title: content.title ?? content.scenario,
    description: content.description ?? '',
    parameters: {},
    ...(content.properties === undefined ? {} : { properties: content.properties }),
    script: () => toScript(content),
  };
}

/** The most telling of the schema's complaints: the deepest one. */
function describe(issues: readonly z.core.$ZodIssue[]): { path: readonly PropertyKey[]; message: string } {
  const [first] = issues;
  if (first === undefined) return { path: [], message: 'not a scenario' };
  if (first.code === 'unrecognized_keys') {
    const [key = ''] = first.keys;
    const near = nearest(key, Object.keys(scenarioFile.shape));
    return {
      path: [...first.path, key],
      message: `unknown key${near === undefined ? '' : `, did you mean "${near}"?`}`,
    };
  }
  if (first.code === 'invalid_union') {
    const inner = first.errors.flat().toSorted((one, other) => other.path.length - one.path.length)[0];
    if (inner !== undefined) return { path: [...first.path, ...inner.path], message: inner.message };
  }
  return { path: first.path, message: first.message };
}

const callsOf = (one: ScenarioFile['threads'][string][number]): readonly string[] =>
  [typeof one === 'object' && !Array.isArray(one) ? one.do : one].flat();

/** The threads that a thread waits for, directly or not. */
function waitsFor(after: Readonly<Record<string, readonly string[]>>, thread: string): Set<string> {
  const found = new Set<string>();
  const visit = (one: string): void => {
    for (const other of after[one] ?? []) {
      if (found.has(other)) continue;
      found.add(other);
      visit(other);
    }
  };
  visit(thread);
  return found;
}

/** Everything that is used must be declared; the place of the use is named. */
function checkNames(content: ScenarioFile, fail: (path: readonly PropertyKey[], message: string) => never): void {
  const structs = [...content.producers, ...content.consumers].map((one) => (typeof one === 'string' ? one : one.name));
  const actors = (content.system ?? []).map((one) => one.name);
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
    );
  };
  for (const [thread, steps] of Object.entries(content.threads)) {
    for (const [i, one] of steps.entries()) {
      for (const to of typeof one === 'object' && !Array.isArray(one) ? [one.ok, one.error] : []) {
        if (typeof to === 'number' && to >= steps.length) {
          fail(['threads', thread, i], `step ${to} is not there (thread ${thread} has ${steps.length}; "end" ends it)`);
        }
      }
      for (const text of callsOf(one)) {
        const path = ['threads', thread, i];
        let call;
        try {
          call = parseCall(text);
        } catch (error) {
          if (error instanceof CallSyntaxError) fail(path, error.message);
          throw error;
        }
        known(path, 'eventfd', call.eventfd, content.eventfds);
        if (isSystemOperation(call.op)) {
          known(path, 'actor', call.object, [...structs, ...actors]);
          continue;
        }
        const wanted = call.op.endsWith('producer')
          ? content.producers
          : call.op.endsWith('consumer')
            ? content.consumers
            : undefined;
        const names = wanted?.map((struct_) => (typeof struct_ === 'string' ? struct_ : struct_.name)) ?? structs;
        known(path, call.op.endsWith('consumer') ? 'consumer' : 'producer', call.object, names);
        known(path, 'producer or consumer', call.to, structs);
      }
    }
  }
  for (const [list, members] of Object.entries({ producers: content.producers, consumers: content.consumers })) {
    for (const [i, one] of members.entries()) {
      const wired = typeof one === 'string' ? {} : (one.embeddedIn?.wiring ?? {});
      for (const [role, other] of Object.entries(wired))
        known([list, i, 'embeddedIn', 'wiring', role], 'actor', other, [...structs, ...actors]);
    }
  }
  for (const [i, { wiring: wired }] of (content.system ?? []).entries())
    for (const [role, other] of Object.entries(wired ?? {}))
      known(['system', i, 'wiring', role], 'actor', other, [...structs, ...actors]);
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
  for (const thread of Object.keys(content.after ?? {})) {
    if (waitsFor(content.after ?? {}, thread).has(thread))
      fail(['after', thread], `thread "${thread}" waits for itself`);
  }
  for (const [thread, others] of Object.entries(content.after ?? {})) {
    known(['after', thread], 'thread', thread, Object.keys(content.threads));
    for (const [i, other] of others.entries())
      known(['after', thread, i], 'thread', other, Object.keys(content.threads));
  }
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
    ...(content.system === undefined
      ? {}
      : {
          system: content.system.map(({ name, machine, wiring: wired, failures: answers }) => ({
            name,
            machine,
            ...(wired === undefined ? {} : { wiring: wired }),
            ...(answers === undefined ? {} : { failures: answers }),
          })),
        }),
    threads: Object.fromEntries(Object.entries(content.threads).map(([thread, steps]) => [thread, steps.map(toStep)])),
    ...(content.after === undefined ? {} : { after: content.after }),
    ...(content.interchangeable === undefined
      ? {}
      : { interchangeable: content.interchangeable.map((group) => group.map((member) => [member].flat())) }),
    ...(content.discipline === undefined ? {} : { discipline: content.discipline }),
    ...(content.allocationFaults === undefined ? {} : { allocationFaults: content.allocationFaults }),
  };
}
