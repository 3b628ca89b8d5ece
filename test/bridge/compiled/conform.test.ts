// Compiled C beside the model: what does the same is told so, what does not is told apart by a short sequence.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConformReport } from '../../../src/bridge/compiled/conform.ts';
import { Conformance } from '../../../src/bridge/compiled/conform.ts';
import type { CompiledProgram } from '../../../src/bridge/compiled/compile.ts';
import { compile, removeProgram } from '../../../src/bridge/compiled/compile.ts';
import { CompiledManager } from '../../../src/bridge/compiled/compiled-manager.ts';
import type { Coverage } from '../../../src/bridge/compiled/coverage.ts';
import { coverageOf } from '../../../src/bridge/compiled/coverage.ts';
import { kernelFileOfTree } from '../../../src/bridge/compiled/kernel-file.ts';
import { callText } from '../../../src/bridge/manager-calls.ts';
import { revisionOf } from '../../../src/scenarios/assembled.ts';
import { isLong, sample } from '../../sample.ts';
import { hasDebian, Scratch, standIn } from './kernel-trees.ts';

const scratch = new Scratch();
afterAll(() => scratch.remove());

const TWO = { producers: 2, consumers: 2, eventfds: 2 };
/** Two producers, so that one is in the way of the other. */
const PAIR = { producers: 2, consumers: 1, eventfds: 1 };
const FEW = { producers: 2, consumers: 2, eventfds: 1 };

async function conformed(
  tree: string,
  scope = TWO,
  revision?: string,
  maxSeconds = 500,
): Promise<{
  readonly report: ConformReport;
  readonly coverage: Coverage | null;
  readonly xarray: CompiledProgram['xarray'];
}> {
  // Of what differs nobody asks how much of it was covered.
  const counts = revision === undefined;
  const program = await compile(kernelFileOfTree(tree), { counts });
  try {
    const only = revision === undefined ? {} : { revision: revisionOf(revision) };
    const report = await new Conformance(program, { scope, ...only, maxSeconds }).run();
    return { report, coverage: counts ? await coverageOf(program) : null, xarray: program.xarray };
  } finally {
    removeProgram(program);
  }
}

const sizes = ({ parts }: ConformReport): unknown =>
  parts.map(({ report: { states, transitions } }) => [states, transitions]);

const witnesses = ({ differences }: ConformReport): unknown =>
  differences.map(({ summary, calls }) => [summary, calls.map(callText)]);

describe('a tree with lists', () => {
  // Where Debian's sources are installed they are what npm test looks at.
  it.runIf(isLong || !hasDebian('6.12'))('behaves like base, in every part, complete', async () => {
    const { report, coverage } = await conformed(standIn('list'));
    expect(report.differences).toEqual([]);
    expect(report).toMatchObject({ behavesLike: { id: 'base' }, isComplete: true, sanitizers: [] });
    expect(sizes(report)).toEqual([
      [60, 3600],
      [60, 3600],
      [124, 7440],
      [18, 1080],
      [18, 1080],
      [677, 79_209],
      [561, 65_637],
      [599, 194_076],
    ]);
    expect(coverage?.lines).toBeGreaterThanOrEqual(0.97);
    expect(coverage?.branches).toBeGreaterThanOrEqual(0.92);
  });

  // What can be seen of its sets is not needed to tell revisions apart.
  it.runIf(isLong)('whose sets have other names is told all the same', async () => {
    const tree = scratch.altered(
      'list',
      'static LIST_HEAD(producers);',
      '#define producers senders\nstatic LIST_HEAD(producers);',
    );
    const { report } = await conformed(tree, PAIR, 'base');
    expect(report).toMatchObject({ behavesLike: { id: 'base' }, isComplete: true });
  });

  const changes = [
    ['a condition turned round', 'if (!p->token)\n\t\treturn -EINVAL;', 'if (p->token)\n\t\treturn -EINVAL;'],
    [
      'a reference that is kept',
      'refuse:\n\tmutex_unlock(&both);\n\tmodule_put(THIS_MODULE);\n\treturn error;\n}\nEXPORT_SYMBOL_GPL(irq_bypass_register_producer)',
      'refuse:\n\tmutex_unlock(&both);\n\treturn error;\n}\nEXPORT_SYMBOL_GPL(irq_bypass_register_producer)',
    ],
    ['the wrong set', 'list_add(&p->node, &producers)', 'list_add(&p->node, &consumers)'],
    [
      'another errno',
      'if (producer_with(p->token)) {\n\t\terror = -EBUSY;',
      'if (producer_with(p->token)) {\n\t\terror = -EEXIST;',
    ],
    [
      'another order',
      '\tif (p->stop)\n\t\tp->stop(p);\n\tif (c->stop)\n\t\tc->stop(c);',
      '\tif (c->stop)\n\t\tc->stop(c);\n\tif (p->stop)\n\t\tp->stop(p);',
    ],
    [
      'a mutex that is kept',
      '\tlist_add(&p->node, &producers);\n\tmutex_unlock(&both);',
      '\tlist_add(&p->node, &producers);',
    ],
  ] as const;
  it.each(sample(changes, 3, 1))('with %s differs, by a sequence of at most six calls', async (_, text, by) => {
    const { report } = await conformed(scratch.altered('list', text, by), PAIR, 'base');
    expect(report.behavesLike).toBe(null);
    const [shortest] = report.differences;
    expect(shortest?.calls.length).toBeLessThanOrEqual(6);
  });
});

