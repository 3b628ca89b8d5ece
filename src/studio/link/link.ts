// What a link to a step holds: the world, the way to the step, and by what it is found out that the model is another one.
//
//   #scenario=loser-unregisters&revision=v2p8&set.producers=3&path=QxZa-_&at=2&model=3k1r9x0ab&state=0q9d8w7zz
//
// A link is data that anybody may have written: everything about it is checked, and nothing of it is run.
import { InputError } from '../../engine/input-error.ts';
import { CODE_LENGTH, isPath } from './choice-codes.ts';

/** Which world: as the options of a command say it. */
export interface Selection {
  /** A scenario by its id. */
  readonly scenario: string;
  /** A revision by its id or a kernel version; the default one where absent. */
  readonly revision?: string;
  readonly mutation?: string;
  /** Parameters that are not the usual ones, as text. */
  readonly set: Readonly<Record<string, string>>;
}

/** A link, read. */
export interface Link extends Selection {
  /** The choices from the initial state on, as codes (choice-codes.ts). */
  readonly path: string;
  /** The step that is looked at; `end` the last one; absent where the link does not say. */
  readonly at?: number | 'end';
  /** Fingerprint of the model that the path was taken in. */
  readonly model?: string;
  /** Fingerprint of the state at the end of the path. */
  readonly state?: string;
  /** Is the world explored at once? Without a path a counterexample is opened where `at` says which step of it. */
  readonly explore: boolean;
  /** The property whose counterexample that is; the first one where absent. */
  readonly property?: string;
  /** Only the lab itself, for a frame in another page. */
  readonly embed: boolean;
  /** The other world that is shown beside this one. */
  readonly beside?: { readonly revision?: string; readonly mutation?: string };
}

/** Most characters of a link: browsers and mail programs take less. */
const LENGTH_MAX = 64 * 1024;
/** Most steps of a path. */
export const STEPS_MAX = 20_000;
/** Ids of scenarios, revisions and mutations, names and values of parameters. */
const WORD = /^[\w.-]{1,100}$/;
const FINGERPRINT = /^[0-9a-z]{9}$/;

/** Keys that a link may have, beside `set.NAME`. */
const KEYS = [
  'scenario',
  'revision',
  'mutation',
  'path',
  'at',
  'model',
  'state',
  'explore',
  'property',
  'embed',
  'beside.revision',
  'beside.mutation',
] as const;

function wrong(what: string, hint: string): InputError {
  return new InputError('IRQB701', `the link ${what}`, { hint });
}

/** A value of the link that must look so; undefined where there is none. */
function valueOf(values: URLSearchParams, key: string, form: RegExp, hint: string): string | undefined {
  const all = values.getAll(key);
  const [value] = all;
  if (value === undefined || value === '') return undefined;
  if (all.length > 1) throw wrong(`has ${key} more than once`, 'each key once');
  if (!form.test(value)) throw wrong(`has ${key}=${shown(value)}`, hint);
  return value;
}

/** A stranger's text in a message: short, without characters that steer. */
function shown(text: string): string {
  const plain = text.replaceAll(/[^\x20-\x7E]/g, '?');
  return plain.length > 40 ? `${plain.slice(0, 40)}... (${text.length} characters)` : plain;
}

function settings(values: URLSearchParams): Record<string, string> {
  const set: Record<string, string> = {};
  for (const key of new Set(values.keys())) {
    if (!key.startsWith('set.')) continue;
    const name = key.slice('set.'.length);
    if (!WORD.test(name) || name === '__proto__') throw wrong(`sets ${shown(name)}`, 'a parameter of the scenario');
    set[name] = valueOf(values, key, WORD, 'a number, true, false or a word') ?? '';
  }
  return set;
}

function pathOf(values: URLSearchParams): string {
  if (values.getAll('path').length > 1) throw wrong('has path more than once', 'each key once');
  const path = values.get('path') ?? '';
  if (!isPath(path))
    throw wrong('has a path that is none', `${CODE_LENGTH} characters a step, of letters, digits, - and _`);
  if (path.length / CODE_LENGTH > STEPS_MAX)
    throw wrong(`has a path of ${path.length / CODE_LENGTH} steps`, `at most ${STEPS_MAX}`);
  return path;
}

/**
 * Reads the part of an address behind the `#`.
 *
 * @param hash - with or without the `#`; empty for no link
 * @returns the link; null where there is none
 * @throws InputError (IRQB701) where it is too long, has a key that no link has, or a value that none can be
 * @example
 * linkOf('#scenario=pairing&revision=v2p8'); // { scenario: 'pairing', revision: 'v2p8', set: {}, path: '', explore: false, embed: false }
 */
export function linkOf(hash: string): Link | null {
  const text = hash.replace(/^#/, '');
  if (text === '') return null;
  if (text.length > LENGTH_MAX) throw wrong(`has ${text.length} characters`, `at most ${LENGTH_MAX}`);
  const values = new URLSearchParams(text);
  const known: readonly string[] = KEYS;
  const strange = [...values.keys()].find((key) => !known.includes(key) && !key.startsWith('set.'));
  if (strange !== undefined) throw wrong(`has ${shown(strange)}`, `known: ${KEYS.join(', ')}, set.NAME`);
  const word = (key: string): string | undefined => valueOf(values, key, WORD, 'letters, digits, . - and _');
  const optional = <K extends string, V>(key: K, value: V | undefined): { readonly [k in K]?: V } =>
    value === undefined ? {} : ({ [key]: value } as { readonly [k in K]: V });
  const at = valueOf(values, 'at', /^(?:end|\d{1,6})$/, 'a step, or end');
  const besideRevision = word('beside.revision');
  const besideMutation = word('beside.mutation');
  const beside = { ...optional('revision', besideRevision), ...optional('mutation', besideMutation) };
  return {
    scenario: word('scenario') ?? 'manager',
    ...optional('revision', word('revision')),
    ...optional('mutation', word('mutation')),
    set: settings(values),
    path: pathOf(values),
    ...(at === undefined ? {} : { at: at === 'end' ? 'end' : Number(at) }),
    ...optional('model', valueOf(values, 'model', FINGERPRINT, 'nine letters and digits')),
    ...optional('state', valueOf(values, 'state', FINGERPRINT, 'nine letters and digits')),
    explore: valueOf(values, 'explore', /^[01]$/, '0 or 1') === '1',
    ...optional('property', word('property')),
    embed: valueOf(values, 'embed', /^[01]$/, '0 or 1') === '1',
    ...(besideRevision === undefined && besideMutation === undefined ? {} : { beside }),
  };
}

/**
 * Writes a link, for behind the `#`. The same link gives the same text.
 *
 * @param link - what it shall hold
 * @returns the text without the `#`; `linkOf` reads it back
 */
export function linkText(link: Link): string {
  const { scenario, revision, mutation, set, path, at, model, state, explore, property, embed, beside } = link;
  const settingsText = Object.entries(set)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, value]) => [`set.${key}`, value] as const);
  const parts: (readonly [string, string | undefined])[] = [
    ['scenario', scenario],
    ['revision', revision],
    ['mutation', mutation],
    ...settingsText,
    ['beside.revision', beside?.revision],
    ['beside.mutation', beside?.mutation],
    ['path', path === '' ? undefined : path],
    ['at', at === undefined ? undefined : String(at)],
    ['model', path === '' ? undefined : model],
    ['state', path === '' ? undefined : state],
    ['explore', explore ? '1' : undefined],
    ['property', property],
    ['embed', embed ? '1' : undefined],
  ];
  return new URLSearchParams(
    parts.flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as [string, string]])),
  ).toString();
}
