// The referee for liveness: a graph of plain objects, and components found by walking forwards and backwards.
//
// No numbers for states, no Tarjan, no arrays, none of the explorer: only the world's choices and steps are shared.
import type { LeadsTo, Property } from '../../src/engine/world/property.ts';
import type { EventId } from '../../src/engine/world/local-transitions.ts';
import { WorldView } from '../../src/engine/world/view.ts';
import type { Row, World } from '../../src/engine/world/world.ts';

/** A transition. */
export interface Edge {
  readonly from: Node;
  readonly to: Node;
  /** Whose channel; undefined for a call of a thread. */
  readonly actor: number | undefined;
  readonly event: EventId;
  /** Who is served by whom in turn, for the claim in question. */
  turn: string | undefined;
}

/** A state with all its transitions. */
export interface Node {
  readonly row: Row;
  readonly out: Edge[];
  readonly into: Edge[];
}

type Nodes = ReadonlySet<Node>;

/** Every state of a world; undefined where there are more than a limit. */
export function naiveGraph(world: World, limit: number): Node[] | undefined {
  const owner = new Map<number, number>();
  for (const actor of world.actors.keys()) {
    const { start, slots } = world.channel(actor);
    for (let column = start; column < start + slots; column++) owner.set(column, actor);
  }
  const nodes = new Map<string, Node>();
  const queue: Node[] = [];
  const enter = (row: Row): Node => {
    const known = nodes.get(row.join());
    if (known !== undefined) return known;
    const node = { row, out: [], into: [] };
    nodes.set(row.join(), node);
    queue.push(node);
    return node;
  };
  enter(world.initial());
  for (let node = queue.shift(); node !== undefined; node = queue.shift()) {
    if (nodes.size > limit) return undefined;
    for (const choice of world.choices(node.row)) {
      const to = enter(world.step(node.row, choice).row);
      const edge = { from: node, to, actor: owner.get(choice.column), event: choice.event, turn: undefined };
      node.out.push(edge);
      to.into.push(edge);
    }
  }
  return [...nodes.values()];
}

function reach(start: Iterable<Node>, within: (node: Node) => boolean, next: (node: Node) => Node[]): Set<Node> {
  const reached = new Set<Node>([...start].filter(within));
  for (const node of reached) for (const other of next(node)) if (within(other)) reached.add(other);
  return reached;
}

const after = (node: Node): Node[] => node.out.map(({ to }) => to);
const before = (node: Node): Node[] => node.into.map(({ from }) => from);

/** Leaves out, again and again, what has no way on or no way in. */
function trim(nodes: Nodes): Set<Node> {
  const left = new Set(nodes);
  for (let size = -1; size !== left.size;) {
    size = left.size;
    for (const node of left) {
      if (!after(node).some((to) => left.has(to)) || !before(node).some((from) => left.has(from))) left.delete(node);
    }
  }
  return left;
}

/** Is there a fair run within these states for ever? */
function staysFairly(nodes: Nodes): boolean {
  const left = trim(nodes);
  const [pivot] = left;
  if (pivot === undefined) return false;
  const within = (node: Node): boolean => left.has(node);
  const forwards = reach([pivot], within, after);
  const backwards = reach([pivot], within, before);
  const component = new Set([...forwards].filter((node) => backwards.has(node)));
  if (isFair(component)) return true;
  return staysFairly(without(forwards, component)) || staysFairly(without(left, forwards));
}

const without = (nodes: Nodes, others: Nodes): Nodes => new Set([...nodes].filter((node) => !others.has(node)));

function isFair(component: Nodes): boolean {
  const inside = [...component].flatMap(({ out }) => out.filter(({ to }) => component.has(to)));
  if (inside.length === 0) return false;
  const actors = new Set([...component].flatMap(({ out }) => out.flatMap(({ actor }) => actor ?? [])));
  for (const actor of actors) {
    const isAlways = [...component].every(({ out }) => out.some((edge) => edge.actor === actor));
    if (isAlways && !inside.some((edge) => edge.actor === actor)) return false;
  }
  for (const turn of new Set([...component].flatMap(({ out }) => out.flatMap((edge) => edge.turn ?? [])))) {
    if (inside.some((edge) => edge.turn === turn)) continue;
    const asking = [...component].filter(({ out }) => out.some((edge) => edge.turn === turn));
    return staysFairly(without(component, new Set(asking)));
  }
  return true;
}

/** Is there a fair run that goes through one of the second states and stays within the first ones from then on? */
export function hasFairRun(open: Nodes, due: readonly Node[]): boolean {
  const reached = reach(due, (node) => open.has(node), after);
  const rests = [...reached].some(({ out }) => out.every(({ actor }) => actor === undefined));
  return rests || staysFairly(reached);
}

function isViolated(world: World, graph: readonly Node[], { from, to, inTurn }: LeadsTo): boolean {
  const view = new WorldView(world, world.initial());
  const at = (node: Node, test: (state: WorldView) => boolean): boolean => {
    view.row = node.row;
    return test(view);
  };
  for (const edge of graph.flatMap(({ out }) => out)) {
    const event = world.transitions.event(edge.event);
    const isInTurn = edge.actor !== undefined && inTurn?.(event) === true;
    edge.turn = isInTurn ? `${edge.actor} by ${event.to}` : undefined;
  }
  const open = new Set(graph.filter((node) => !at(node, to)));
  const due = [...open].filter((node) => at(node, from));
  return hasFairRun(open, due);
}

/** The violated properties. */
export function naiveLiveness(world: World, graph: readonly Node[], properties: readonly Property[]): string[] {
  return properties
    .filter(({ liveness }) => liveness?.checks(world).some((claim) => isViolated(world, graph, claim)) === true)
    .map(({ id }) => id);
}
