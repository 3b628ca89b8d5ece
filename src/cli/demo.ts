// irqbypass demo: the main job in half a minute, each part by the command that a user would type.
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { DEFAULT_SCENARIO } from '../scenarios/builtin.ts';
import { exitCode } from './exit-codes.ts';
import { explore } from './explore/explore.ts';
import { replay } from './replay.ts';
import type { CommonOptions } from './terminal.ts';
import { createTerminal } from './terminal.ts';

const MISUSE = 'double-unregister-race';

/** Runs the demonstration. Exit code 0 when the default scenario holds and the recorded kernel agrees. */
export async function demo(options: CommonOptions): Promise<number> {
  const terminal = createTerminal(options);
  const say = (command: string): void => terminal.print(terminal.style('cyan', `\n$ irqbypass ${command}`));
  say(`explore ${DEFAULT_SCENARIO}`);
  const holds = await explore(DEFAULT_SCENARIO, options);
  say(`explore ${MISUSE}`);
  const misuse = await explore(MISUSE, options);
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
