// Locks, properties, coverage: what else there is to know of a step.
import type { JSX } from 'preact';
import { goTo, walkPath } from './actions.ts';
import * as store from './store.ts';

/** Who holds which lock, and who waits. */
export function Locks(): JSX.Element | null {
  const { value: position } = store.position;
  if (position === null) return null;
  if (position.locks.length === 0) return <p class="faint">this world has no locks</p>;
  return (
    <table class="locks">
      <thead>
        <tr>
          <th scope="col">lock</th>
          <th scope="col">held by</th>
          <th scope="col">who waits</th>
        </tr>
      </thead>
      <tbody>
        {position.locks.map(({ lock, holder, readers, waiters }) => (
          <tr key={lock} class={holder === null && readers.length === 0 ? 'free' : 'held'}>
            <th scope="row">{lock}</th>
            <td>{holder ?? (readers.length === 0 ? 'free' : `${readers.join(', ')} (reading)`)}</td>
            <td>
              {waiters.map(({ actor, what }) => (
                <div key={`${actor} ${what}`}>{`${actor}: ${what}`}</div>
              ))}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const order = { violated: 0, holds: 1, vacuous: 2, runs: 3 } as const;
const says = {
  violated: 'violated',
  holds: 'true so far',
  vacuous: 'no occasion so far',
  runs: 'about infinite runs',
} as const;

/** What is known of each property on the way to here, and what the search found. */
export function Properties(): JSX.Element | null {
  const { value: position } = store.position;
  if (position === null) return null;
  const sorted = position.properties.toSorted((one, other) => order[one.status] - order[other.status]);
  const found = store.explored.value;
  return (
    <table class="properties">
      <thead>
        <tr>
          <th scope="col">property</th>
          <th scope="col">on this path</th>
          {found === null ? null : <th scope="col">everywhere</th>}
        </tr>
      </thead>
      <tbody>
        {sorted.map(({ id, title, status, message, at }) => {
          const report = found?.properties.find((one) => one.id === id);
          const path = found?.findings.find((one) => one.property === id)?.path;
          return (
            <tr key={id} class={status}>
              <th scope="row" title={title}>
                {id}
                <small>{title}</small>
              </th>
              <td>
                {says[status]}
                {at === undefined ? null : (
                  <button type="button" onClick={() => void goTo(at)}>{`at step ${at}`}</button>
                )}
                {message === undefined ? null : <small>{message}</small>}
              </td>
              {found === null ? null : (
                <td>
                  {report?.verdict ?? 'explore --liveness'}
                  {path === undefined ? null : (
                    <button type="button" onClick={() => void walkPath(path)}>
                      walk it
                    </button>
                  )}
                </td>
              )}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function Unreached({
  title,
  all,
  never,
}: {
  readonly title: string;
  readonly all: number;
  readonly never: readonly string[];
}): JSX.Element {
  return (
    <section>
      <h3>{`${title}: ${all - never.length} of ${all} reached`}</h3>
      <ul class="unreached">
        {never.map((one) => (
          <li key={one}>{one}</li>
        ))}
      </ul>
    </section>
  );
}

/** What the search never met, first. */
export function CoverageView(): JSX.Element {
  const { value: found } = store.explored;
  if (found === null) return <p class="faint">explore first: then it is known what no interleaving reaches</p>;
  const { transitions, neverTaken, guards, neverSeen, marks, neverMet } = found.coverage;
  const isPart =
    found.verdict === 'incomplete' ? <p class="faint">the search is incomplete: more may be reached</p> : null;
  return (
    <div class="coverage">
      {isPart}
      <Unreached title="transitions" all={transitions} never={neverTaken} />
      <Unreached title="outcomes of guards" all={guards * 2} never={neverSeen} />
      <Unreached title="marks in the kernel's code" all={marks} never={neverMet} />
    </div>
  );
}
