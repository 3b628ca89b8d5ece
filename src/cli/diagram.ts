// irqbypass diagram: a machine, or a scenario's run, as a picture.
import { stateDiagram } from '../engine/diagrams/mermaid.ts';
import { revisionOf } from '../scenarios/assembled.ts';
import { UnknownNameError } from '../scenarios/scenario-error.ts';
import { scenarios } from '../scenarios/builtin.ts';
import { isMachineId, machineIds, machinesOf } from '../scenarios/machines.ts';
import { formatByEnding } from './endings.ts';
import { exitCode } from './exit-codes.ts';
import { run } from './run/run.ts';
import type { CommonOptions } from './terminal.ts';
import { createTerminal, writeFileWhole } from './terminal.ts';

export interface DiagramCommandOptions extends CommonOptions {
  readonly format?: string;
  readonly out?: string;
  readonly revision?: string;
}

/** Draws a machine as a state diagram, or a scenario as a sequence diagram of one run. */
export async function diagram(given: string, options: DiagramCommandOptions): Promise<number> {
  const format = options.format ?? 'mermaid';
  if (format !== 'mermaid') throw new UnknownNameError('format', format, ['mermaid'], 'known: mermaid');
  if (options.out !== undefined && options.format === undefined)
    formatByEnding('--out', options.out, { '.mmd': format }, '; or say --format mermaid');
  const revision = revisionOf(options.revision);
  const machine = isMachineId(given) ? machinesOf(revision.policy, 'clean')[given] : undefined;
  if (machine === undefined) {
    const isScenario = scenarios.some(({ id }) => id === given) || given.includes('.');
    if (!isScenario)
      throw new UnknownNameError(
        'machine or scenario',
        given,
        [...machineIds, ...scenarios.map(({ id }) => id)],
        'irqbypass list machines, irqbypass list scenarios',
      );
    await run(given, { ...options, format: 'mermaid' });
    return exitCode.ok;
  }
  const text = stateDiagram(machine, { title: revision.id });
  const terminal = createTerminal(options);
  if (options.out !== undefined) writeFileWhole(options.out, text);
  if (options.json === true)
    terminal.print(JSON.stringify({ machine: machine.id, revision: revision.id, format, text }, null, 2));
  else if (options.out === undefined) terminal.print(text.trimEnd());
  return exitCode.ok;
}
