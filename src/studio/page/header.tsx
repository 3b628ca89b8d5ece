// The top of the page: which world, explore it, and what that found.
import type { JSX } from 'preact';
import type { ListedMutation } from '../lab/catalogue.ts';
import { cancel, choose, copyLink, copyMail, limits, search, walkPath } from './actions.ts';
import * as store from './store.ts';
import { MutationField, mutationOptions, RevisionField } from './world-fields.tsx';

/** Parameters as fields, of the kind that each is. */
function Parameters(): JSX.Element | null {
  const { value: selection } = store.selection;
  const scenario = store.catalogue.value?.scenarios.find(({ id }) => id === selection.scenario);
  if (scenario === undefined) return null;
  const set = (key: string, value: string): void => {
    void choose({ ...selection, set: { ...selection.set, [key]: value } });
  };
  return (
    <>
      {Object.entries(scenario.parameters).map(([key, usual]) => {
        const value = selection.set[key] ?? String(usual);
        return (
          <label key={key} class="parameter">
            <span>{key}</span>
            {typeof usual === 'boolean' ? (
              <select value={value} onChange={({ currentTarget }) => set(key, currentTarget.value)}>
                <option>true</option>
                <option>false</option>
              </select>
            ) : (
              <input
                value={value}
                size={typeof usual === 'number' ? 2 : 8}
                inputMode={typeof usual === 'number' ? 'numeric' : 'text'}
                list={key === 'arch' ? 'architectures' : undefined}
                onChange={({ currentTarget }) => set(key, currentTarget.value)}
              />
            )}
          </label>
        );
      })}
      <datalist id="architectures">
        {['vmx', 'svm', 'arm64', 'powerpc'].map((arch) => (
          <option key={arch} value={arch} />
        ))}
      </datalist>
    </>
  );
}

/** Scenario, revision, mutation. */
function Selection(): JSX.Element | null {
  const { value: catalogue } = store.catalogue;
  const { value: selection } = store.selection;
  if (catalogue === null) return null;
  const { mutation: _, ...without } = selection;
  const isHere = ({ shown }: ListedMutation): boolean =>
    shown.some((row) => row.selection.scenario === selection.scenario);
  const here = catalogue.mutations.filter(isHere);
  const elsewhere = catalogue.mutations.filter((one) => !isHere(one));
  return (
    <form key={store.refusals.value} class="selection" onSubmit={(event) => event.preventDefault()} aria-label="world">
      <label>
        <span>scenario</span>
        <select
          id="scenario"
          value={selection.scenario}
          onChange={({ currentTarget }) => void choose({ scenario: currentTarget.value, set: {} })}
        >
          {catalogue.scenarios.map(({ id, title, isOwn }) => (
            <option key={id} value={id} title={title}>
              {isOwn ? `${id} (yours)` : id}
            </option>
          ))}
        </select>
      </label>
      <RevisionField
        id="revision"
        label="revision"
        value={store.world.value?.revision ?? catalogue.defaultRevision}
        choose={(revision) => void choose({ ...selection, revision })}
        catalogue={catalogue}
      />
      <MutationField
        id="mutation"
        value={selection.mutation}
        choose={(mutation) => void choose(mutation === undefined ? without : { ...without, mutation })}
      >
        <optgroup label="shown by this scenario">{mutationOptions(here)}</optgroup>
        <optgroup label="others, where they fit">{mutationOptions(elsewhere)}</optgroup>
      </MutationField>
      <Parameters />
    </form>
  );
}

const grouped = (n: number): string => n.toLocaleString('en');

/** What the search is doing, or has found. */
function Search(): JSX.Element {
  const { value: found } = store.explored;
  const { value: progress } = store.progress;
  if (store.isExploring.value)
    return (
      <div class="search" role="status" data-search="running">
        <button type="button" onClick={() => void cancel()}>
          cancel
        </button>
        {progress === null
          ? 'exploring'
          : `${grouped(progress.states)} states, ${grouped(progress.transitions)} transitions, depth ${progress.depth}, frontier ${grouped(progress.frontier)}, ${grouped(Math.round(progress.states / Math.max(progress.seconds, 0.001)))} states/s, ${Math.round(progress.memoryMiB)} MiB`}
      </div>
    );
  return (
    <div class="search" data-search={found?.verdict ?? 'none'}>
      <button type="button" class="main" onClick={() => void search()} title="every interleaving (e)">
        explore
      </button>
      {found === null ? (
        <span class="faint">{`every interleaving, up to ${grouped(limits.maxStates)} states, ${grouped(limits.maxMemoryMiB)} MiB of states`}</span>
      ) : (
        <Verdict />
      )}
    </div>
  );
}

