// A world by its small parts: what its choices are called and whose they are, in which order messages stand, what is refused.
import { describe, expect, it } from 'vitest';
import type { ActsByItself } from '../../../src/engine/actors/machine.ts';
import { machine } from '../../../src/engine/actors/machine.ts';
import { CALL_DEPTH_MAX } from '../../../src/engine/world/call-depth.ts';
import type { Choice, Row } from '../../../src/engine/world/world.ts';
import { World } from '../../../src/engine/world/world.ts';
import type { Context, Sent } from './note-world.ts';
import { box, note, theBox, theThread, thread, threadOf, worldOf } from './note-world.ts';

/** The state after some choices, by name. */
function after(world: World, ...names: readonly string[]): Row {
  let row = world.initial();
  for (const name of names) {
    const choice = world.choiceNamed(row, name);
    if (choice === undefined)
      throw new Error(
        `no ${name} among ${world
          .choices(row)
          .map((one) => world.nameOf(one))
          .join(', ')}`,
      );
    ({ row } = world.step(row, choice));
  }
  return row;
}
const namesAt = (world: World, row: Row): readonly string[] => world.choices(row).map((choice) => world.nameOf(choice));

describe('choices are called', () => {
  it('by what an actor does by itself, calls by what is called', () => {
    const names = (step: Sent): readonly string[] => {
      const world = worldOf([theBox, threadOf('t0', [step])]);
      return namesAt(world, world.initial());
    };
    expect(names(note('a'))).toEqual(['t0 note(a, false)']);
    expect(names({ type: 'call', call: { op: 'register', object: 'p0', fast: true } })).toEqual([
      't0 register(p0, fast=true)',
    ]);
    // What only looks like a call is a message like any other.
    expect(names({ type: 'call', call: 'by phone' })).toEqual(['t0 call(by phone, false)']);
    expect(names({ type: 'call', call: null })).toEqual(['t0 call(NULL, false)']);
  });

  it('by what is delivered, for whom it travels where nothing else says so, and what is answered', () => {
    const world = worldOf([
      { ...theBox, failures: [-5, -12] },
      threadOf('t0', [note('a')]),
      threadOf('t1', [note('b', 't1')]),
      threadOf('t2', [note('c')], { inBox: true }),
    ]);
    const row = after(world, 't0 note(a, false)', 't1 note(b, t1, false)', 't2 note(c, true)');
    expect(namesAt(world, row)).toEqual([
      // In the box's own channel; in that of t0, of whom the note does not speak; in that of t1, which has signed.
      'box.note(c)',
      'box.note(c) = -5',
      'box.note(c) = -12',
      'box.note(a) for t0',
      'box.note(a) = -5 for t0',
      'box.note(a) = -12 for t0',
      'box.note(b, t1)',
      'box.note(b, t1) = -5',
      'box.note(b, t1) = -12',
    ]);
    expect(world.choiceNamed(row, 'box.note(c) = -5')).toEqual(world.choices(row)[1]);
    expect(world.choiceNamed(row, 'box.note(z)')).toBeUndefined();
  });

  it('without the channel of an actor that a world has once', () => {
    const world = worldOf([theBox, threadOf('daemon', [note('a')])]);
    expect(namesAt(world, after(world, 'daemon note(a, false)'))).toEqual(['box.note(a)']);
  });

  it('like a message where a call is delivered', () => {
    const step: Sent = { type: 'call', call: { op: 'register', object: 'p0' } };
    const world = worldOf([theBox, threadOf('t0', [step])]);
    expect(namesAt(world, after(world, 't0 register(p0)'))).toEqual([
      'box.call({"op":"register","object":"p0"}) for t0',
    ]);
  });
});

describe('a step is', () => {
  it("its actor's, that of the thread in whose channel a message travels, or its recipient's", () => {
    const world = worldOf([
      theBox,
      threadOf('t0', [note('a'), note('z')]),
      threadOf('t1', [note('b')], { inBox: true }),
      { name: 't2', machine: theThread },
    ]);
    const row = after(world, 't0 note(a, false)', 't1 note(b, true)');
    const owners = world
      .choices(row)
      .map((choice) => [world.nameOf(choice), world.actors[world.whoseStep(choice)]?.address]);
    expect(owners).toEqual([
      ['t0 note(z, false)', 't0'],
      ['box.note(b)', 'box'],
      ['box.note(a) for t0', 't0'],
    ]);
    // Whom nobody has given a program does nothing by himself; what travels in his channel is his recipient's.
    const next = world.step(world.initial(), world.call('t2', { ...note('x'), inBox: false }));
    expect(world.choices(next.row).map((choice) => world.actors[world.whoseStep(choice)]?.address)).toEqual([
      't0',
      't1',
      'box',
    ]);
  });

  it('nobody’s who has to wait for another to be done', () => {
    const world = worldOf([theBox, threadOf('t0', [note('a')]), { ...threadOf('t1', [note('b')]), after: ['t0'] }]);
    expect(namesAt(world, world.initial())).toEqual(['t0 note(a, false)']);
    expect(namesAt(world, after(world, 't0 note(a, false)'))).toEqual(['t1 note(b, false)', 'box.note(a) for t0']);
  });
});

