// What opens over the page: keys, the bug catalogue, findings, what to take away, what list and xarray cost.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ComponentChildren, JSX } from 'preact';
import type { DocumentKind } from '../lab/document-kinds.ts';
import { documentKinds } from '../lab/document-kinds.ts';
import type { Selection } from '../link/link.ts';
import { download, show } from './actions.ts';
import { Scale } from './scale-view.tsx';
import * as store from './store.ts';

function close(): void {
  store.dialog.value = null;
}

/** A dialog of the browser's own: it keeps the focus, and Escape closes it. */
function Frame({ title, children }: { readonly title: string; readonly children: ComponentChildren }): JSX.Element {
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    // What was said before it opened is not about it.
    store.notice.value = null;
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

/** Closes what is open, and shows a world with the counterexample of a property. */
function open(selection: Selection, property: string | undefined): void {
  close();
  void show(selection, property);
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
                    <button
                      key={text}
                      type="button"
                      title={breaks.join(', ')}
                      onClick={() => open(selection, breaks[0])}
                    >
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
                <button type="button" onClick={() => open(selection, property)}>
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

function TakeAway(): JSX.Element {
  return (
    <Frame title={`The run up to step ${store.cursor.value}`}>
      <ul class="documents">
        {(Object.keys(documentKinds) as DocumentKind[]).map((kind) => (
          <li key={kind}>
            <button type="button" data-document={kind} onClick={() => void download(kind)}>
              save
            </button>{' '}
            {documentKinds[kind].title}
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

function CopyByHand(): JSX.Element {
  return (
    <Frame title="To be copied by hand">
      <p>The browser does not let this page copy.</p>
      <textarea class="copied" readOnly rows={20} aria-label="text" value={store.byHand.value} />
    </Frame>
  );
}

const dialogs = {
  copy: CopyByHand,
  bugs: Bugs,
  findings: Findings,
  help: Help,
  scale: ScaleDialog,
  'take-away': TakeAway,
} as const;

/** What is open over the page. */
export function Dialogs(): JSX.Element | null {
  const { value: open } = store.dialog;
  if (open === null) return null;
  const Open = dialogs[open];
  return <Open />;
}