describe('a tree with xarrays', () => {
  const expected = [
    [58, 3480],
    [58, 3480],
    [91, 5460],
    [9, 540],
    [9, 540],
    isLong ? [12_602, 4_083_048] : [140, 26_880],
  ];

  it('behaves like v2p8', async () => {
    const { report, coverage, xarray } = await conformed(standIn('xarray'), isLong ? TWO : FEW);
    expect(xarray).toEqual({ of: 'shim', why: 'the tree has no lib/xarray.c' });
    expect(report.differences).toEqual([]);
    expect(report).toMatchObject({ behavesLike: { id: 'v2p8' }, isComplete: true, sanitizers: [] });
    expect(sizes(report)).toEqual(expected);
    expect(coverage?.lines).toBeGreaterThanOrEqual(0.97);
    expect(coverage?.branches).toBeGreaterThanOrEqual(0.92);
  });

  // Nodes of 8 slots make deeper trees: what is observed is the same, and how many states there are.
  it.each((isLong ? ['6.12', '6.1'] : []).filter(hasDebian))(
    'with lib/xarray.c of Linux %s behaves like v2p8, too',
    async (version) => {
      const tree = scratch.withXarrayOf(version);
      const { report, coverage, xarray } = await conformed(tree, isLong ? TWO : FEW);
      expect(xarray).toEqual({ of: 'tree' });
      expect(report.differences).toEqual([]);
      expect(report).toMatchObject({ behavesLike: { id: 'v2p8' }, isComplete: true, sanitizers: [] });
      expect(sizes(report)).toEqual(expected);
      expect(coverage?.lines).toBeGreaterThanOrEqual(0.97);
      expect(coverage?.branches).toBeGreaterThanOrEqual(0.92);
      if (!isLong) return;
      const program = await compile(kernelFileOfTree(tree), { chunkShift: 3 });
      try {
        const deep = await new Conformance(program, { scope: FEW, revision: revisionOf('v2p8') }).run();
        expect(deep).toMatchObject({ behavesLike: { id: 'v2p8' }, isComplete: true, sanitizers: [] });
        expect(sizes(deep)).toEqual([...expected.slice(0, -1), [140, 26_880]]);
      } finally {
        removeProgram(program);
      }
    },
  );

  // Half a minute of compiling: in test:long.
  it.runIf(isLong && hasDebian('6.12'))(
    'with lib/xarray.c of Linux 6.12 that is changed without the mutex is told so',
    async () => {
      const tree = scratch.withXarrayOf('6.12');
      const file = join(tree, 'virt', 'lib', 'irqbypass.c');
      writeFileSync(file, readFileSync(file, 'utf8').replaceAll('\tguard(mutex)(&both);\n', ''));
      const { report } = await conformed(tree, { producers: 1, consumers: 1, eventfds: 1 }, 'v2p8');
      expect(report.differences.map(({ summary }) => summary)).toContain(
        'register_consumer: trouble: changes a set without the mutex',
      );
    },
  );

  const headers = { 'include/linux/xarray.h': 'struct xarray { void *xa_head; };\n' };
  it.each(
    sample(
      [
        ['a header that is not there', { 'lib/xarray.c': 'int harmless;\n' }, 'the tree has no include/linux/xarray.h'],
        [
          'a header that the harness has not',
          { ...headers, 'lib/xarray.c': '#include <linux/nonsense.h>\n' },
          'lib/xarray.c:1:10: fatal error: linux/nonsense.h: No such file or directory',
        ],
        [
          'a symbol that the harness has not',
          { ...headers, 'lib/xarray.c': '#include <linux/xarray.h>\nint of(void) { return nonsense; }\n' },
          'lib/xarray.c:2:23: error: ‘nonsense’ undeclared',
        ],
      ] as const,
      3,
      1,
    ),
  )('with %s has an XArray of the harness’s own', async (_, files, why) => {
    const { report, xarray } = await conformed(scratch.with('xarray', files), PAIR, 'v2p8');
    expect(report.behavesLike?.id).toBe('v2p8');
    expect(xarray).toMatchObject({ of: 'shim', why: expect.stringContaining(why.replaceAll(/[‘’]/g, "'")) as string });
  });

  it('with the test of NULL put back is told apart by one call', async () => {
    const tree = scratch.altered(
      'xarray',
      'if (WARN_ON_ONCE(p->eventfd))\n\t\treturn -EINVAL;',
      'if (!eventfd)\n\t\treturn -EINVAL;\n\tif (WARN_ON_ONCE(p->eventfd))\n\t\treturn -EINVAL;',
    );
    const { report } = await conformed(tree, FEW);
    expect(report).toMatchObject({ behavesLike: null, nearest: { id: 'v2p8' } });
    expect(witnesses(report)).toContainEqual([
      'register_producer, key NULL: returns 0, then -EINVAL; producers: 0 more, 1 fewer',
      ['register_producer(p0, NULL)'],
    ]);
  });
});