describe('messages in a channel', () => {
  it('stand by content, whoever came first, and what is taken out leaves no gap', () => {
    const texts = ['b', 'c', 'a'];
    const world = worldOf([
      theBox,
      threadOf(
        't0',
        texts.map((text) => note(text)),
        { inBox: true },
      ),
    ]);
    const row = after(world, 't0 note(b, true)', 't0 note(c, true)', 't0 note(a, true)');
    const inFlight = (one: Row): readonly (readonly [number, string])[] =>
      world.inFlight(one).map(({ column, event }) => [column, String(event.message['text'])]);
    const { start, slots } = world.channel(world.actor('box'));
    expect([slots, inFlight(row)]).toEqual([
      3,
      [
        [start, 'a'],
        [start + 1, 'b'],
        [start + 2, 'c'],
      ],
    ]);
    const takenB = world.step(row, world.choiceNamed(row, 'box.note(b)') as Choice).row;
    expect(inFlight(takenB)).toEqual([
      [start, 'a'],
      [start + 1, 'c'],
    ]);
    expect(world.isFinal(takenB)).toBe(false);
    const empty = after(
      world,
      't0 note(b, true)',
      't0 note(c, true)',
      't0 note(a, true)',
      'box.note(c)',
      'box.note(a)',
      'box.note(b)',
    );
    expect([inFlight(empty), world.isFinal(empty), world.isFinal(world.initial())]).toEqual([[], true, false]);
  });

  it('are before what is not there, and what is not there before nothing', () => {
    const world = worldOf([theBox]);
    const id = (text: string): number => world.call('box', note(text)).event + 1;
    const [z, a] = [id('z'), id('a')];
    expect([
      world.isBefore(a, z),
      world.isBefore(z, a),
      world.isBefore(a, a),
      world.isBefore(a, 0),
      world.isBefore(0, a),
      world.isBefore(0, 0),
    ]).toEqual([true, false, false, true, false, false]);
  });

  it('that are equal are one choice', () => {
    const world = worldOf([theBox, threadOf('t0', [note('a'), note('a')], { inBox: true })]);
    const row = after(world, 't0 note(a, true)', 't0 note(a, true)');
    expect([world.inFlight(row).length, namesAt(world, row)]).toEqual([2, ['box.note(a)']]);
  });

  it('are as many as the machine says, and no more', () => {
    const world = worldOf([theBox, threadOf('t0', [note('a'), note('b'), note('c')])]);
    const row = after(world, 't0 note(a, false)', 't0 note(b, false)');
    const [next] = world.choices(row);
    expect(() => world.step(row, next as Choice)).toThrow('more than 2 messages of t0 in flight');
  });
});

describe('function calls', () => {
  const deep = (left: number): (() => unknown) => {
    const world = worldOf([theBox]);
    return () => world.step(world.initial(), world.call('box', { type: 'down', left })).observations;
  };

  it('go as deep as they may, and no deeper', () => {
    expect(deep(CALL_DEPTH_MAX)()).toEqual([{ kind: 'bottom' }]);
    expect(deep(CALL_DEPTH_MAX + 1)).toThrow(/function calls without end: box\.down\(0\)/);
  });

  it('are told to who listens to some of it only', () => {
    const world = worldOf([theBox, threadOf('t0', [note('a')])]);
    const [first] = world.choices(world.initial());
    const told: unknown[] = [];
    const step = (listener: object) => world.step(world.initial(), first as Choice, undefined, listener);
    step({});
    step({ delivered: (_: number, from: unknown, depth: number) => told.push(['delivered', from, depth]) });
    step({ posted: (_: unknown, sender: unknown, channel: number) => told.push(['posted', sender, channel]) });
    expect(told).toEqual([
      ['delivered', null, 0],
      ['posted', 't0', world.actor('t0')],
    ]);
  });
});

describe('a world', () => {
  it('that is only hosted live has no rows', () => {
    const world = worldOf([theBox], { holdsRows: false });
    expect(() => world.initial()).toThrow('this world is only hosted live, it has no rows');
    expect(worldOf([theBox]).initial()).toHaveLength(worldOf([theBox]).width);
  });

  it('shares what is remembered with one of the same machines alone', () => {
    const one = worldOf([theBox, threadOf('t0', [])]);
    expect(new World({ actors: [theBox] }, one).transitions).toBe(one.transitions);
    const other = { name: 'o0', machine: thread() };
    expect(() => new World({ actors: [theBox, other] }, one)).toThrow(
      new RangeError('worlds of different machines cannot share transitions'),
    );
  });

  it('has no actors and no channels but its own', () => {
    const world = worldOf([theBox]);
    const { start, slots } = world.channel(0);
    expect([start, start + slots - 1].map((column) => world.channelAt(column))).toEqual([0, 0]);
    for (const column of [start - 1, start + slots])
      expect(() => world.channelAt(column)).toThrow(new RangeError(`column ${column} holds no messages`));
    expect(() => world.channel(1)).toThrow(new RangeError('no actor 1'));
    expect(() => world.actor('b1')).toThrow('no actor is called b1');
  });

  const broken = (): never => {
    throw new Error('broken');
  };

  it.each<readonly [string, Partial<ActsByItself>, string]>([
    ['isDone', { isDone: broken }, 'machine thread, isDone: broken'],
    ['offers', { offers: broken }, 'machine thread, offers: broken'],
    ['what offers answers', { offers: () => 'none' as never }, 'machine thread, offers answers none'],
  ])('names the machine whose %s is wrong', (_, overrides, message) => {
    const world = worldOf([theBox, { name: 't0', machine: thread(overrides), program: { steps: [note('a')] } }]);
    expect(() => [world.choices(world.initial()), world.isFinal(world.initial())]).toThrow(message);
  });

  it('names the machine whose variants are wrong', () => {
    const wrong = machine<Context, Sent>({
      ...(box.declaration as never as Parameters<typeof machine<Context, Sent>>[0]),
      variants: { note: broken },
    });
    const world = worldOf([{ name: 'box', machine: wrong }, threadOf('t0', [note('a')])]);
    expect(() => world.choices(after(world, 't0 note(a, false)'))).toThrow('machine box, variants of "note": broken');
  });
});
