// What the page does: each action asks the worker and puts the answer into the store.
//
// Whatever changes the world, the path or the step is done one after the other: an action means the state that the one before it
// leads to, and the worker and the page never speak of two different worlds.
import { batch } from '@preact/signals';
import { InputError } from '../../engine/input-error.ts';
import type { DocumentKind } from '../lab/document-kinds.ts';
import type { Standing } from '../lab/lab.ts';
import type { Explored } from '../lab/exploring.ts';
import type { Link, Selection } from '../link/link.ts';
import { linkOf, linkText } from '../link/link.ts';
import { CODE_LENGTH } from '../link/choice-codes.ts';
import type { RemoteLab } from './remote.ts';
import { proxy } from './remote.ts';
import type { Beside } from './store.ts';
import * as store from './store.ts';

/** Limits of a search in the page, which are said where they are reached. */
export const limits = { maxStates: 5_000_000, maxMemoryMiB: 1024 } as const;
/** Steps of a random walk. */
const WALK_STEPS = 200;

let lab: RemoteLab;

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
  batch(() => {
    store.notice.value = { kind: 'error', text };
    // Forms show the world that is open, not the one that was refused.
    store.refusals.value += 1;
  });
  say(text);
}

let last: Promise<unknown> = Promise.resolve();

/** Runs an action when those before it are done. Answers what it does; what goes wrong is shown, and answered with undefined. */
function inTurnAnswered<T>(work: () => Promise<T>): Promise<T | undefined> {
  const done = last.then(async () => {
    try {
      return await work();
    } catch (error) {
      fail(error);
      return undefined;
    }
  });
  last = done;
  return done;
}

/** Runs an action when those before it are done. Answers whether it went well; what goes wrong is shown. */
const inTurn = async (work: () => Promise<void>): Promise<boolean> =>
  (await inTurnAnswered(async () => {
    await work();
    return true;
  })) ?? false;

