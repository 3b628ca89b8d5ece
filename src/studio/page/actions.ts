// What the page does: each action asks the worker and puts the answer into the store.
import { batch } from '@preact/signals';
import { InputError } from '../../engine/input-error.ts';
import type { DocumentKind } from '../lab/documents.ts';
import type { Standing } from '../lab/lab.ts';
import type { Link, Selection } from '../link/link.ts';
import { linkOf, linkText } from '../link/link.ts';
import { CODE_LENGTH } from '../link/choice-codes.ts';
import type { RemoteLab } from './remote.ts';
import { proxy } from './remote.ts';
import * as store from './store.ts';

/** Limits of a search in the page, which are said where they are reached. */
export const limits = { maxStates: 5_000_000, maxMemoryMiB: 1024 } as const;
/** Steps of a random walk. */
const WALK_STEPS = 200;

let lab: RemoteLab;
/** Answers to what was asked before the last opening are late. */
let opening = 0;

/** Gives the actions their worker. */
export function useLab(remote: RemoteLab): void {
  lab = remote;
}

/** The worker, for views that ask for pictures. */
export const theLab = (): RemoteLab => lab;

function say(text: string): void {
  store.spoken.value = text;
}

/** Shows an error: what is wrong, where, what would be right. */
export function fail(error: unknown): void {
  const { message } = error instanceof Error ? error : { message: String(error) };
  const text =
    error instanceof InputError
      ? `${error.code} ${error.where === undefined ? '' : `${error.where}: `}${message}${error.hint === undefined ? '' : ` (${error.hint})`}`
      : `this page failed: ${message}`;
  store.notice.value = { kind: 'error', text };
  say(text);
}

/** Runs an action; what goes wrong is shown. */
async function acting(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    fail(error);
  }
}

let last: Promise<void> = Promise.resolve();

/** The same, one after the other: a key that is pressed again means the state that the first press leads to. */
function inTurn(work: () => Promise<void>): Promise<void> {
  last = last.then(() => acting(work));
  return last;
}

function stand({ from, lines, position }: Standing): void {
  batch(() => {
    store.lines.value = [...store.lines.value.slice(0, from), ...lines];
    store.position.value = position;
    store.cursor.value = position.step;
    store.endState.value = position.state;
    store.comparison.value = null;
  });
  void fillColumn();
}

/** The link to what is shown. */
export function currentLink(): Link {
  const { value: at } = store.cursor;
  const steps = store.lines.value;
  const base = {
    ...store.selection.value,
    path: steps.map(({ code }) => code).join(''),
    explore: false,
    embed: store.isEmbedded.value,
    ...(store.beside.value === null ? {} : { beside: store.beside.value }),
  };
  if (steps.length === 0) return base;
  const model = store.world.value?.model;
  const state = store.endState.value;
  return {
    ...base,
    at: at === steps.length ? 'end' : at,
    ...(model === undefined ? {} : { model }),
    ...(state === '' ? {} : { state }),
  };
}

/** The whole address of what is shown. */
export function currentAddress(): string {
  return `${location.href.replace(/#.*$/, '')}#${linkText(currentLink())}`;
}

/** Puts the link into the address: a new entry of the history, or the same one. */
function address(isNew: boolean): void {
  const hash = `#${linkText(currentLink())}`;
  if (hash === location.hash) return;
  if (isNew) history.pushState(null, '', hash);
  else history.replaceState(null, '', hash);
}

/** Opens a world in its initial state. */
async function openWorld(selection: Selection): Promise<boolean> {
  const mine = ++opening;
  const open = await lab.open(selection);
  const position = await lab.at(0);
  if (mine !== opening) return false;
  batch(() => {
    store.selection.value = selection;
    store.world.value = open;
    store.lines.value = [];
    store.position.value = position;
    store.cursor.value = 0;
    store.endState.value = position.state;
    store.explored.value = null;
    store.progress.value = null;
    store.isExploring.value = false;
    store.comparison.value = null;
    store.notice.value = null;
    store.columnValues.value = [];
    if (!open.actors.some(({ name }) => name === store.chosenActor.value))
      store.chosenActor.value = open.actors[0]?.name ?? '';
  });
  document.title = `${open.headline} - irqbypass-lab`;
  return true;
}

/** Opens another world, as a form says it. */
export const choose = (selection: Selection): Promise<void> =>
  acting(async () => {
    const { beside: _, ...plain } = selection as Selection & { readonly beside?: unknown };
    store.beside.value = null;
    if (await openWorld(plain)) address(true);
  });

/** What a link says of the steps that it leads to, where that is not simply all of them. */
function linkNotice(link: Link, followed: { readonly steps: number; readonly stopped?: string }): string | null {
  const { value: open } = store.world;
  const all = link.path.length / CODE_LENGTH;
  const isOther = link.model !== undefined && link.model !== open?.model;
  const other = isOther ? 'The link was made with another model or release. ' : '';
  if (followed.stopped !== undefined)
    return `${other}${followed.steps} of its ${all} steps were taken. It stopped at ${followed.stopped}.`;
  if (isOther && link.state !== undefined)
    return `${other}All of its ${all} steps can be taken here, and lead to ${link.state === store.endState.value ? 'the same' : 'another'} state.`;
  return isOther ? `${other}All of its ${all} steps can be taken here.` : null;
}

