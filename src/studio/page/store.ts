// What the page shows, as signals; actions.ts changes them.
import { computed, signal } from '@preact/signals';
import type { Catalogue } from '../lab/catalogue.ts';
import type { Explored, ExploreProgress } from '../lab/exploring.ts';
import type { OpenWorld } from '../lab/lab.ts';
import type { Selection } from '../link/link.ts';
import type { Comparison } from '../session/compare.ts';
import type { Position, StepLine } from '../session/position.ts';
import { matches } from './step-filter.ts';

/** What has to be said: an error, or what a link led to. */
export interface Notice {
  readonly kind: 'error' | 'note';
  readonly text: string;
}

export type Dialog = 'help' | 'copy' | 'bugs' | 'findings' | 'scale' | 'take-away' | null;
export type MiddleTab = 'steps' | 'sequence' | 'compare';
export type RightTab = 'state' | 'charts' | 'sets' | 'locks' | 'properties' | 'coverage';

export const catalogue = signal<Catalogue | null>(null);
export const selection = signal<Selection>({ scenario: 'manager', set: {} });
export const world = signal<OpenWorld | null>(null);
export const lines = signal<readonly StepLine[]>([]);
/** The step that is looked at. */
export const cursor = signal(0);
export const position = signal<Position | null>(null);
/** Fingerprint of the state at the end of the path. */
export const endState = signal('');
export const progress = signal<ExploreProgress | null>(null);
export const explored = signal<Explored | null>(null);
export const isExploring = signal(false);
export const comparison = signal<(Comparison & { readonly headline: string }) | null>(null);
/** The other world, where one stands beside this one. */
export interface Beside {
  readonly revision?: string;
  readonly mutation?: string;
}

export const beside = signal<Beside | null>(null);
/** How often something was refused: forms that are shown anew show the world that is open. */
export const refusals = signal(0);
/** A text that the browser did not let the page copy. */
export const byHand = signal('');
export const notice = signal<Notice | null>(null);
/** What a report was made of. */
export const report = signal<readonly string[]>([]);
export const dialog = signal<Dialog>(null);
export const middleTab = signal<MiddleTab>('steps');
export const rightTab = signal<RightTab>('state');
/** The part of the page that has most of its width. */
export const wide = signal<'middle' | 'right' | null>(null);
export const search = signal('');
export const columnSource = signal('');
export const columnValues = signal<readonly string[]>([]);
export const columnError = signal('');
export const onlyChanges = signal(true);
export const chosenActor = signal('');
export const seed = signal(1);
/** Is this page a frame in another one? */
export const isEmbedded = signal(false);
/** Read aloud by screen readers when it changes. */
export const spoken = signal('');

/** The steps that the search finds; all where nothing is searched for. */
export const shownLines = computed(() => lines.value.filter((line) => matches(line, search.value)));
