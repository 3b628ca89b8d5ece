// irqbypass demo: the main job in half a minute, each part by the command that a user would type.
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { DEFAULT_SCENARIO } from '../scenarios/builtin-names.ts';
import { exitCode } from './exit-codes.ts';
import { explore } from './explore/explore.ts';
import { programName } from './program-name.ts';
import { replay } from './replay.ts';
import type { CommonOptions } from './terminal.ts';
import { createTerminal } from './terminal.ts';

/** The strongest finding: whoever unregisters second evicts a newcomer. */
const MISUSE = 'double-unregister-race';
const EVICTED = 'i-owner';

/** Runs the demonstration. Exit code 0 when the default scenario holds and the recorded kernel agrees. */
export async function demo(options: CommonOptions): Promise<number> {
  const terminal = createTerminal(options);
  const say = (command: string): void => terminal.print(terminal.style('cyan', `\n$ ${programName()} ${command}`));
  say(`explore ${MISUSE} --property ${EVICTED}`);
  const misuse = await explore(MISUSE, { ...options, property: [EVICTED] });
  terminal.say(
    '\nOn a host: the interrupts of p1 go on to the guest, but the manager has lost p1. The next producer that registers ' +
      'under this eventfd is connected to the same consumer, which then has two.\n',
  );
  say(`explore ${DEFAULT_SCENARIO}`);
  const holds = await explore(DEFAULT_SCENARIO, options);
  const fixtures = fileURLToPath(new URL('../../test/fixtures/recorded/', import.meta.url));
  let agrees: number = exitCode.ok;
  if (existsSync(fixtures)) {
    say('replay test/fixtures/recorded/*.gz');
    agrees = await replay(
      readdirSync(fixtures)
        .filter((file) => file.endsWith('.gz'))
        .map((file) => `${fixtures}${file}`),
      options,
    );
  }
  return holds === exitCode.ok && misuse === exitCode.violated && agrees === exitCode.ok
    ? exitCode.ok
    : exitCode.violated;
}
