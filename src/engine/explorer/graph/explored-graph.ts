// The whole graph of a world in typed arrays, for searches of infinite runs.
//
// The explorer finds the transitions; they come state by state, in the order of `world.choices`. The rows are computed
// again level by level along the tree of first discoveries, so that no more than two levels of them are kept.
import type { EventId } from '../../world/local-transitions.ts';
import { WorldView } from '../../world/view.ts';
import type { Row, World } from '../../world/world.ts';
import type { StateId } from '../store/state-table.ts';
import type { Watch } from '../search/watch.ts';

/** Number of a transition: its place among all. The transitions of a state have successive places. */
export type Place = number;

/** Instead of an actor: a call that a thread makes. */
export const CALL = -1;

const EXPECTED = 1024;

/** Grown to hold a place, doubled where it was too small. */
function room(array: Int32Array<ArrayBuffer>, place: number): Int32Array<ArrayBuffer> {
  if (place < array.length) return array;
  const grown = new Int32Array(Math.max(2 * array.length, place + 1));
  grown.set(array);
  return grown;
}

/** States and transitions of a world, by number. */
export class RunGraph {
  readonly world: World;
  states = 1;
  transitions = 0;
  /** Numbers of the first states of each level: a shortest way to those of level n has n steps. */
  readonly levels: StateId[] = [];
  /** Place of the first transition of each state; one entry more than states. */
  #first = new Int32Array(EXPECTED);
  #target = new Int32Array(EXPECTED);
  #event = new Int32Array(EXPECTED);
  #actor = new Int16Array(0);
  #parent = new Int32Array(0);
  #last: StateId = 0;

  constructor(world: World) {
    this.world = world;
  }

  /** Place of the first transition of each state; one entry more than states. */
  get first(): Int32Array {
    return this.#first;
  }

  /** Where each transition leads. */
  get target(): Int32Array {
    return this.#target;
  }

  /** In whose channel the message was that each transition delivers; CALL where a thread makes a call. */
  get actor(): Int16Array {
    return this.#actor;
  }

  /** What each transition delivers. */
  get event(): Int32Array {
    return this.#event;
  }

  /** The transition by which each state was found first, the last of a shortest way; -1 for the initial state. */
  get parent(): Int32Array {
    return this.#parent;
  }

  /** The state that a transition starts from. */
  source(place: Place): StateId {
    let [low, high] = [0, this.states - 1];
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.#first[middle] as number) <= place) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Notes a transition down, as the explorer finds it. */
  add(from: StateId, event: EventId, to: StateId): void {
    if (from < this.#last) throw new Error('transitions do not come state by state');
    const place = this.transitions++;
    this.#target = room(this.#target, place);
    this.#event = room(this.#event, place);
    this.#target[place] = to;
    this.#event[place] = event;
    this.states = Math.max(this.states, to + 1);
    this.#closeUpTo(from, place);
  }

  /**
   * Computes every row again, in the order of state numbers; says which actor each transition is of. `visit` is told
   * whether all transitions of the state are known; where `isWhole` says so of the graph, they must be.
   */
  async label(
    watch: Watch,
    isWhole: boolean,
    visit: (id: StateId, isExpanded: boolean, view: WorldView) => void,
  ): Promise<void> {
    this.#closeUpTo(this.states, this.transitions);
    this.#parent = new Int32Array(this.states).fill(-1);
    this.#actor = new Int16Array(this.transitions);
    const { world } = this;
    const owner = ownerOfColumns(world);
    const view = new WorldView(world, world.initial());
    let found = 1;
    let id = 0;
    for (let level: Row[] = [world.initial()]; level.length > 0;) {
      this.levels.push(id);
      const below: Row[] = [];
      for (const row of level) {
        if (id % 64 === 0 && watch.isDue && !(await watch.look())) return;
        view.row = row;
        const choices = world.choices(row);
        const [begin, end] = [this.#first[id] as number, this.#first[id + 1] as number];
        if (isWhole && end - begin !== choices.length)
          throw new Error(`state ${id} has other choices than transitions`);
        visit(id, end - begin === choices.length, view);
        for (let place = begin; place < end; place++) {
          const choice = choices[place - begin];
          if (choice === undefined || choice.event !== this.#event[place])
            throw new Error('transitions in another order');
          this.#actor[place] = choice.column < 0 ? CALL : (owner[choice.column] as number);
          if (this.#target[place] !== found) continue;
          this.#parent[found++] = place;
          below.push(world.step(row, choice).row);
        }
        id += 1;
      }
      level = below;
    }
    if (id !== this.states) throw new Error(`${id} states where there were ${this.states}`);
  }

  /** The transitions of all states before this one end here. */
  #closeUpTo(state: StateId, place: Place): void {
    this.#first = room(this.#first, state + 1);
    while (this.#last < state) this.#first[++this.#last] = place;
  }
}

/** The actor whose channel each column belongs to; -1 where it belongs to none. */
function ownerOfColumns(world: World): Int32Array {
  const owner = new Int32Array(world.width).fill(-1);
  for (const column of world.channelColumns) owner[column] = world.channelAt(column);
  return owner;
}
