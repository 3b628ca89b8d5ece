// Report N3 as a user's script: the cycle and the deadlock, and neither where it is fixed.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { irqbypass } from '../engine/swarm/command.ts';

const file = 'examples/reports/n3-five-lock-cycle.ts';

interface Explored {
  readonly verdict: string;
  readonly states: number;
  readonly transitions: number;
  readonly violation?: { readonly property: string; readonly message: string; readonly steps: number };
  readonly otherViolations?: readonly { readonly property: string; readonly steps: number }[];
}

/** The command, as a user calls it. */
function explored(...options: string[]): { readonly status: number | null; readonly found: Explored } {
  const { status, stdout } = irqbypass('explore', file, '--json', ...options);
  return { status, found: JSON.parse(stdout) as Explored };
}

describe(file, () => {
  for (const [options, bug, fixed] of [
    [[], [1270, 3434], [1390, 3644]],
    [['--no-por'], [2500, 7492], [2715, 8411]],
  ] as const) {
    it(`finds the cycle of five classes and the deadlock, and neither with the fix ${options.join(' ')}`, () => {
      const { status, found } = explored(...options);
      expect([status, found.states, found.transitions]).toEqual([1, ...bug]);
      expect(found.violation).toMatchObject({ property: 'i-lockorder', steps: 5 });
      expect(found.violation?.message).toContain(
        'irq_bypass_lock -> kvm->lock -> vcpu->mutex -> mmap_lock -> memory_lock -> irq_bypass_lock;',
      );
      expect(found.otherViolations).toMatchObject([{ property: 'l-term', steps: 14 }]);
      const right = explored('--set', 'fixed=true', ...options);
      expect([right.status, right.found.verdict, right.found.states, right.found.transitions]).toEqual([
        0,
        'holds',
        ...fixed,
      ]);
    });
  }

  it('is a page, and imports only the package', () => {
    const text = readFileSync(file, 'utf8');
    expect(text.split('\n').length).toBeLessThanOrEqual(120);
    expect([...text.matchAll(/from '([^']+)'/g)].map(([, from]) => from)).toEqual(['irqbypass-lab']);
  });
});
