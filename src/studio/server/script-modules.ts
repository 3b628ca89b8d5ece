// A user's script as modules that a browser loads: types are stripped, and what is imported gets the addresses that it has there.
//
// A script imports `irqbypass-lab` and files beside it. `irqbypass-lab` is the worker's own module: the script shares its machines.
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { dirname, resolve } from 'node:path';
import { init, parse } from 'es-module-lexer';
import { ScenarioError } from '../../scenarios/scenario-error.ts';
import { unreadable } from '../../scenarios/files/load.ts';
import type { Imported, ScriptModule } from '../session/script-module.ts';

const PACKAGE = /^irqbypass-lab(?:\/engine)?$/;
const TYPESCRIPT = /\.m?ts$/;
/** Most modules of a script. */
const MODULES_MAX = 200;

/** Node strips types since 22.13 and says that this may change: that is not the user's concern. */
function withoutTypes(file: string, source: string): string {
  if (!TYPESCRIPT.test(file)) return source;
  const emitWarning = process.emitWarning.bind(process);
  process.emitWarning = () => undefined;
  try {
    return stripTypeScriptTypes(source);
  } catch (error) {
    throw new ScenarioError('script', `${file}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  } finally {
    process.emitWarning = emitWarning;
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw unreadable(file, error);
  }
}

/** Reads modules, each once; those that a module imports come before it. */
class Modules {
  readonly all: ScriptModule[] = [];
  readonly #known = new Map<string, number>();
  readonly #open = new Set<string>();

  /** Answers the number of a module. */
  add(file: string): number {
    const path = resolve(file);
    const known = this.#known.get(path);
    if (known !== undefined) return known;
    if (this.#open.has(path)) throw new ScenarioError('script', `${file}: modules that import each other`);
    if (this.all.length >= MODULES_MAX) throw new ScenarioError('script', `${file}: more than ${MODULES_MAX} modules`);
    this.#open.add(path);
    const text = withoutTypes(file, textOf(path));
    const parts: string[] = [];
    const imports: Imported[] = [];
    let end = 0;
    for (const one of parse(text, file)[0]) {
      if (one.type === 'import-meta') continue;
      // An import that is a call comes when the script runs, and is not for a page.
      imports.push(this.#imported(file, one.type === 'dynamic' ? undefined : one.specifier));
      parts.push(text.slice(end, one.start));
      end = one.end;
    }
    parts.push(text.slice(end));
    this.#open.delete(path);
    this.#known.set(path, this.all.length);
    this.all.push({ file, parts, imports });
    return this.all.length - 1;
  }

  #imported(file: string, specifier: string | undefined): Imported {
    if (specifier !== undefined && PACKAGE.test(specifier)) return 'package';
    if (specifier?.startsWith('.') === true) return this.add(resolve(dirname(file), specifier));
    throw new ScenarioError(
      'script',
      `${file}: imports ${specifier ?? 'what it names only when it runs'}, which the page has not`,
      { hint: 'irqbypass-lab and files beside the script, by their names' },
    );
  }
}

/**
 * Reads a script and the modules beside it that it imports.
 *
 * @param file - the script
 * @returns its modules; what a module imports comes before it, so the script itself is the last one
 * @throws ScenarioError (IRQB206) where it cannot be read as a module, or imports what a page has not
 * @throws UnreadableFileError where a file is not there
 */
export async function scriptModules(file: string): Promise<readonly ScriptModule[]> {
  await init();
  const modules = new Modules();
  try {
    modules.add(file);
  } catch (error) {
    // The lexer's own message has the place.
    if (!(error instanceof Error) || !('idx' in error)) throw error;
    throw new ScenarioError('script', error.message, { cause: error });
  }
  return modules.all;
}
