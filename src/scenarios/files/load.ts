// Finds a scenario: a built-in name, a script (.ts, .js), or a scenario file (.yaml, .json).
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { UnknownNameError } from '../scenario-error.ts';
import { loadBuiltin, scenarioNames } from '../builtin-names.ts';
import type { Mutation } from '../../mutations/mutation.ts';
import type { Scenario } from '../define.ts';
import { InputError } from '../../engine/input-error.ts';
import { noteOrigin } from '../origin.ts';
import { ScenarioError } from '../scenario-error.ts';
import { provideOwnPackage } from './own-package.ts';
import { stormScenario } from '../scale-run.ts';

const scriptEndings = ['.ts', '.mts', '.js', '.mjs'];
const fileEndings = ['.yaml', '.yml', '.json'];

/** A file that cannot be read or written: which, and why. */
export class UnreadableFileError extends InputError {
  override readonly name = 'UnreadableFileError';

  constructor(message: string, cause?: unknown) {
    super('IRQB102', message, { cause });
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a part of the path is not a directory',
  EEXIST: 'a part of the path is a file',
  ENOSPC: 'no space left on the device',
  EROFS: 'the file system is read-only',
  ENAMETOOLONG: 'the name is too long',
  ELOOP: 'too many links',
};

/** Turns a system error about a file into one that a reader understands. */
export function unreadable(file: string, error: unknown): UnreadableFileError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reason = reasons[code] ?? (error instanceof Error ? error.message : String(error));
  return new UnreadableFileError(`${file}: cannot be read: ${reason}`, error);
}

/** The same for a file that cannot be written. */
export function unwritable(file: string, error: unknown): UnreadableFileError {
  return new UnreadableFileError(unreadable(file, error).message.replace('cannot be read', 'cannot be written'), error);
}

/** What a path leads to, as `stat()` says. */
interface FileKind {
  readonly isDirectory: () => boolean;
  readonly isCharacterDevice: () => boolean;
  readonly isBlockDevice: () => boolean;
  readonly isSocket: () => boolean;
  readonly isFIFO: () => boolean;
}

/** Throws UnreadableFileError where a path leads to something that is read for ever, or not at all. */
export function expectFile(file: string, stats: FileKind, mayBePipe = false): void {
  const what = stats.isDirectory()
    ? 'directory'
    : stats.isCharacterDevice() || stats.isBlockDevice()
      ? 'device'
      : stats.isSocket()
        ? 'socket'
        : stats.isFIFO() && !mayBePipe
          ? 'pipe'
          : null;
  if (what !== null) throw new UnreadableFileError(`${file}: cannot be read: it is a ${what}`);
}

/** Loads a scenario. Throws UnknownNameError, ScenarioError or UnreadableFileError. */
export async function loadScenario(given: string): Promise<Scenario> {
  if (given === stormScenario.id)
    throw new ScenarioError(
      'unknown',
      'storm is only for irqbypass run; scenario manager is its like for a few producers and consumers',
    );
  const builtin = await loadBuiltin(given);
  if (builtin !== undefined) return builtin;
  const looksLikeFile =
    given.includes('/') || [...scriptEndings, ...fileEndings].some((ending) => given.endsWith(ending));
  if (!looksLikeFile) {
    if (statSync(given, { throwIfNoEntry: false })?.isFile() === true)
      throw new ScenarioError(
        'file',
        `${given}: is a file, but not one that ends in ${[...scriptEndings, ...fileEndings].join(', ')}`,
      );
    throw new UnknownNameError(
      'scenario',
      given,
      [...scenarioNames, stormScenario.id],
      'irqbypass list scenarios, or a .yaml, .json, .ts or .js file',
    );
  }
  const isScript = scriptEndings.some((ending) => given.endsWith(ending));
  const scenario = await (isScript ? loadScript(given) : loadFile(given));
  noteOrigin(scenario, given);
  return scenario;
}

async function loadFile(file: string): Promise<Scenario> {
  // YAML and its schema take a while to load; most runs need neither.
  const { MAX_SCENARIO_BYTES, parseScenario } = await import('./file.ts');
  try {
    return parseScenario(textOf(file, MAX_SCENARIO_BYTES), file);
  } catch (error) {
    throw error instanceof InputError ? error.at(file) : error;
  }
}

/** The text of a file; what is wrong with what it says is no matter of reading it. */
function textOf(file: string, most: number): string {
  try {
    const stats = statSync(file);
    expectFile(file, stats);
    if (stats.size > most) throw new ScenarioError('file', `${file}: larger than ${most} bytes, which no scenario is`);
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw unreadable(file, error);
  }
}

async function loadScript(file: string): Promise<Scenario> {
  try {
    expectFile(file, statSync(file));
    readFileSync(file);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw unreadable(file, error);
  }
  let module: { readonly default?: unknown; readonly scenario?: unknown };
  const exit = process.exit.bind(process);
  try {
    provideOwnPackage();
    // A script that ended the program here would end it without a word, and with whatever code it likes.
    process.exit = () => {
      throw new Error('the script calls process.exit()');
    };
    module = (await import(pathToFileURL(resolve(file)).href)) as typeof module;
  } catch (error) {
    if (error instanceof InputError) throw error.at(file);
    throw new ScenarioError(
      'script',
      `${placeIn(file, error)}: ${error instanceof Error ? error.message : String(error)}`,
      {
        cause: error,
      },
    );
  } finally {
    process.exit = exit;
  }
  const scenario = module.default ?? module.scenario;
  if (!isScenario(scenario)) {
    throw new ScenarioError(
      'script',
      `${file}: exports no scenario: export default defineScenario({ id, title, description, parameters, script }); properties is a list, mutations one of objects with id, title, source and shown`,
    );
  }
  return scenario;
}

/** The file with the line in it that an error's stack names first, where it names one. */
function placeIn(file: string, error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const places = [pathToFileURL(resolve(file)).href, resolve(file)].flatMap((name) => {
    const at = stack.indexOf(`${name}:`);
    return at < 0 ? [] : [stack.slice(at + name.length)];
  });
  const line = /^:(\d+)/.exec(places[0] ?? '')?.[1];
  return line === undefined ? file : `${file}:${line}`;
}

function isScenario(value: unknown): value is Scenario {
  if (typeof value !== 'object' || value === null) return false;
  const { id, parameters, script, properties = [], mutations = [] } = value as Partial<Scenario>;
  if (!Array.isArray(properties) || !Array.isArray(mutations) || !mutations.every(isMutation)) return false;
  return (
    typeof id === 'string' && typeof parameters === 'object' && parameters !== null && typeof script === 'function'
  );
}

function isMutation(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { id, title, source, shown } = value as Partial<Mutation>;
  return [id, title, source].every((text) => typeof text === 'string') && Array.isArray(shown);
}
