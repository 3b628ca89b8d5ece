// Sequences as files: what is wrong is named with its line; what is generated is what the test program understands.
import { describe, expect, it } from 'vitest';
import { hostSuites } from '../../../src/bridge/host/host-check.ts';
import { commandsFor } from '../../../src/bridge/host/host-sequences.ts';
import { commandNames, sequenceOf } from '../../../src/bridge/host/sequence.ts';
import { readFileSync } from 'node:fs';
import { revisionOf } from '../../../src/scenarios/assembled.ts';

describe('a file', () => {
  it('is read, comments left out', () => {
    expect(sequenceOf('vm 0 2 # two vCPUs\n\nefd 0\n', 'a.s')).toEqual([
      { line: 1, words: ['vm', '0', '2'] },
      { line: 3, words: ['efd', '0'] },
    ]);
  });

  it.each([
    ['fly 1', 'a.s:2', 'unknown command fly'],
    ['vm', 'a.s:2', 'vm wants other words'],
    ['route 0 32 msi', 'a.s:2', 'route wants other words'],
    ['vec 0 0 $(touch pwned)', 'a.s:2', 'vec wants other words'],
    ['dev 0 ../../etc', 'a.s:2', 'dev wants other words'],
  ])('%s', (line, where, message) => {
    expect(() => sequenceOf(`efd 0\n${line}\n`, 'a.s')).toThrow(
      expect.objectContaining({ code: 'IRQB613', where }) as Error,
    );
    expect(() => sequenceOf(`efd 0\n${line}\n`, 'a.s')).toThrow(message);
  });

  it('knows the commands of the test program, and no other', () => {
    const program = readFileSync('src/bridge/host/guest/irqtest.c', 'utf8');
    const understood = [...program.matchAll(/IS\("(\w+)"\)/g)].map(([, name]) => name);
    expect(commandNames.toSorted()).toEqual(understood.toSorted());
  });
});

describe('what is generated', () => {
  const suites = hostSuites(revisionOf('6.18'), 30);

  it('is as many as were asked for, of every shape, and each another', () => {
    expect(suites.map(({ sequences }) => sequences.length)).toEqual([15, 9, 6]);
    const texts = suites.flatMap(({ sequences }) => sequences.map((one) => commandsFor(one).text));
    // GICv3 and GICv4 play the same: what is seen of it differs.
    expect(new Set(texts).size).toBe(24);
  });

  it('can be played', () => {
    for (const { sequences } of suites)
      for (const one of sequences) expect(() => sequenceOf(commandsFor(one).text, one.name)).not.toThrow();
  });

  it('meets connects, disconnects, failures, two irqfds of one eventfd, and every call', () => {
    const steps = suites.flatMap(({ sequences }) => sequences.flatMap((one) => one.steps));
    const manager = new Set(
      steps.flatMap(({ seen }) => seen.manager).map((text) => text.replaceAll(/\d/g, '').replace(/=-$/, '=-N')),
    );
    for (const text of ['c.add_producer(p)=', 'c.del_producer(p)', 'register_producer(p)=-N', 'unregister_consumer(c)'])
      expect(manager).toContain(text);
    const results = new Set(steps.map(({ call, seen }) => `${call.split('(')[0]} ${seen.returns}`));
    for (const text of ['irqfd_assign -16', 'irqfd_assign -9', 'set_irqs -9']) expect(results).toContain(text);
    const calls = new Set(steps.map(({ call }) => call.split('(')[0]));
    expect(calls.size).toBe(11);
  });
});
