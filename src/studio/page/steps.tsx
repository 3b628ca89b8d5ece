// The path, step by step: search, a column of one's own, scrubbing.
import type { JSX } from 'preact';
import { fillColumn, goTo } from './actions.ts';
import * as store from './store.ts';
import { VirtualList } from './virtual-list.tsx';

const ROW_HEIGHT = 24;

function Step({ index }: { readonly index: number }): JSX.Element | null {
  const line = store.shownLines.value[index];
  if (line === undefined) return null;
  const isCurrent = line.step === store.cursor.value;
  const value = store.columnValues.value[line.step];
  return (
    <button
      type="button"
      class={`step${isCurrent ? ' current' : ''}${line.breaks.length > 0 ? ' broken' : ''}`}
      aria-current={isCurrent ? 'step' : undefined}
      data-step={line.step}
      onClick={() => void goTo(line.step)}
      title={line.text}
    >
      <span class="number">{line.step}</span>
      <span class="thread">{line.thread}</span>
      <span class="text">{line.text}</span>
      {line.breaks.length === 0 ? null : <span class="breaks">{line.breaks.join(' ')}</span>}
      {value === undefined ? null : <span class="value">{value}</span>}
    </button>
  );
}

/** Back, forward, and any step. */
export function Scrubber(): JSX.Element {
  const last = store.lines.value.length;
  const { value: at } = store.cursor;
  return (
    <div class="row scrubber" role="group" aria-label="step">
      <button type="button" onClick={() => void goTo(0)} disabled={at === 0}>
        start
      </button>
      <button type="button" onClick={() => void goTo(at - 1)} disabled={at === 0} title="arrow left, k">
        back
      </button>
      <input
        type="range"
        min={0}
        max={last}
        value={at}
        aria-label={`step ${at} of ${last}`}
        onInput={({ currentTarget }) => void goTo(Number(currentTarget.value))}
      />
      <output id="where">{`${at} / ${last}`}</output>
      <button type="button" onClick={() => void goTo(at + 1)} disabled={at === last} title="arrow right, j">
        on
      </button>
      <button type="button" onClick={() => void goTo(last)} disabled={at === last}>
        end
      </button>
    </div>
  );
}

/** The steps of the path. */
export function Steps(): JSX.Element {
  const shown = store.shownLines.value;
  const all = store.lines.value.length;
  return (
    <div class="steps">
      <div class="row tools">
        <label>
          <span>search</span>
          <input
            id="search"
            type="search"
            placeholder="actor:p0 event:stop text"
            value={store.search.value}
            onInput={({ currentTarget }) => {
              store.search.value = currentTarget.value;
            }}
          />
        </label>
        <label>
          <span>column</span>
          <input
            id="column"
            placeholder="structs.p0.key == 'e0'"
            value={store.columnSource.value}
            aria-invalid={store.columnError.value !== ''}
            aria-describedby="column-error"
            onChange={({ currentTarget }) => {
              store.columnSource.value = currentTarget.value;
              void fillColumn();
            }}
          />
        </label>
        <small id="column-error" class="error">
          {store.columnError.value}
        </small>
        {shown.length === all ? null : <small>{`${shown.length} of ${all} steps`}</small>}
      </div>
      {all === 0 ? (
        <p class="faint">
          The initial state. Take a step on the left, walk by chance, or explore: a counterexample can be walked then.
        </p>
      ) : (
        <VirtualList
          count={shown.length}
          rowHeight={ROW_HEIGHT}
          current={store.cursor.value === 0 ? 0 : shown.findIndex(({ step }) => step === store.cursor.value)}
          label="steps"
          row={(index) => <Step index={index} />}
        />
      )}
    </div>
  );
}
