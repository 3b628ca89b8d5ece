// The state, by actor, with what the last step did to it.
import type { JSX } from 'preact';
import type { StateLeaf } from '../session/position.ts';
import * as store from './store.ts';

const signs = { same: '', added: '+', changed: '~', removed: '-' } as const;

/** `structs.c0.peer` is of `structs.c0`. */
function groupOf(path: string): string {
  const keys = path.split('.');
  return keys.length < 2 ? '' : keys.slice(0, Math.min(2, keys.length - 1)).join('.');
}

function Leaf({ leaf }: { readonly leaf: StateLeaf }): JSX.Element {
  const { path, value, was, change } = leaf;
  const group = groupOf(path);
  return (
    <tr class={change}>
      <th scope="row">{group === '' ? path : path.slice(group.length + 1)}</th>
      <td>
        {signs[change] === '' ? null : <span class="sign">{signs[change]} </span>}
        {was === undefined ? null : <del>{was}</del>}
        {was === undefined || value === undefined ? '' : ' '}
        {value === undefined ? null : was === undefined ? value : <ins>{value}</ins>}
      </td>
    </tr>
  );
}

/** Every value of the state, or only those that changed. */
export function StateView(): JSX.Element | null {
  const { value: position } = store.position;
  if (position === null) return null;
  const isOnly = store.onlyChanges.value && position.step > 0;
  const shown = position.leaves.filter(({ change }) => !isOnly || change !== 'same');
  const groups = Map.groupBy(shown, ({ path }) => groupOf(path));
  return (
    <div class="state">
      <label class="check">
        <input
          type="checkbox"
          id="only-changes"
          checked={store.onlyChanges.value}
          onChange={({ currentTarget }) => {
            store.onlyChanges.value = currentTarget.checked;
          }}
        />
        only changes
      </label>
      {shown.length === 0 ? <p class="faint">this step changed nothing that is shown</p> : null}
      {[...groups].map(([group, leaves]) => (
        <table key={group}>
          <caption>{group === '' ? 'world' : group}</caption>
          <tbody>
            {leaves.map((leaf) => (
              <Leaf key={leaf.path} leaf={leaf} />
            ))}
          </tbody>
        </table>
      ))}
    </div>
  );
}
