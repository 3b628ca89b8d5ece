// Equal messages in the channels of two actors: a search could not tell them apart, so they are refused.
import { describe, expect, it } from 'vitest';
import type { Machine } from '../../../src/engine/index.ts';
import { explore, handlers, machine, MachineError, post, World } from '../../../src/engine/index.ts';

type Context = { readonly self: string };
const { act } = handlers<Context, { readonly type: 'go' | 'note' }>();

/** Sends a note once, in its own channel. */
const sender = (signs: boolean): Machine =>
  machine<Context, { readonly type: 'go' | 'note' }>({
    id: 'sender',
    title: 'Sends a note',
    sends: ['note'],
    actsByItself: {
      offers: ({ value }) => (value === 'before' ? [{ type: 'go' }] : []),
      isDone: ({ value }) => value === 'after',
    },
    context: ({ self }) => ({ self }),
    handlers: {
      send: act(({ context: { self } }) =>
        post('box', { type: 'note', ...(signs ? { from: self } : {}) }, self as never),
      ),
    },
    chart: {
      initial: 'before',
      states: { before: { on: { go: { target: 'after', actions: 'send' } } }, after: {} },
    },
  });

const box: Machine = machine<Context, { readonly type: 'note' }>({
  id: 'box',
  title: 'Takes notes',
  sends: [],
  context: ({ self }) => ({ self }),
  chart: { on: { note: {} } },
});

const worldOf = (signs: boolean): World => {
  const machineOfSender = sender(signs);
  return new World({
    actors: [
      { name: 'box', machine: box },
      { name: 's0', machine: machineOfSender, program: {} },
      { name: 's1', machine: machineOfSender, program: {} },
    ],
  });
};

describe('equal messages in two channels', () => {
  it('are refused, with the remedy', async () => {
    const search = explore(worldOf(false), { properties: [] });
    await expect(search).rejects.toThrow(MachineError);
    await expect(search).rejects.toMatchObject({
      code: 'IRQB312',
      message: 'box.note() travels in the channels of s0 and s1: it cannot be told whose it is',
      hint: 'give the message a field with the name of its sender',
    });
  });

  it('are no such thing where each names its sender', async () => {
    expect(await explore(worldOf(true), { properties: [] })).toMatchObject({ states: 9, transitions: 12 });
  });
});
