// Is a checkpoint of the search that was asked for? If not, in what they differ.
import { isDeepStrictEqual } from 'node:util';
import { CheckpointError } from './checkpoint-error.ts';
import type { CheckpointDescription, CheckpointHeader } from './checkpoint-manifest.ts';

/** Names of a list that a message has. */
const NAMED = 3;

/** Makes sure that a checkpoint is of the model that was asked for. Throws CheckpointError, which says both. */
export function expectModel(directory: string, found: CheckpointHeader, asked: CheckpointHeader): void {
  if (found.model === asked.model) return;
  const { options: before, ...there } = found.description;
  const { options: now, ...here } = jsonOf(asked.description) as CheckpointDescription;
  const models = `model ${found.model}, asked for ${asked.model}`;
  const options = differences(before, now);
  const same = `is of ${describe(there)}, as asked for, but of`;
  const message = !isDeepStrictEqual(there, here)
    ? `is of another model: of ${describe(there)}, asked for ${describe(here)} (${models})`
    : options.length > 0
      ? `${same} another search: ${options.join('; ')} (a search goes on with the options that it was begun with)`
      : `${same} another model of it (${models}): the program or the scenario has changed since`;
  throw new CheckpointError('model', `${directory}: checkpoint ${message}`);
}

/** A model in words: `manager producers=3 faults=true on v2p8 with b1`. */
function describe({ scenario, parameters, revision, mutation }: Omit<CheckpointDescription, 'options'>): string {
  const set = Object.entries(parameters).map(
    ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return `${[scenario, ...set].join(' ')} on ${revision}${mutation === null ? '' : ` with ${mutation}`}`;
}

type Options = CheckpointDescription['options'];

/** Every option that differs, in words: `traces was 5, is not given`. */
function differences(before: Options, now: Options): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(now)])].flatMap((key) => {
    const [old, asked] = [before[key] ?? null, now[key] ?? null];
    if (isDeepStrictEqual(old, asked)) return [];
    if (Array.isArray(old) && Array.isArray(asked)) return [`${key} ${listDifference(old, asked)}`];
    return [`${key} was ${optionText(old)}, is ${optionText(asked)}`];
  });
}

function listDifference(old: readonly unknown[], asked: readonly unknown[]): string {
  const named = (items: readonly unknown[]): string => {
    const more = items.length > NAMED ? ` and ${items.length - NAMED} more` : '';
    return `${items.slice(0, NAMED).map(String).join(', ')}${more}`;
  };
  const gone = old.filter((item) => !asked.includes(item));
  const added = asked.filter((item) => !old.includes(item));
  const parts = [
    ...(gone.length === 0 ? [] : [`had ${named(gone)}`]),
    ...(added.length === 0 ? [] : [`has ${named(added)} now`]),
  ];
  return parts.join(', ') || 'were in another order';
}

function optionText(value: unknown): string {
  if (value === null) return 'not given';
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function jsonOf(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