function Verdict(): JSX.Element | null {
  const { value: found } = store.explored;
  if (found === null) return null;
  const { verdict, limit, states, transitions, depth, seconds, reductions, findings } = found;
  const by = [...(reductions.symmetry ? ['symmetry'] : []), ...(reductions.por ? ['partial order'] : [])].join(', ');
  const vacuous = found.properties.filter((one) => one.verdict === 'vacuous').length;
  return (
    <>
      <strong class={`verdict ${verdict}`}>
        {limit === undefined
          ? verdict
          : `${verdict}: ${limit}${found.limitMessage === undefined ? '' : `, ${found.limitMessage}`}`}
      </strong>
      <span id="figures">
        {`${grouped(states)} states, ${grouped(transitions)} transitions, depth ${depth}, ${seconds.toFixed(2)} s`}
        {by === '' ? '' : ` (reduced by ${by})`}
        {`, ${found.properties.length} properties${verdict === 'incomplete' ? '' : `, ${vacuous} vacuous`}`}
      </span>
      {findings.map(({ property, message, steps, path }) => (
        <button key={property} type="button" class="finding" title={message} onClick={() => void walkPath(path)}>
          {`${property}, ${steps} steps`}
        </button>
      ))}
    </>
  );
}

/** Light, dark, or as the system has it. */
function switchTheme(): void {
  const { dataset } = document.documentElement;
  const isDark =
    dataset['theme'] === undefined ? matchMedia('(prefers-color-scheme: dark)').matches : dataset['theme'] === 'dark';
  dataset['theme'] = isDark ? 'light' : 'dark';
  try {
    localStorage.setItem('theme', dataset['theme']);
  } catch {
    // A page in a frame, or of a file, may have no storage: the theme is not kept then.
  }
}

/** What else can be opened. */
function Menu(): JSX.Element {
  const open = (dialog: NonNullable<typeof store.dialog.value>) => (): void => {
    store.dialog.value = dialog;
  };
  return (
    <nav class="menu" aria-label="lab">
      <button type="button" onClick={open('bugs')} title="the bug catalogue (b)">
        bugs
      </button>
      <button type="button" onClick={open('findings')} title="open on today's kernel (f)">
        findings
      </button>
      <button type="button" onClick={open('scale')} title="what list and xarray cost (s)">
        scale
      </button>
      <button type="button" onClick={() => void copyMail()} title="the interleaving in columns, for a mail (c)">
        copy for mail
      </button>
      <button type="button" onClick={() => void copyLink()} title="this step of this trace (l)">
        copy link
      </button>
      <button type="button" onClick={open('take-away')} title="ITF, ndjson, Mermaid, SVG, a test (x)">
        export
      </button>
      <button type="button" onClick={switchTheme} title="light or dark">
        theme
      </button>
      <button type="button" onClick={open('help')} title="keys (?)" aria-label="help">
        ?
      </button>
    </nav>
  );
}

/** The top of the page. */
export function Header(): JSX.Element {
  const { value: world } = store.world;
  const { value: notice } = store.notice;
  return (
    <header>
      <div class="row">
        <h1>irqbypass-lab</h1>
        <Menu />
      </div>
      <Selection />
      {store.isEmbedded.value || world === null ? null : (
        <p class="about">
          <strong>{world.title}.</strong> {world.description} {world.callers ?? ''}
        </p>
      )}
      {store.report.value.length === 0 ? null : <p class="about report">{store.report.value.join(' ')}</p>}
      <Search />
      {notice === null ? null : (
        <p class={`notice ${notice.kind}`} role={notice.kind === 'error' ? 'alert' : 'status'}>
          {notice.text}
          <button
            type="button"
            aria-label="close message"
            onClick={() => {
              store.notice.value = null;
            }}
          >
            close
          </button>
        </p>
      )}
    </header>
  );
}
