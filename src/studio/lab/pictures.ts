// Pictures of a path: its steps as a sequence diagram, the manager's sets as trees.
import type { Session } from '../session/session.ts';

/** Steps of the path as a sequence diagram, as SVG without styles of its own. */
export function sequenceOf(_session: Session, _from: number, _end: number, _current: number): string {
  return '';
}

/** The sets of the manager at a step. */
export function setsOf(_session: Session, _step: number): { readonly title: string; readonly svg: string }[] {
  return [];
}
