// The entry of the worker. What it exports is `irqbypass-lab` for scripts: they get the very modules that run here.
import * as Comlink from 'comlink';
import { InputError } from '../../engine/input-error.ts';
import type { Scenario } from '../../scenarios/define.ts';
import { noteOrigin } from '../../scenarios/origin.ts';
import { Lab } from './lab.ts';
import type { ScriptModule } from '../session/script-module.ts';
import { moduleText } from '../session/script-module.ts';
import { passErrors } from './pass-errors.ts';

export * from '../../scenarios/index.ts';

/** Loads the module of a user's script; the page's address of it, never one that a link names. */
async function load(url: string, file: string): Promise<Scenario> {
  let module: { readonly default?: unknown; readonly scenario?: unknown };
  try {
    module = (await import(/* @vite-ignore */ url)) as typeof module;
  } catch (error) {
    if (error instanceof InputError) throw error.at(file);
    throw new InputError('IRQB206', `${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
  const scenario = (module.default ?? module.scenario) as Scenario;
  noteOrigin(scenario, file);
  return scenario;
}

/** Addresses for modules whose text is at hand; what a module imports comes before it. Answers that of the last one. */
function addressOf(modules: readonly ScriptModule[]): string {
  const urls: string[] = [];
  for (const module of modules) {
    const text = moduleText(module, (one) => (one === 'package' ? import.meta.url : (urls[one] ?? '')));
    urls.push(URL.createObjectURL(new Blob([text], { type: 'text/javascript' })));
  }
  return urls.at(-1) ?? '';
}

/** The laboratory, with the user's scripts. */
class WorkerLab extends Lab {
  /** Loads a script, by its address or by its modules, and takes its scenario in. Answers its id. */
  async script(source: string | readonly ScriptModule[], file: string): Promise<string> {
    const scenario = await load(typeof source === 'string' ? source : addressOf(source), file);
    this.add(scenario);
    return scenario.id;
  }
}

export type { WorkerLab };

passErrors();
Comlink.expose(new WorkerLab());
