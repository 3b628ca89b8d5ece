// Pictures of a path: its steps as a sequence diagram, the manager's sets as trees.
import type { Sequence } from '../../engine/diagrams/sequence.ts';
import { sequenceMermaid } from '../../engine/diagrams/sequence.ts';
import { sequenceSvg } from '../../engine/diagrams/sequence-svg.ts';
import { xarrayTreeSvg } from '../../registry/index-tree-svg.ts';
import { indexTrees } from '../../registry/index-trees.ts';
import { headline } from '../../scenarios/headline.ts';
import { locksIn } from '../../scenarios/locks-of-world.ts';
import { sequenceOfRun } from '../../scenarios/sequence-of-run.ts';
import type { Session } from '../session/session.ts';

/** The last sequence of each session, and of how many steps it is. */
const drawn = new WeakMap<Session, { readonly path: string; readonly sequence: Sequence }>();

/** The path as a sequence: a lane an actor, with what is violated first. */
function sequenceOfPath(session: Session): Sequence {
  const path = session.path();
  const known = drawn.get(session);
  if (known?.path === path) return known.sequence;
  const { world, assembled, steps } = session;
  const violated = session.at(session.length).properties.filter(({ at }) => at !== undefined);
  const step = Math.min(...violated.map(({ at }) => at ?? Infinity));
  const first = violated.filter(({ at }) => at === step);
  const sequence = sequenceOfRun(world, steps, {
    title: headline(assembled),
    locks: steps.map((one) => locksIn(world, session.rowAt(one.step))),
    // A step may violate several: all are named, the first one says what is wrong.
    violation:
      first[0] === undefined
        ? undefined
        : { step, property: first.map(({ id }) => id).join(', '), message: first[0].message ?? '' },
  });
  drawn.set(session, { path, sequence });
  return sequence;
}

/**
 * Steps of the path as a sequence diagram.
 *
 * @param session - with its path
 * @param from - the first step that is drawn, from 0
 * @param to - the first that is not
 * @param current - the number of the step that is marked
 * @returns the names of the lanes, and the steps below them: SVG without styles of its own
 */
export function sequencePicture(
  session: Session,
  from: number,
  to: number,
  current: number,
): { readonly lanes: string; readonly steps: string } {
  const sequence = sequenceOfPath(session);
  return {
    lanes: sequenceSvg(sequence, { from: 0, to: 0 }),
    steps: sequenceSvg(sequence, { from, to, current, header: false }),
  };
}

/** The path up to a step as a file of its own. */
export function sequenceFile(session: Session, upTo: number): string {
  return sequenceSvg(sequenceOfPath(session), { to: upTo, standalone: true });
}

/** The same as Mermaid text. */
export function sequenceText(session: Session, upTo: number): string {
  const { steps, violation, ...sequence } = sequenceOfPath(session);
  const isIn = violation !== undefined && violation.step <= upTo;
  return sequenceMermaid({ ...sequence, steps: steps.slice(0, upTo), ...(isIn ? { violation } : {}) });
}

/** The sets of the manager at a step, as the kernel keeps them; none in a world without a manager. */
export function setsOf(session: Session, step: number): { readonly title: string; readonly svg: string }[] {
  return indexTrees(session.world, session.rowAt(step)).map((set) => ({
    title: `${set.side}: ${set.entries.length} in ${set.index}`,
    svg: xarrayTreeSvg(set),
  }));
}
