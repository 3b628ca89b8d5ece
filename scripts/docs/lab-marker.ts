// `<!-- lab: scenario=deassign-hup | mutation=b9 -->` in a page: the lab stands there, with a button for each position of the knob. With
// `property=i-owner` it opens that property's counterexample.
// What is not on record is said in the marker, and searched for by a test: `| quiesced=false (violates i-noloss)`.
import type { Manifest } from '../../src/scenarios/manifest.ts';
import { findMutation } from '../../src/mutations/mutations.ts';
import { findProperty } from '../../src/properties/properties.ts';
import { DEFAULT_REVISION, findRevision } from '../../src/registry/revisions.ts';
import { findScenario } from '../../src/scenarios/builtin.ts';
import { labHash } from './lab-link.ts';

/** One position of the knob. */
interface Position {
  readonly label: string;
  /** What a search finds there, as far as it is on record. */
  readonly verdict: string;
  /** What the lab is opened at. */
  readonly hash: string;
}

const marker = /^<!-- lab: (.*) -->$/gm;

type Keys = Readonly<Record<string, string>>;

/** A position as the marker has it. */
interface Given {
  readonly keys: Keys;
  /** As the reader sees it. */
  readonly label: string;
  /** `violates i-noloss`, where the marker says so. */
  readonly said: string | undefined;
}

function givenOf(text: string): Given {
  const [, label = '', said] = /^\s*(.*?)\s*(?:\((.*)\))?\s*$/.exec(text) ?? [];
  return {
    keys: Object.fromEntries(label.split(/\s+/).map((pair) => pair.split('=') as [string, string])),
    label,
    said,
  };
}

/** What markers of a page say by themselves: keys of a position, and its verdict. */
export function saidVerdicts(text: string): readonly { readonly keys: Keys; readonly said: string }[] {
  return [...text.matchAll(marker)].flatMap(([, given = '']) => {
    const [first, ...others] = given.split('|').map(givenOf);
    return [first, ...others].flatMap((one) =>
      one?.said === undefined ? [] : [{ keys: { ...first?.keys, ...one.keys }, said: one.said }],
    );
  });
}

/** Throws where a marker names what is not there. */
function expectKnown({ scenario = '', revision = DEFAULT_REVISION, mutation, property, ...set }: Keys): void {
  const found = findScenario(scenario);
  if (found === undefined) throw new Error(`a lab names the scenario "${scenario}", which there is not`);
  if (findRevision(revision) === undefined)
    throw new Error(`a lab names the revision "${revision}", which there is not`);
  if (mutation !== undefined && findMutation(mutation) === undefined)
    throw new Error(`a lab names the mutation "${mutation}", which there is not`);
  if (property !== undefined && findProperty(property) === undefined)
    throw new Error(`a lab names the property "${property}", which there is not`);
  for (const key of Object.keys(set))
    if (!(key in found.parameters)) throw new Error(`a lab sets "${key}", which ${scenario} has not`);
}

/** What is on record of a position: of a bug in the catalogue, of revisions in the manifest. */
function verdictOf(keys: Keys, manifest: Manifest): string {
  const { scenario = '', revision = DEFAULT_REVISION, mutation, property, ...set } = keys;
  const settings = Object.entries(set);
  if (mutation !== undefined) {
    const isShown = (row: { readonly set?: object; readonly revision: string; readonly scenario: string }): boolean =>
      row.scenario === scenario &&
      row.revision === revision &&
      settings.every(([key, value]) => String((row.set as Keys | undefined)?.[key]) === value) &&
      Object.keys(row.set ?? {}).length === settings.length;
    const row = findMutation(mutation)?.shown.find(isShown);
    return row === undefined ? '' : `violates ${row.breaks[0] ?? ''}`;
  }
  const key = set['arch'] === undefined ? revision : `arch=${set['arch']} ${revision}`;
  const entry = settings.every(([name]) => name === 'arch') ? manifest[scenario]?.[key] : undefined;
  if (entry === undefined) return '';
  if (entry.verdict !== 'violated') return entry.verdict;
  const violated = entry.violated.map((one) => one.replace(/@.*/, ''));
  return `violates ${violated.find((one) => one === property) ?? violated[0] ?? ''}`;
}

function positionOf(keys: Keys, { label, said }: Given, manifest: Manifest): Position {
  expectKnown(keys);
  const { scenario = '', revision, mutation, property, ...set } = keys;
  const hash = labHash({ scenario, revision, mutation, set, property, explores: true });
  return { label, verdict: said ?? verdictOf(keys, manifest), hash };
}

/** The label of the first position, which the others change. */
function firstLabel({ revision, mutation }: Keys): string {
  return mutation === undefined ? (revision ?? DEFAULT_REVISION) : `mutation=${mutation}`;
}

/**
 * Puts the lab where markers stand.
 *
 * @param text - a page
 * @param manifest - verdicts on record, which the buttons show
 * @returns the page with Vue components
 * @throws Error where a marker names a scenario, revision, mutation or parameter that is not there
 */
export function withLabs(text: string, manifest: Manifest): string {
  return text.replaceAll(marker, (_, given: string) => {
    const [first = givenOf(''), ...others] = given.split('|').map(givenOf);
    const base = first.keys;
    const positions = [
      positionOf(base, { ...first, label: firstLabel(base) }, manifest),
      ...others.map((one) => positionOf({ ...base, ...one.keys }, one, manifest)),
    ];
    return `<Lab scenario="${base['scenario'] ?? ''}" :positions='${JSON.stringify(positions)}' />`;
  });
}
