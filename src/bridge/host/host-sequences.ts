// Sequences of calls that take a host through what its world can do: every call in every state that calls can tell apart.
import type { Row } from '../../engine/world/world.ts';
import type { HostCall, HostSeen, HostShape, HostWorld } from './host-world.ts';
import { USES } from './host-uses.ts';
import { hostCalls } from './host-world.ts';
import { sequenceText } from './sequence.ts';

/** A call and what the world says is seen of it. */
export interface HostStep {
  readonly call: HostCall;
  readonly seen: HostSeen;
}

/** One sequence. */
export interface HostSequence {
  readonly name: string;
  readonly shape: HostShape;
  readonly steps: readonly HostStep[];
}

/** How many, and how long. */
export interface GenerateOptions {
  /** At most so many sequences. */
  readonly sequences: number;
  /** Calls of each, at most. */
  readonly calls: number;
}

/** What can be told of a host from outside: routes, eventfds of vectors and irqfds, who is registered and connected, what is closed. */
class Outside {
  readonly #facts: ReadonlyMap<string, string>;

  constructor(facts: ReadonlyMap<string, string> = new Map()) {
    this.#facts = facts;
  }

  get key(): string {
    return [...this.#facts].toSorted().join(';');
  }

  /** After a call. */
  after(call: HostCall, { returns, manager }: HostSeen): Outside {
    const facts = new Map(this.#facts);
    const put = (what: string, value: string | null): void => {
      if (value === null) facts.delete(what);
      else facts.set(what, value);
    };
    const [, op = '', given = ''] = /^(\w+)\((.*)\)$/.exec(call) ?? [];
    const [object = '', other = '', vcpu = ''] = given.split(', ');
    if (op === 'set_gsi_routing') put(`route ${other}`, vcpu);
    if (op === 'clear_gsi_routing') put(`route ${other}`, 'none');
    if (op === 'irqfd_assign' && returns === 0) put(object, other);
    if (op === 'irqfd_deassign') put(object, null);
    if (op === 'set_irqs' && returns === 0) put(object, other);
    if (op === 'clear_irqs') put(object, null);
    if (op === 'close_eventfd' || op === 'close_vm') put(`closed ${object}`, '');
    if (op === 'irqfd_assign' && returns === 0) put(`of ${object}`, other);
    for (const one of manager) this.#manager(one, put);
    return new Outside(facts);
  }

  /** Is a producer one of a pair? */
  isConnected(producer: string): boolean {
    return [...this.#facts].some(([what, value]) => what.startsWith('pair ') && value === producer);
  }

  /** Does a call use a descriptor that is closed, other than to register it? The world knows those of eventfds that are registered only. */
  usesClosed(call: HostCall, vmOf: (irqfd: string) => string): boolean {
    const [, op = '', object = ''] = /^(\w+)\((\w+)/.exec(call) ?? [];
    const used = op.startsWith('irqfd_') ? vmOf(object) : object;
    if (this.#facts.has(`closed ${used}`)) return true;
    return op === 'irqfd_deassign' && this.#facts.has(`closed ${this.#facts.get(`of ${object}`) ?? 'e0'}`);
  }

  #manager(text: string, put: (what: string, value: string | null) => void): void {
    const [, register, object = ''] = /^(register|unregister)_\w+\((\w+)\)(?:=0)?$/.exec(text) ?? [];
    if (register !== undefined) put(`registered ${object}`, register === 'register' ? '' : null);
    const [, consumer = '', added, producer = ''] = /^(c\d)\.(add|del)_producer\((\w+)\)(?:=0)?$/.exec(text) ?? [];
    if (added !== undefined) put(`pair ${consumer}`, added === 'add' ? producer : null);
  }
}

/** A state that can be told apart, and one of the world's that is so. */
interface Node {
  readonly outside: Outside;
  readonly row: Row;
  /** By call, lazily; null where it cannot be made. */
  readonly arcs: Map<HostCall, { readonly to: string; readonly seen: HostSeen } | null>;
  readonly untried: Set<HostCall>;
}

class HostGraph {
  readonly #world: HostWorld;
  readonly #calls: readonly HostCall[];
  readonly #vmOf: (irqfd: string) => string;
  readonly nodes = new Map<string, Node>();

  constructor(world: HostWorld, shape: HostShape) {
    this.#world = world;
    this.#calls = hostCalls(shape);
    this.#vmOf = (irqfd) => `vm${shape.vms === 2 ? digit(irqfd) : 0}`;
    this.#node(new Outside(), world.initial);
  }

  #node(outside: Outside, row: Row): string {
    const { key } = outside;
    if (!this.nodes.has(key)) this.nodes.set(key, { outside, row, arcs: new Map(), untried: new Set(this.#calls) });
    return key;
  }

  arc(from: string, call: HostCall): { readonly to: string; readonly seen: HostSeen } | null {
    const node = this.nodes.get(from);
    if (node === undefined) return null;
    const known = node.arcs.get(call);
    if (known !== undefined) return known;
    const made = node.outside.usesClosed(call, this.#vmOf) ? null : this.#world.after(node.row, call);
    const found =
      made === null ? null : { to: this.#node(node.outside.after(call, made.seen), made.row), seen: made.seen };
    node.arcs.set(call, found);
    if (found === null) node.untried.delete(call);
    return found;
  }

  /**
   * Calls that were not made in a state, in the order in which they are tried: interrupts of connected pairs first, for these show what
   * the calls before came to; then others, beginning somewhere else in each state, so that sequences differ early.
   */
  untried(at: string, turn: number): readonly HostCall[] {
    const node = this.nodes.get(at);
    if (node === undefined) return [];
    const all = [...node.untried];
    const telling = all.filter((call) => {
      const [, vector] = /^(?:raise_msi\(d|loopback\(p)(\d)/.exec(call) ?? [];
      return vector !== undefined && node.outside.isConnected(`p${vector}`);
    });
    const others = all.filter((call) => !telling.includes(call));
    const first = others.length === 0 ? 0 : (hashOf(at) + turn) % others.length;
    return [...telling, ...others.slice(first), ...others.slice(0, first)];
  }

  /** The fewest calls, as far as they are known, to a state with a call that was not made yet. */
  pathToUntried(from: string, most: number): readonly HostCall[] | null {
    const before = new Map<string, { readonly from: string; readonly call: HostCall } | null>([[from, null]]);
    const depth = new Map([[from, 0]]);
    for (const at of before.keys()) {
      const node = this.nodes.get(at);
      if (node === undefined) continue;
      if (at !== from && node.untried.size > 0) return pathOf(before, at);
      if ((depth.get(at) ?? 0) >= most) continue;
      for (const [call, arc] of node.arcs) {
        if (arc === null || before.has(arc.to)) continue;
        before.set(arc.to, { from: at, call });
        depth.set(arc.to, (depth.get(at) ?? 0) + 1);
      }
    }
    return null;
  }
}

function pathOf(
  before: ReadonlyMap<string, { readonly from: string; readonly call: HostCall } | null>,
  to: string,
): readonly HostCall[] {
  const calls: HostCall[] = [];
  for (let at = before.get(to); at !== null && at !== undefined; at = before.get(at.from)) calls.unshift(at.call);
  return calls;
}

/**
 * Sequences for a host.
 *
 * Each goes on with a call that was not made in the state it is in; where there is none, it goes to the nearest state that has one. What
 * is seen is computed along the sequence itself.
 *
 * @param world - of the host
 * @param shape - what it has
 * @param options - how many, and how long
 */
export function sequencesFor(
  world: HostWorld,
  shape: HostShape,
  { sequences, calls: most }: GenerateOptions,
): readonly HostSequence[] {
  const graph = new HostGraph(world, shape);
  const start = new Outside().key;
  const uses = USES[shape.vms].slice(0, sequences);
  const found: HostSequence[] = uses.map((calls, i) => ({
    name: nameOf(shape, i),
    shape,
    steps: playedBy(world, calls),
  }));
  while (found.length < sequences) {
    const walk = walkOf(graph, start, most);
    if (walk.length === 0) break;
    found.push({ name: nameOf(shape, found.length), shape, steps: playedBy(world, walk) });
  }
  return found;
}

const nameOf = ({ vms, vectors, gic }: HostShape, number: number): string =>
  `${vms}vm-${vectors}vec-gic${gic}-${String(number).padStart(3, '0')}`;

function walkOf(graph: HostGraph, start: string, most: number): readonly HostCall[] {
  const walk: HostCall[] = [];
  let at = start;
  let isNew = false;
  const take = (call: HostCall): boolean => {
    const arc = graph.arc(at, call);
    if (arc === null) return false;
    walk.push(call);
    graph.nodes.get(at)?.untried.delete(call);
    at = arc.to;
    return true;
  };
  while (walk.length < most) {
    const next = graph.untried(at, walk.length).find((call) => graph.arc(at, call) !== null);
    if (next !== undefined) {
      take(next);
      isNew = true;
      continue;
    }
    const path = graph.pathToUntried(at, most - walk.length - 1);
    if (path === null) break;
    for (const call of path) take(call);
  }
  return isNew ? walk : [];
}

/** A number for a text (FNV-1a). */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 1;
}

/** What the world says of a sequence, call by call. */
export function playedBy(world: HostWorld, walk: readonly HostCall[]): readonly HostStep[] {
  const steps: HostStep[] = [];
  let row = world.initial;
  for (const call of walk) {
    const made = world.after(row, call);
    if (made === null) break;
    steps.push({ call, seen: made.seen });
    row = made.row;
  }
  return steps;
}

/** The device of QEMU that VFIO has, and its ID for the guest's ITS. */
const DEVICE = '0000:00:05.0';
const DEVICE_ID = 40;
/** GSIs of the guest begin here: those before are its pins. */
const GSI = 32;
const LPI = 8192;
const SETTLE_MS = 40;

/** Event of a GSI and a vCPU of its VM: an LPI of its own, of that vCPU. */
const eventOf = (gsi: number, vcpu: number): number => gsi * 2 + vcpu;
const digit = (name: string): number => Number(name.replace(/\D+/, ''));

/** A call as commands of the test program; the first is the call itself. */
function commandsOf(call: HostCall): readonly (readonly string[])[] {
  const [, op = '', given = ''] = /^(\w+)\((.*)\)$/.exec(call) ?? [];
  const [object = '', other = '', vcpu = ''] = given.split(', ');
  const at = String(digit(object));
  // vcpu2 is the first one of vm1.
  const local = vcpu === 'vcpu2' ? 0 : digit(vcpu);
  const irqfd = (name: string, eventfd: string, vm: string): readonly string[] => [
    name,
    vm,
    eventfd,
    String(GSI + digit(object)),
  ];
  switch (op) {
    case 'set_gsi_routing':
      return [
        ['route', at, String(GSI + digit(other)), 'msi', String(DEVICE_ID), String(eventOf(digit(other), local))],
      ];
    case 'clear_gsi_routing':
      return [['route', at, String(GSI + digit(other)), 'none']];
    case 'irqfd_assign':
      return [irqfd('irqfd', String(digit(other)), vcpu)];
    case 'irqfd_deassign':
      return [irqfd('deirqfd', other, vcpu)];
    case 'set_irqs':
      // The test program has forgotten a descriptor that it closed: b is one that is none.
      // An MSI that came while the vector was masked comes now: it is to be over before the next call.
      return [
        ['vec', '0', at, vcpu === 'closed' ? 'b' : String(digit(other))],
        ['sleep', String(SETTLE_MS)],
      ];
    case 'clear_irqs':
      return [['vec', '0', at, '-']];
    case 'raise_msi':
      return [
        ['devirq', '0', at],
        ['sleep', String(SETTLE_MS)],
      ];
    case 'loopback':
      return [['loop', '0', at]];
    case 'eventfd_signal':
      return [['efdwrite', at]];
    case 'close_eventfd':
      return [
        ['efdclose', at],
        ['sleep', String(SETTLE_MS)],
      ];
    case 'close_vm':
      return [['vmclose', at]];
    default:
      throw new Error(`no command for ${call}`);
  }
}

/** Commands before the first call: VMs, the device with MSI-X on, eventfds, the guests' mappings. */
function prologue({ vms, vectors }: HostShape): readonly (readonly string[])[] {
  const guests = vms === 2 ? [2, 1] : [2];
  return [
    ...guests.map((cpus, vm) => ['vm', String(vm), String(cpus)]),
    ['dev', '0', DEVICE],
    ...Array.from({ length: vectors }, (_, gsi) => {
      const vm = vms === 2 ? gsi : 0;
      return Array.from({ length: guests[vm] ?? 0 }, (__, vcpu) => {
        const event = eventOf(gsi, vcpu);
        return ['map', String(vm), String(DEVICE_ID), String(event), String(LPI + event)];
      });
    }).flat(),
    ...guests.map((_, vm) => ['run', String(vm)]),
    ['efd', '0'],
    ['efd', '1'],
    // All vectors at once: MSI-X is on from here, and cannot be extended later.
    ['vec', '0', '0', '-', '-', '-', '-', '-'],
  ];
}

/** A sequence as the guest plays it. Which command each call is: by place, the prologue's left out. */
export function commandsFor({ shape, steps }: HostSequence): {
  readonly text: string;
  readonly places: readonly number[];
} {
  const commands: (readonly string[])[] = [...prologue(shape)];
  const places: number[] = [];
  const eventfds = new Map<string, string>();
  const closed = new Set<string>();
  for (const { call, seen } of steps) {
    places.push(commands.length);
    const [, op = '', object = '', eventfd = ''] = /^(\w+)\((\w+)(?:, (\w+))?/.exec(call) ?? [];
    const vm = shape.vms === 2 ? String(digit(object)) : '0';
    // A deassign names the eventfd of the latest assign.
    if (op === 'irqfd_assign' && (seen.returns === 0 || !eventfds.has(object))) eventfds.set(object, eventfd);
    const full =
      op === 'irqfd_assign'
        ? `irqfd_assign(${object}, ${eventfd}, ${vm})`
        : op === 'irqfd_deassign'
          ? `irqfd_deassign(${object}, ${String(digit(eventfds.get(object) ?? 'e0'))}, ${vm})`
          : op === 'set_irqs' && closed.has(eventfd)
            ? `set_irqs(${object}, ${eventfd}, closed)`
            : call;
    if (op === 'close_eventfd') closed.add(object);
    commands.push(...commandsOf(full));
  }
  // What the kernel cleans up when the program ends is no call's.
  commands.push(['mark', 'end']);
  return { text: sequenceText(commands), places };
}
