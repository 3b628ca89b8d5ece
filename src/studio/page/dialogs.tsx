// What opens over the page: keys, the bug catalogue, findings, what to take away, what list and xarray cost.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ComponentChildren, JSX } from 'preact';
import type { DocumentKind } from '../lab/documents.ts';
import type { Selection } from '../link/link.ts';
import { choose, download, search } from './actions.ts';
import { Scale } from './scale-view.tsx';
import * as store from './store.ts';

function close(): void {
  store.dialog.value = null;
}

/** A dialog of the browser's own: it keeps the focus, and Escape closes it. */
function Frame({ title, children }: { readonly title: string; readonly children: ComponentChildren }): JSX.Element {
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    box.current?.showModal();
  }, []);
  return (
    <dialog ref={box} onClose={close} aria-labelledby="dialog-title">
      <div class="row">
        <h2 id="dialog-title">{title}</h2>
        <button type="button" onClick={close}>
          close
        </button>
      </div>
      {children}
    </dialog>
  );
}

/** Opens a world and explores it; its first counterexample is walked to the end. */
async function show(selection: Selection): Promise<void> {
  close();
  await choose(selection);
  await search('end');
}

function Bugs(): JSX.Element {
  const [query, setQuery] = useState('');
  const wanted = query.toLowerCase();
  const all = store.catalogue.value?.mutations ?? [];
  const shown = all.filter(({ id, title, source }) => `${id} ${title} ${source}`.toLowerCase().includes(wanted));
  return (
    <Frame title={`${all.length} bugs`}>
      <p>
        Each is a small patch of a machine or a world. One click puts it in, explores, and walks the shortest
        counterexample.
      </p>
      <label>
        <span>search</span>
        <input type="search" value={query} onInput={({ currentTarget }) => setQuery(currentTarget.value)} />
      </label>
      <table class="bugs">
        <tbody>
          {shown.map(({ id, title, source, shown: rows }) => (
            <tr key={id}>
              <th scope="row">{id}</th>
              <td>
                {title}
                <small>{source}</small>
              </td>
              <td>
                {rows.map(({ selection, breaks }) => {
                  const set = Object.entries(selection.set).map(([key, value]) => ` ${key}=${value}`);
                  const text = `${selection.scenario}${set.join('')} on ${selection.revision ?? ''}`;
                  return (
                    <button key={text} type="button" title={breaks.join(', ')} onClick={() => void show(selection)}>
                      {text}
                    </button>
                  );
                })}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Frame>
  );
}

function Findings(): JSX.Element {
  return (
    <Frame title="What is open">
      <p>
        What the model of today's kernel violates, or what holds only under an assumption. None of this has been
        reproduced on a machine: a finding is as good as the model.
      </p>
      <table class="bugs">
        <tbody>
          {(store.catalogue.value?.findings ?? []).map(({ title, what, status, selection, property }) => (
            <tr key={title}>
              <td>
                {title}
                <small>{`${what}; ${status}`}</small>
              </td>
              <td>{property}</td>
              <td>
                <button type="button" onClick={() => void show(selection)}>
                  show it
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Frame>
  );
}

const keys: readonly (readonly [string, string])[] = [
  ['→ or j, ← or k', 'a step on, a step back along the path'],
  ['Home, End', 'the initial state, the last step'],
  ['1 ... 9', 'take that step'],
  ['w', 'walk on by chance'],
  ['e', 'explore, or cancel'],
  ['/', 'search the steps'],
  ['c', 'copy the interleaving for a mail: columns of at most 72 characters, the link as last line'],
  ['l', 'copy the link to this step'],
  ['b, f, s, x', 'bugs, findings, scale, export'],
  ['o', 'only changes of the state, or all of it'],
  ['Escape', 'close what is open'],
  ['?', 'this'],
];

function Help(): JSX.Element {
  return (
    <Frame title="Keys">
      <table class="keys">
        <tbody>
          {keys.map(([key, what]) => (
            <tr key={key}>
              <th scope="row">
                <kbd>{key}</kbd>
              </th>
              <td>{what}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p>
        The address is that of the step that you see: a link, a bookmark, the way back. Search takes{' '}
        <code>actor:p0</code>, <code>event:stop</code>, <code>breaks:i-owner</code> and any text. A column takes an
        expression over the state, as <code>structs.p0.key == 'e0'</code>.
      </p>
      <p>Everything is computed in this page. Nothing is sent anywhere.</p>
    </Frame>
  );
}

const documents: readonly (readonly [DocumentKind, string])[] = [
  ['mail', 'columns for a mail, at most 72 characters wide'],
  ['itf', 'ITF, which irqbypass replay and other tools read'],
  ['ndjson', 'ndjson, which irqbypass replay reads'],
  ['mermaid', 'Mermaid sequence diagram'],
  ['svg', 'SVG sequence diagram'],
  ['kunit', 'a KUnit test that stages the interleaving'],
];

function TakeAway(): JSX.Element {
  return (
    <Frame title={`The run up to step ${store.cursor.value}`}>
      <ul class="documents">
        {documents.map(([kind, title]) => (
          <li key={kind}>
            <button type="button" data-document={kind} onClick={() => void download(kind)}>
              save
            </button>{' '}
            {title}
          </li>
        ))}
      </ul>
      {store.notice.value?.kind === 'error' ? <p class="notice error">{store.notice.value.text}</p> : null}
    </Frame>
  );
}

function ScaleDialog(): JSX.Element {
  return (
    <Frame title="What list and xarray cost">
      <Scale />
    </Frame>
  );
}

const dialogs = { bugs: Bugs, findings: Findings, help: Help, scale: ScaleDialog, 'take-away': TakeAway } as const;

/** What is open over the page. */
export function Dialogs(): JSX.Element | null {
  const { value: open } = store.dialog;
  if (open === null) return null;
  const Open = dialogs[open];
  return <Open />;
}
