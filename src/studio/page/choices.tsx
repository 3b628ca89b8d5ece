// What can happen next, by actor; what cannot is grey, with what is in its way.
import type { JSX } from 'preact';
import { take, walk } from './actions.ts';
import * as store from './store.ts';

/** Choices that a digit key takes. */
const DIGITS = 9;

/** Takes a choice; the focus stays in the list, whose buttons are others then. */
async function takeAndStay(choice: string): Promise<void> {
  await take(choice);
  document.querySelector<HTMLElement>('#choices .scroll')?.focus();
}

/** Everything that can and cannot happen at the step that is looked at. */
export function Choices(): JSX.Element | null {
  const { value: position } = store.position;
  if (position === null) return null;
  const { choices, blocked, busy, done, isFinal } = position;
  const actors = [...new Set([...choices, ...blocked].map(({ actor }) => actor))];
  return (
    <section class="choices" aria-labelledby="choices-title" id="choices">
      <h2 id="choices-title">
        {choices.length === 0
          ? isFinal
            ? 'all threads are done'
            : 'nothing can happen'
          : `${choices.length} ${choices.length === 1 ? 'step' : 'steps'} possible`}
      </h2>
      <div class="scroll" tabIndex={0} role="group" aria-label="possible and blocked steps">
        {actors.map((actor) => (
          <div key={actor} class="group">
            <h3>{actor}</h3>
            {choices.map((choice, i) =>
              choice.actor === actor ? (
                <button key={choice.code} type="button" class="choice" onClick={() => void takeAndStay(choice.name)}>
                  {i < DIGITS ? <kbd>{i + 1}</kbd> : null}
                  {choice.name}
                </button>
              ) : null,
            )}
            {blocked.map((one) =>
              one.actor === actor ? (
                <div key={`${one.what} ${one.why}`} class="blocked">
                  {one.what}
                  <small>{`blocked: ${one.why}`}</small>
                </div>
              ) : null,
            )}
          </div>
        ))}
        {busy.map(({ actor, what }) => (
          <p key={actor} class="faint">{`${actor}: ${what}`}</p>
        ))}
        {done.length === 0 ? null : <p class="faint">{`done: ${done.join(', ')}`}</p>}
      </div>
      <div class="row walk">
        <button type="button" onClick={() => void walk()} title="up to 200 steps by chance, or to a violation (w)">
          random walk
        </button>
        <label>
          <span>seed</span>
          <input
            size={4}
            inputMode="numeric"
            value={store.seed.value}
            onChange={({ currentTarget }) => {
              const asked = Number(currentTarget.value);
              if (Number.isInteger(asked) && asked >= 0) store.seed.value = asked;
              else currentTarget.value = String(store.seed.value);
            }}
          />
        </label>
      </div>
    </section>
  );
}
