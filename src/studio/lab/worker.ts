// The entry of the worker. What it exports is `irqbypass-lab` for scripts: they get the very modules that run here.
import * as Comlink from 'comlink';
import { InputError } from '../../engine/input-error.ts';
import type { Scenario } from '../../scenarios/define.ts';
import { noteOrigin } from '../../scenarios/origin.ts';
import { Lab } from './lab.ts';
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

/** The laboratory, with the user's scripts. */
class WorkerLab extends Lab {
  /** Loads a script and takes its scenario in. Answers its id. */
  async script(url: string, file: string): Promise<string> {
    const scenario = await load(url, file);
    this.add(scenario);
    return scenario.id;
  }
}

export type { WorkerLab };

passErrors();
Comlink.expose(new WorkerLab());
