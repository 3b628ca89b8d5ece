// The two fields that a world is told from another by, wherever one is chosen: its revision, and the bug that is put in.
import type { ComponentChildren, JSX } from 'preact';
import type { Catalogue, ListedMutation } from '../lab/catalogue.ts';

/** A field: the identifier of its element, what is chosen, and who is told of another choice. */
interface Field<Value> {
  readonly id: string;
  readonly value: Value;
  readonly choose: (value: Value) => void;
}

/** One of the revisions. */
export function RevisionField({
  id,
  label,
  value,
  choose,
  catalogue,
}: Field<string> & { readonly label: string; readonly catalogue: Catalogue }): JSX.Element {
  return (
    <label>
      <span>{label}</span>
      <select id={id} value={value} onChange={({ currentTarget }) => choose(currentTarget.value)}>
        {catalogue.revisions.map((one) => (
          <option key={one.id} value={one.id}>
            {`${one.id} (${one.where})`}
          </option>
        ))}
      </select>
    </label>
  );
}

/** None, or one of the bugs, which are given as options. */
export function MutationField({
  id,
  value,
  choose,
  children,
}: Field<string | undefined> & { readonly children: ComponentChildren }): JSX.Element {
  return (
    <label>
      <span>bug put in</span>
      <select
        id={id}
        value={value ?? ''}
        onChange={({ currentTarget }) => choose(currentTarget.value === '' ? undefined : currentTarget.value)}
      >
        <option value="">none</option>
        {children}
      </select>
    </label>
  );
}

/** Bugs as options. */
export function mutationOptions(all: readonly ListedMutation[]): JSX.Element[] {
  return all.map(({ id, title }) => (
    <option key={id} value={id} title={title}>
      {`${id}: ${title}`}
    </option>
  ));
}