describe('what only some comparisons see', () => {
  const found = async (which: 'list' | 'xarray', text: string, by: string, revision: string): Promise<string[]> => {
    const one = { producers: 1, consumers: 1, eventfds: 1 };
    const { report } = await conformed(scratch.altered(which, text, by), one, revision);
    return report.differences.map(({ summary }) => summary);
  };

  it('an irq that is written late', async () => {
    const differences = await found(
      'xarray',
      '\tp->irq = irq;\n\tguard(mutex)(&both);',
      '\tguard(mutex)(&both);\n\tp->irq = irq;',
      'v2p8',
    );
    expect(differences).toContainEqual(expect.stringContaining('irqs: 1 more, 1 fewer'));
  });

  it('a list that is changed after the mutex was given back', async () => {
    const differences = await found(
      'list',
      '\tlist_add(&p->node, &producers);\n\tmutex_unlock(&both);',
      '\tmutex_unlock(&both);\n\tlist_add(&p->node, &producers);',
      'base',
    );
    expect(differences[0]).toBe('register_producer: trouble: changes a set without the mutex');
  });

  it('a binding that is cleared before the start callbacks', async () => {
    const differences = await found(
      'xarray',
      '\tresume_pair(p, c);\n\tp->consumer = NULL;',
      '\tp->consumer = NULL;\n\tresume_pair(p, c);',
      'v2p8',
    );
    expect(differences).toContain('unregister_producer: start sees another binding');
  });

  it('a callback without the mutex', async () => {
    const differences = await found(
      'xarray',
      '\tif (c->producer)\n\t\tpart(c->producer, c);\n',
      '\tmutex_unlock(&both);\n\tif (c->producer)\n\t\tpart(c->producer, c);\n\tmutex_lock(&both);\n',
      'v2p8',
    );
    expect(differences).toContain('unregister_consumer: trouble: calls a callback without the mutex');
  });
});

describe.each(isLong ? ['6.12', '6.1'] : ['6.12'])('linux-source-%s', (version) => {
  it.skipIf(!hasDebian(version))(
    `behaves like base${hasDebian(version) ? '' : ` (install linux-source-${version})`}`,
    async () => {
      const { report, coverage } = await conformed(scratch.debian(version), isLong ? TWO : FEW);
      expect(report.differences).toEqual([]);
      expect(report).toMatchObject({ behavesLike: { id: 'base' }, isComplete: true, sanitizers: [] });
      expect(coverage?.lines).toBeGreaterThanOrEqual(0.97);
      expect(coverage?.branches).toBeGreaterThanOrEqual(0.92);
    },
  );
});

describe('code that does what no manager may', () => {
  const shortest = async (which: 'list' | 'xarray', text: string, by: string): Promise<unknown> => {
    const { report } = await conformed(
      scratch.altered(which, text, by),
      { producers: 1, consumers: 1, eventfds: 1 },
      'base',
      3,
    );
    const troubles = report.differences.flatMap(({ to }) => (to.trouble === null ? [] : [to.trouble]));
    return [report.behavesLike, [...new Set(troubles)]];
  };

  // exit_group(3) of x86: C that is compiled without libc has no exit().
  it.runIf(process.arch === 'x64')('and ends the harness is an error that says in which state', async () => {
    const dies = shortest(
      'list',
      '\tif (producer_with(p->token)) {\n\t\terror',
      '\tif (producer_with(p->token)) {\n\t\t__asm__ volatile("syscall" :: "a"(231), "D"(3));\n\t\terror',
    );
    await expect(dies).rejects.toMatchObject({
      code: 'IRQB503',
      message: expect.stringContaining('the compiled code ended the harness (exit code 3)') as string,
      where: 'in the first state',
    });
  });

  it('and meets a trap is told by it', async () => {
    expect(
      await shortest(
        'list',
        '\tlist_add(&p->node, &producers);',
        '\tif (!list_empty(&consumers))\n\t\t__builtin_trap();\n\tlist_add(&p->node, &producers);',
      ),
    ).toEqual([null, ['trap']]);
  });

  it('and hangs is stopped', async () => {
    expect(
      await shortest(
        'list',
        '\tif (!p->token)\n\t\treturn -EINVAL;',
        '\twhile (p->token)\n\t\t__asm__ volatile("");\n\tif (!p->token)\n\t\treturn -EINVAL;',
      ),
    ).toEqual([null, ['does not return']]);
  });

  it('and follows a wild pointer is told as a page fault', async () => {
    expect(
      await shortest(
        'list',
        '\tlist_add(&p->node, &producers);',
        '\t*(volatile int *)8 = 1;\n\tlist_add(&p->node, &producers);',
      ),
    ).toEqual([null, ['page fault']]);
  });

  it('and writes beyond a struct is told by the sanitizer', async () => {
    const [, troubles] = (await shortest(
      'list',
      '\tlist_add(&p->node, &producers);',
      '\t((volatile char *)p)[sizeof(*p)] = 1;\n\tlist_add(&p->node, &producers);',
    )) as [unknown, string[]];
    expect(troubles[0]).toContain('AddressSanitizer: global-buffer-overflow');
  });
});

