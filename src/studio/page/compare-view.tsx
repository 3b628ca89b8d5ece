// Two worlds on the same choices, side by side; the first difference is marked.
import { useEffect } from 'preact/hooks';
import type { JSX } from 'preact';
import { compareWith, goTo } from './actions.ts';
import type { ComparedStep } from '../session/compare.ts';
import * as store from './store.ts';
import { VirtualList } from './virtual-list.tsx';
import { MutationField, mutationOptions, RevisionField } from './world-fields.tsx';

const ROW_HEIGHT = 40;

/** What marks a step: where anything differs first, where what is seen does. */
interface Marks {
  readonly first: number | null;
  readonly firstSeen: number | null;
}

function Row({ one, first, firstSeen }: { readonly one: ComparedStep } & Marks): JSX.Element {
  const { step, left, right, seen, state } = one;
  const differences = [...seen, ...(state.length === 0 ? [] : [`state: ${state.join(', ')}`])].join('; ');
  const mark = step === firstSeen ? 'first difference in what is seen' : step === first ? 'first difference' : '';
  const text = [mark, differences].filter((part) => part !== '').join(': ');
  const differs = right === null || differences !== '' ? ' differs' : '';
  const marked = mark === '' ? '' : step === firstSeen ? ' seen' : ' first';
  return (
    <button
      type="button"
      class={`compared${differs}${marked}${step === store.cursor.value ? ' current' : ''}`}
      data-mark={marked.trim() || undefined}
      onClick={() => void goTo(step)}
      title={text}
    >
      <span class="number">{step}</span>
      <span class="side">{left === null ? '' : `${left.thread} ${left.text} ${left.breaks.join(' ')}`}</span>
      <span class="side">
        {right === null ? 'no such step' : `${right.thread} ${right.text} ${right.breaks.join(' ')}`}
      </span>
      <span class="what">{text}</span>
    </button>
  );
}

/** The comparison in a sentence. */
function summary({ first, firstSeen, stopped }: Marks & { readonly stopped: string | null }): string {
  if (first === null) return 'no difference on this path';
  const seen = firstSeen === null ? 'nothing that is seen differs' : `in what is seen at step ${firstSeen}`;
  return `first difference at step ${first}, ${seen}${stopped === null ? '' : `; the other world stops at ${stopped}`}`;
}

/** The other world: another revision, another bug, or none. */
function Other(): JSX.Element | null {
  const { value: catalogue } = store.catalogue;
  const { value: beside } = store.beside;
  const { value: selection } = store.selection;
  if (catalogue === null) return null;
  const other = beside ?? {
    ...(selection.revision === undefined ? {} : { revision: selection.revision }),
    ...(selection.mutation === undefined ? {} : { mutation: selection.mutation }),
  };
  const change = (next: { readonly revision?: string | undefined; readonly mutation?: string | undefined }): void => {
    const asked = { ...other, ...next };
    void compareWith({
      ...(asked.revision === undefined ? {} : { revision: asked.revision }),
      ...(asked.mutation === undefined ? {} : { mutation: asked.mutation }),
    });
  };
  return (
    <div key={store.refusals.value} class="row tools">
      <RevisionField
        id="beside-revision"
        label="beside it, revision"
        value={other.revision ?? catalogue.defaultRevision}
        choose={(revision) => change({ revision })}
        catalogue={catalogue}
      />
      <MutationField id="beside-mutation" value={other.mutation} choose={(mutation) => change({ mutation })}>
        {mutationOptions(catalogue.mutations)}
      </MutationField>
    </div>
  );
}

/** What tells one side from the other: its revision, and the bug that is in it. */
function sideText(side: { readonly revision?: string; readonly mutation?: string | null } | null): string {
  const { revision = '', mutation = null } = side ?? {};
  return `${revision}${mutation === null ? '' : ` with ${mutation}`}`;
}

/** What differs, or how to find out. */
export function CompareView(): JSX.Element {
  const { value: comparison } = store.comparison;
  const { value: beside } = store.beside;
  useEffect(() => {
    // A step more on this side is one more to compare.
    if (comparison === null && beside !== null) void compareWith(beside);
  }, [comparison, beside]);
  const { value: world } = store.world;
  return (
    <div class="compare">
      <Other />
      {comparison === null ? (
        <p class="faint">
          Choose what stands beside this world: the choices of the path on the left are taken there, too, as far as they
          are offered. Explore first and walk a counterexample, or take some steps.
        </p>
      ) : (
        <>
          <p id="comparison">{summary(comparison)}</p>
          <div class="compared head" aria-hidden="true">
            <span class="number" />
            <span class="side" title={world?.headline}>
              {sideText(world)}
            </span>
            <span class="side" title={comparison.headline}>
              {sideText(beside)}
            </span>
            <span class="what" />
          </div>
          <VirtualList
            count={comparison.steps.length}
            rowHeight={ROW_HEIGHT}
            current={store.cursor.value - 1}
            label="steps of both worlds"
            row={(index) => {
              const one = comparison.steps[index];
              return one === undefined ? null : (
                <Row one={one} first={comparison.first} firstSeen={comparison.firstSeen} />
              );
            }}
          />
        </>
      )}
    </div>
  );
}