function stand({ from, lines, position }: Standing): void {
  batch(() => {
    store.lines.value = [...store.lines.value.slice(0, from), ...lines];
    store.position.value = position;
    store.cursor.value = position.step;
    store.endState.value = position.state;
    store.comparison.value = null;
    store.notice.value = null;
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
  if (isNew && location.hash !== '') history.pushState(null, '', hash);
  else history.replaceState(null, '', hash);
}

/** The search that is under way: another world, or another search, takes its place. */
let searching: object | null = null;

/** Opens a world in its initial state. Where it is refused, everything stays as it was. */
async function openWorld(selection: Selection): Promise<void> {
  const { world: open, position } = await lab.open(selection);
  searching = null;
  batch(() => {
    if (selection.scenario !== store.selection.value.scenario) {
      store.search.value = '';
      store.columnSource.value = '';
    }
    store.selection.value = selection;
    store.world.value = open;
    store.explored.value = null;
    store.progress.value = null;
    store.isExploring.value = false;
    store.beside.value = null;
    store.columnValues.value = [];
    store.columnError.value = '';
    if (!open.actors.some(({ name }) => name === store.chosenActor.value))
      store.chosenActor.value = open.actors[0]?.name ?? '';
  });
  stand({ from: 0, lines: [], position });
  document.title = `${open.headline} - irqbypass-lab`;
}

/** Opens another world, as a form says it. Answers whether it is open now. */
export const choose = ({ scenario, revision, mutation, set }: Selection): Promise<boolean> =>
  inTurn(async () => {
    await openWorld({
      scenario,
      ...(revision === undefined ? {} : { revision }),
      ...(mutation === undefined ? {} : { mutation }),
      set,
    });
    address(true);
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

const isSameWorld = (one: Selection, other: Selection): boolean =>
  one.scenario === other.scenario &&
  (one.revision ?? '') === (other.revision ?? '') &&
  (one.mutation ?? '') === (other.mutation ?? '') &&
  JSON.stringify(Object.entries(one.set).toSorted()) === JSON.stringify(Object.entries(other.set).toSorted());

/** Opens what a link holds. What was found of a world stays, where it is the one that is open. */
export async function openLink(hash: string): Promise<void> {
  const opened = await inTurnAnswered(async () => {
    const link = linkOf(hash);
    if (link !== null) await followLink(link);
    return link;
  });
  if (opened === undefined || opened === null) return;
  const { explore, path, at, property, beside } = opened;
  const open = { at: at ?? 'end', ...(property === undefined ? {} : { property }) };
  if (explore) await search(path === '' && at !== undefined ? open : undefined);
  if (beside !== undefined && path !== '') await compareWith(beside);
}

async function followLink(link: Link): Promise<void> {
  const { path, at, embed, scenario, revision, mutation, set } = link;
  const selection = {
    scenario,
    ...(revision === undefined ? {} : { revision }),
    ...(mutation === undefined ? {} : { mutation }),
    set,
  };
  store.isEmbedded.value = embed;
  if (store.world.value === null || !isSameWorld(selection, store.selection.value)) await openWorld(selection);
  const standing = await lab.follow(path);
  stand(standing);
  const text = linkNotice(link, standing.followed);
  if (at !== 'end' && at !== undefined) await lookAt(at);
  if (text !== null) store.notice.value = { kind: 'note', text };
  if (location.hash !== '') address(false);
}

async function lookAt(step: number): Promise<void> {
  const position = await lab.at(Math.max(0, Math.min(step, store.lines.value.length)));
  batch(() => {
    store.cursor.value = position.step;
    store.position.value = position;
    store.notice.value = null;
  });
  const line = store.lines.value[position.step - 1];
  say(position.step === 0 ? 'initial state' : `step ${position.step}: ${line?.thread ?? ''} ${line?.text ?? ''}`);
}

/** The step that the last key or slider asked for. */
let aim: number | null = null;

/** Looks at a step of the path. While keys are held down, only the last one counts. */
export function goTo(step: number): Promise<boolean> {
  const target = Math.max(0, Math.min(step, store.lines.value.length));
  aim = target;
  return inTurn(async () => {
    if (aim !== target) return;
    aim = null;
    await lookAt(target);
    address(false);
  });
}

/** Looks so many steps farther on, or back. */
export const goBy = (steps: number): Promise<boolean> => goTo((aim ?? store.cursor.value) + steps);

async function takeNow(choice: string): Promise<void> {
  stand(await lab.take(store.cursor.value, choice));
  address(true);
  const line = store.lines.value.at(-1);
  const broken = line === undefined || line.breaks.length === 0 ? '' : `, violates ${line.breaks.join(', ')}`;
  say(`step ${line?.step ?? 0}: ${line?.text ?? ''}${broken}`);
}

/** Takes a choice at the step that is looked at. */
export const take = (choice: string): Promise<boolean> => inTurn(() => takeNow(choice));

/** Takes the nth choice of the state that is there then, from 0; nothing where there are fewer. */
export const takeNth = (n: number): Promise<boolean> =>
  inTurn(async () => {
    const choice = store.position.value?.choices[n];
    if (choice !== undefined) await takeNow(choice.name);
  });

/** Walks on from the step that is looked at, by chance. */
export const walk = (): Promise<boolean> =>
  inTurn(async () => {
    stand(await lab.walk(store.cursor.value, store.seed.value, WALK_STEPS));
    address(true);
    say(`walked to step ${store.cursor.value}`);
  });

/** Opens a path, at a step of it. */
export const walkPath = (path: string, at: number | 'end' = 'end'): Promise<boolean> =>
  inTurn(async () => {
    stand(await lab.follow(path));
    if (at !== 'end') await lookAt(at);
    address(true);
  });

/** Which counterexample is opened after a search, and at which step. */
export interface OpenAfter {
  readonly at: number | 'end';
  /** The first one where absent, or where it is not violated. */
  readonly property?: string;
}

/** What is found, or null where something else has taken the search's place. */
async function searched(mine: object): Promise<Explored | null> {
  const request = { symmetry: true, por: true, ...limits };
  const found = await lab.explore(
    request,
    proxy((progress) => {
      if (mine === searching) store.progress.value = progress;
    }),
  );
  return mine === searching ? found : null;
}

/** Explores the world; opens a counterexample where one is asked for. */
export async function search(open?: OpenAfter): Promise<void> {
  const mine = {};
  // It begins when what was asked before is done, and goes on beside what is asked after.
  await inTurn(async () => {
    searching = mine;
    batch(() => {
      store.isExploring.value = true;
      store.explored.value = null;
      store.progress.value = null;
    });
  });
  try {
    const found = await searched(mine);
    if (found === null) return;
    store.explored.value = found;
    say(`${found.verdict}, ${found.states} states`);
    const wanted = found.findings.find(({ property }) => property === open?.property) ?? found.findings[0];
    if (wanted !== undefined && open !== undefined) await walkPath(wanted.path, open.at);
  } catch (error) {
    if (mine === searching) fail(error);
  } finally {
    if (mine === searching) store.isExploring.value = false;
  }
}

/** Opens a world, explores it, and walks the counterexample of a property to its end. */
export async function show(selection: Selection, property: string | undefined): Promise<void> {
  if (await choose(selection)) await search({ at: 'end', ...(property === undefined ? {} : { property }) });
}

/** Ends the search. */
export async function cancel(): Promise<void> {
  await lab.cancel();
}

/** Takes the choices of the path in another revision, or with another bug, or without. */
export const compareWith = (other: Beside): Promise<boolean> =>
  inTurn(async () => {
    const { scenario, set, revision } = store.selection.value;
    // In the link, too, the other world is named in full.
    const beside = { ...other, revision: other.revision ?? revision ?? store.catalogue.value?.defaultRevision ?? '' };
    const comparison = await lab.compare({ scenario, set, ...beside });
    batch(() => {
      store.comparison.value = comparison;
      store.beside.value = beside;
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
    say(`${what} copied`);
  } catch {
    store.byHand.value = text;
    store.dialog.value = 'copy';
  }
}

/** Copies the interleaving up to here, for a mail. */
export const copyMail = (): Promise<boolean> =>
  inTurn(async () => {
    const { text } = await lab.document('mail', store.cursor.value, currentAddress());
    await copy(text, 'the interleaving in columns');
  });

/** Copies the address. */
export const copyLink = (): Promise<boolean> => inTurn(async () => copy(currentAddress(), 'the link'));

/** Saves the run up to here as a document. */
export const download = (kind: DocumentKind): Promise<boolean> =>
  inTurn(async () => {
    const { name, type, text } = await lab.document(kind, store.cursor.value, currentAddress());
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([text], { type }));
    link.download = name;
    link.click();
    URL.revokeObjectURL(link.href);
    store.notice.value = null;
  });
