// References on irqbypass.ko, as a family of one word: they are counted and never looked at, so that a machine's work does
// not depend on how many there are.
//
// Kernel source: try_module_get() and module_put() in virt/lib/irqbypass.c, Linux 4.4 to 6.16 (fa079a0616ed drops them).
import type { Family } from '../../engine/actors/family.ts';

/** `get`, `put`, and `count` for those who look at a state. */
export const moduleReferences: Family = {
  id: 'module_references',
  operations: [
    { name: 'count', values: [], reads: true },
    { name: 'get', values: [], reads: false },
    { name: 'put', values: [], reads: false },
  ],
  layOut: () => ({
    columns: [{ holds: 'value' }],
    perform(words, host, operation) {
      const count = Number(host.valueOf(words.get(0)));
      if (operation === 0) return host.idOf(count);
      const next = count + (operation === 1 ? 1 : -1);
      // No reference is the word as it was at first.
      words.set(0, next === 0 ? 0 : host.idOf(next));
      return 0;
    },
  }),
};
