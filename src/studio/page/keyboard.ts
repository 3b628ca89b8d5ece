// The keys of the page. None is taken where somebody types, or while a dialog is open.
import { cancel, copyLink, copyMail, goBy, goTo, search, takeNth, walk } from './actions.ts';
import * as store from './store.ts';

type Action = () => void;

const by =
  (steps: number): Action =>
  () =>
    void goBy(steps);
const open =
  (dialog: NonNullable<typeof store.dialog.value>): Action =>
  () => {
    store.dialog.value = dialog;
  };

const actions: Readonly<Record<string, Action>> = {
  ArrowRight: by(1),
  j: by(1),
  ArrowLeft: by(-1),
  k: by(-1),
  Home: () => void goTo(0),
  End: () => void goTo(store.lines.value.length),
  w: () => void walk(),
  e: () => void (store.isExploring.value ? cancel() : search()),
  c: () => void copyMail(),
  l: () => void copyLink(),
  b: open('bugs'),
  f: open('findings'),
  s: open('scale'),
  x: open('take-away'),
  '?': open('help'),
  o: () => {
    store.onlyChanges.value = !store.onlyChanges.value;
  },
  '/': () => {
    store.middleTab.value = 'steps';
    setTimeout(() => document.querySelector<HTMLInputElement>('#search')?.focus());
  },
};

function takeNumber(key: string): boolean {
  if (!/^[1-9]$/.test(key)) return false;
  void takeNth(Number(key) - 1);
  return true;
}

/** Is a key one of what has the focus: of a field, a slider, a list of choices? */
function isOfField(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement && target.type === 'range') return key.startsWith('Arrow') || key.length > 1;
  if (target instanceof HTMLInputElement && target.type === 'checkbox') return key === ' ';
  return target.matches('input, select, textarea') || (target.matches('[role=tab]') && key.startsWith('Arrow'));
}

/** Listens to keys from now on. */
export function listenToKeys(): void {
  document.addEventListener('keydown', (event) => {
    const { key, target, ctrlKey, metaKey, altKey } = event;
    if (ctrlKey || metaKey || altKey || store.dialog.value !== null || isOfField(target, key)) return;
    const action = Object.hasOwn(actions, key) ? actions[key] : undefined;
    if (action === undefined && !takeNumber(key)) return;
    event.preventDefault();
    action?.();
  });
}
