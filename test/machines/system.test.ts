// Worlds of a device assignment do what litmus sequences written from the kernel say; and what two threads may do to each other.
import { describe, expect, it } from 'vitest';
import type { Litmus } from './litmus-table.ts';
import { litmus } from './litmus-table.ts';
import { returned, sees, SystemRun } from './system-run.ts';

/** The weak stop and start of x86 do nothing: the machines leave them out. */
const withoutStopAndStart = (text: string): string =>
  text
    .split(' ')
    .filter((one) => !/^c\d+\.(stop|start)$/.test(one))
    .join(' ');

/** Runs a sequence; answers it with what happened in place of what should. */
function performed({ title, vms, exclusive, fails, lines }: Litmus, revision: string): unknown[] {
  const vectors = title.startsWith('two vectors') ? 2 : 1;
  const run = new SystemRun({ vectors, vms, exclusive, fails }, { t0: lines.map(({ call }) => call) }, revision);
  return lines.map(({ call }) => {
    const steps = run.call('t0');
    return { call, returns: returned(steps, 't0'), sees: sees(steps, ['t0']), state: run.state() };
  });
}

const expected = ({ lines }: Litmus): unknown[] =>
  lines.map(({ call, returns = 0, sees: seen = '', state }) => ({
    call,
    returns,
    sees: withoutStopAndStart(seen),
    state,
  }));

describe.each(['base', 'v2p2', 'v2p3', 'v2p6', 'v2p8'])('litmus sequences on %s', (revision) => {
  for (const one of litmus) {
    it(one.title, () => {
      expect(performed(one, revision)).toEqual(expected(one));
    });
  }
});