describe('memory that code allocates', () => {
  const memory = (text: string): Promise<ConformReport> => {
    const tree = scratch.altered(
      'xarray',
      '\tp->irq = irq;\n',
      `\tp->irq = irq;\n\t{\n\t\tstatic void **kept[2];\n${text}\t}\n`,
    );
    const file = join(tree, 'virt', 'lib', 'irqbypass.c');
    writeFileSync(file, `#include <linux/slab.h>\n${readFileSync(file, 'utf8')}`);
    return conformed(tree, PAIR, 'v2p8').then(({ report }) => report);
  };

  it('and keeps is part of a state, wherever it lies', async () => {
    // Two pieces that change places with each call: there are both, one of the two or none, wherever.
    const report = await memory(
      '\t\tvoid **next = kmalloc(64, GFP_KERNEL);\n\t\tif (next)\n\t\t\tnext[0] = kept[0];\n\t\tkfree(kept[1]);\n\t\tkept[1] = kept[0];\n\t\tkept[0] = next;\n\t\tif (kept[0])\n\t\t\tkept[0][0] = NULL;\n',
    );
    expect(report).toMatchObject({ behavesLike: { id: 'v2p8' }, isComplete: true, sanitizers: [] });
    expect(report.parts.at(-1)?.report.states).toBe(4 * 58);
  });

  it('and has given back is not used', async () => {
    const report = await memory(
      '\t\tkept[0] = kmalloc(64, GFP_KERNEL);\n\t\tkfree(kept[0]);\n\t\tif (kept[0])\n\t\t\tkept[0][1] = p;\n\t\tkept[0] = NULL;\n',
    );
    expect(report.differences[0]?.to.trouble).toBe('AddressSanitizer: use-after-poison');
  });

  it('and gives back twice is told', async () => {
    const report = await memory(
      '\t\tkept[0] = kmalloc(64, GFP_KERNEL);\n\t\tkfree(kept[0]);\n\t\tkfree(kept[0]);\n\t\tkept[0] = NULL;\n',
    );
    expect(report.differences[0]?.to.trouble).toBe('frees what is not allocated');
  });
});

describe('the harness', () => {
  let program: CompiledProgram;
  beforeAll(async () => {
    program = await compile(kernelFileOfTree(standIn('list')));
  });
  afterAll(() => removeProgram(program));

  it('comes back to any state', async () => {
    const manager = await CompiledManager.start(program, { scope: FEW });
    const register = { op: 'register_producer', object: 'p0', eventfd: 'e0' } as const;
    const [first] = await manager.performAll(0, [register]);
    const [busy] = await manager.performAll(first?.state ?? -1, [{ ...register, object: 'p1' }]);
    const [again] = await manager.performAll(0, [register]);
    expect(again).toEqual(first);
    expect(busy?.observed).toMatchObject({
      returns: -16,
      producers: ['e0 p0'],
      keys: ['p0 e0', 'p1 e0'],
      references: 1,
    });
    await manager.close();
  });

  it('lets a call come while another waits for the mutex', async () => {
    const manager = await CompiledManager.start(program, { scope: FEW });
    const [made] = await manager.performAll(0, [
      {
        op: 'register_producer',
        object: 'p0',
        eventfd: 'e0',
        race: { op: 'register_consumer', object: 'c0', eventfd: 'e0' },
      },
    ]);
    expect(made?.observed).toMatchObject({ returns: 0, bindings: ['p0 c0'], race: { returns: 0, callbacks: [] } });
    expect(made?.observed.callbacks[3]).toBe('c0.add_producer(p0)=0');
    await manager.close();
  });
});