/** Opens what a link holds. */
export const openLink = (hash: string): Promise<void> =>
  acting(async () => {
    const link = linkOf(hash);
    if (link === null) return;
    const { path, at, explore, embed, beside, model: _model, state: _state, ...selection } = link;
    store.isEmbedded.value = embed;
    if (!(await openWorld(selection))) return;
    store.beside.value = beside ?? null;
    if (path !== '') {
      const standing = await lab.follow(path);
      stand(standing);
      const text = linkNotice(link, standing.followed);
      if (text !== null) store.notice.value = { kind: 'note', text };
      if (at !== 'end' && at !== undefined) await goTo(at);
    }
    if (explore) await search(path === '' ? at : undefined);
    if (beside !== undefined && path !== '') await compareWith(beside);
    if (location.hash !== '') address(false);
  });

/** Looks at a step of the path. */
export const goTo = (step: number): Promise<void> =>
  acting(async () => {
    const target = Math.max(0, Math.min(step, store.lines.value.length));
    store.cursor.value = target;
    const mine = opening;
    const position = await lab.at(target);
    // While keys are held down, only the last one counts.
    if (mine !== opening || store.cursor.value !== target) return;
    store.position.value = position;
    address(false);
    const line = store.lines.value[target - 1];
    say(target === 0 ? 'initial state' : `step ${target}: ${line?.thread ?? ''} ${line?.text ?? ''}`);
  });

/** Takes a choice at the step that is looked at. */
export const take = (choice: string): Promise<void> =>
  inTurn(async () => {
    stand(await lab.take(store.cursor.value, choice));
    address(true);
    const line = store.lines.value.at(-1);
    const broken = line === undefined || line.breaks.length === 0 ? '' : `, violates ${line.breaks.join(', ')}`;
    say(`step ${line?.step ?? 0}: ${line?.text ?? ''}${broken}`);
  });

/** Walks on from the step that is looked at, by chance. */
export const walk = (): Promise<void> =>
  inTurn(async () => {
    stand(await lab.walk(store.cursor.value, store.seed.value, WALK_STEPS));
    address(true);
    say(`walked to step ${store.cursor.value}`);
  });

/** Opens a path, at a step of it. */
export const walkPath = (path: string, at: number | 'end' = 'end'): Promise<void> =>
  inTurn(async () => {
    stand(await lab.follow(path));
    if (at !== 'end') await goTo(at);
    address(true);
  });

/** Explores the world; opens the first counterexample at a step of it where one is asked for. */
export const search = (openAt?: number | 'end'): Promise<void> =>
  acting(async () => {
    const mine = opening;
    batch(() => {
      store.isExploring.value = true;
      store.explored.value = null;
    });
    try {
      const request = { symmetry: true, por: true, ...limits };
      const found = await lab.explore(
        request,
        proxy((progress) => {
          if (mine === opening) store.progress.value = progress;
        }),
      );
      if (mine !== opening) return;
      store.explored.value = found;
      say(`${found.verdict}, ${found.states} states`);
      const [first] = found.findings;
      if (first !== undefined && openAt !== undefined) await walkPath(first.path, openAt);
    } finally {
      if (mine === opening) store.isExploring.value = false;
    }
  });

/** Ends the search. */
export const cancel = (): Promise<void> => acting(async () => lab.cancel());

/** Takes the choices of the path in another revision, or with another bug, or without. */
export const compareWith = (other: { readonly revision?: string; readonly mutation?: string }): Promise<void> =>
  acting(async () => {
    const { scenario, set } = store.selection.value;
    store.comparison.value = await lab.compare({ scenario, set, ...other });
    batch(() => {
      store.beside.value = other;
      store.middleTab.value = 'compare';
    });
    address(false);
  });

/** Asks what the column's expression is worth along the path. */
export async function fillColumn(): Promise<void> {
  const { value: source } = store.columnSource;
  if (source.trim() === '') {
    store.columnValues.value = [];
    store.columnError.value = '';
    return;
  }
  try {
    store.columnValues.value = await lab.column(source);
    store.columnError.value = '';
  } catch (error) {
    store.columnValues.value = [];
    store.columnError.value = error instanceof Error ? error.message : String(error);
  }
}

/** Copies a text; where the browser refuses, it is shown to be copied by hand. */
async function copy(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    store.notice.value = { kind: 'note', text: `${what} copied` };
  } catch {
    store.notice.value = { kind: 'note', text: `the browser does not let this page copy: ${text}` };
  }
  say(store.notice.value.text);
}

/** Copies the interleaving up to here, for a mail. */
export const copyMail = (): Promise<void> =>
  acting(async () => {
    const { text } = await lab.document('mail', store.cursor.value, currentAddress());
    await copy(text, 'the interleaving in columns');
  });

/** Copies the address. */
export const copyLink = (): Promise<void> => acting(async () => copy(currentAddress(), 'the link'));

/** Saves the run up to here as a document. */
export const download = (kind: DocumentKind): Promise<void> =>
  acting(async () => {
    const { name, type, text } = await lab.document(kind, store.cursor.value, currentAddress());
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([text], { type }));
    link.download = name;
    link.click();
    URL.revokeObjectURL(link.href);
  });
