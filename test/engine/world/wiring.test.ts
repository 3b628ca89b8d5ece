// Wiring that is missing, unknown or of the wrong machine is an error with its code, before anything runs.
import { describe, expect, it } from 'vitest';
import type { Machine } from '../../../src/engine/actors/machine.ts';
import { machine } from '../../../src/engine/actors/machine.ts';
import { InputError } from '../../../src/engine/input-error.ts';
import type { ActorDefinition } from '../../../src/engine/world/definition.ts';
import { WiringError, wiringErrors } from '../../../src/engine/world/wiring.ts';
import { World } from '../../../src/engine/world/world.ts';

const of = (id: string, wiring: Machine['declaration']['wiring'] = {}, kinds: readonly string[] = []): Machine =>
  machine({
    id,
    title: id,
    kinds,
    wiring,
    constants: { size: 1 },
    context: ({ self, wiring: given }) => ({ self, given }),
    chart: {},
  });

const lamp = of('lamp');
const lantern = of('lantern', {}, ['lamp']);
const cat = of('cat');
const button = of('button', { light: 'lamp', name: '*' });
const lamps: readonly ActorDefinition[] = [
  { name: 'l0', machine: lamp },
  { name: 'n0', machine: lantern },
  { name: 'c0', machine: cat },
];
const right = { light: 'l0', name: 'x0' };
const pressed = (more: Partial<ActorDefinition> = {}): ActorDefinition => ({
  name: 'b0',
  machine: button,
  wiring: right,
  ...more,
});

function wired(...actors: readonly ActorDefinition[]): World {
  return new World({ actors: [...lamps, ...actors], names: ['x0'] });
}

function expectWrong(kind: keyof typeof wiringErrors, details: object, ...actors: readonly ActorDefinition[]): void {
  let thrown: unknown = null;
  try {
    wired(...actors);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(WiringError);
  expect(thrown).toBeInstanceOf(InputError);
  expect(thrown).toMatchObject({ code: wiringErrors[kind], actor: 'b0', ...details });
}

const text = (...parts: readonly string[]): string => expect.stringMatching(parts.join('.*')) as string;

describe('wiring', () => {
  it('is what a machine is told: actors, what embeds one of a kind, names of no actor', () => {
    for (const light of ['l0', 'n0']) {
      const world = wired(pressed({ wiring: { light, name: 'x0' } }));
      const local = world.local(world.initial()[world.actor('b0')] ?? 0);
      expect(local.context).toEqual({ self: 'b0', given: { light, name: 'x0' } });
    }
    // `*` is any name, an actor's too.
    expect(() => wired(pressed({ wiring: { light: 'l0', name: 'c0' } }))).not.toThrow();
  });

  it('of a role that may be left out is left out, or right', () => {
    const dimmer = of('dimmer', { 'light?': 'lamp' });
    for (const wiring of [{}, { light: 'n0' }])
      expect(() => wired({ name: 'b0', machine: dimmer, wiring })).not.toThrow();
    expectWrong('wrongMachine', { role: 'light' }, { name: 'b0', machine: dimmer, wiring: { light: 'c0' } });
    expectWrong('unknown', { role: 'light?' }, { name: 'b0', machine: dimmer, wiring: { 'light?': 'l0' } });
  });

  it('that is missing', () => {
    const details = { role: 'light', message: text('b0', 'lacks the wiring "light"'), hint: text('lamp') };
    expectWrong('missing', details, pressed({ wiring: { name: 'x0' } }));
    expectWrong('missing', details, { name: 'b0', machine: button });
  });

  it('of a role that there is not', () => {
    const details = { role: 'lihgt', message: text('no role "lihgt"'), hint: text('"light", "name"') };
    expectWrong('unknown', details, pressed({ wiring: { ...right, lihgt: 'l0' } }));
  });

  it('to an actor that there is not', () => {
    const details = { role: 'light', message: text('"l9", which is no actor'), hint: text('"l0", "n0"') };
    expectWrong('unknown', details, pressed({ wiring: { ...right, light: 'l9' } }));
    const name = { role: 'name', message: text('"y0"') };
    expectWrong('unknown', name, pressed({ wiring: { ...right, name: 'y0' } }));
    // A name of no actor is not enough where an actor is needed.
    expectWrong('unknown', { role: 'light' }, pressed({ wiring: { ...right, light: 'x0' } }));
  });

  it('to an actor of another machine', () => {
    const details = { role: 'light', message: text('"c0", a cat', 'has to be a lamp') };
    expectWrong('wrongMachine', details, pressed({ wiring: { ...right, light: 'c0' } }));
  });

  it('of what waits for an actor that there is not', () => {
    expectWrong('unknown', { role: 'after', message: text('waits for "t9"') }, pressed({ after: ['l0', 't9'] }));
  });
});

describe('an actor', () => {
  it('that is declared twice', () => {
    expectWrong('twice', { message: text('"b0" is declared twice') }, pressed(), pressed());
  });

  it('whose name is none', () => {
    for (const name of ['B0', '0', 'b0x', 'b-0', '', 'b 0', '__proto__'])
      expectWrong('name', { actor: name }, pressed({ name }));
    expect(() => wired(pressed({ name: 'button' }))).not.toThrow();
  });

  it('with a constant that its machine does not have', () => {
    const details = { message: text('no constant "colour"'), hint: text('"size"') };
    expectWrong('constant', details, pressed({ constants: { size: 2, colour: 1 } }));
  });
});
