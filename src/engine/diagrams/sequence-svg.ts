// A sequence diagram as SVG. Where a lane stands and how high a step is depends on nothing but the sequence, so that any window of its
// steps can be drawn alone: a page shows the few that are seen, of ten thousand.
//
// Each step is `<g class="step" data-step="n">`. Bars on a lane are locks that the actor holds, dashed ones locks that it waits for.
import type { LockNote, Sequence, SequenceArrow, SequenceEntry } from './sequence.ts';
import { arrowText, holdingsOf, lockNotes, violationText } from './sequence.ts';
import type { Colour } from './svg-text.ts';
import { element, escapeXml, light, styleOf, svgDocument } from './svg-text.ts';
import { wrapped } from './wrap.ts';

/** Which part of a sequence is drawn, and how. */
export interface SequenceSvgOptions {
  /** Place of the first step that is drawn, from 0, and of the first that is not; all where absent. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** The number of the step that is marked: where a reader stands. */
  readonly current?: number | undefined;
  /** Are the names of the lanes above? Where absent: yes. */
  readonly header?: boolean | undefined;
  /** For a file of its own: with a background, and with colours for the dark. */
  readonly standalone?: boolean | undefined;
}

/** Sizes in pixels. */
export const HEADER_HEIGHT = 40;
const ARROW_HEIGHT = 30;
const LINE_HEIGHT = 16;
const PADDING = 6;
const LANE_WIDTH_MIN = 90;
const LANE_WIDTH_MAX = 190;
const NUMBERS_WIDTH = 34;
/** About as wide as a letter is. */
const LETTER = 6.4;
/** Characters of a line of a note. */
const NOTE_WIDTH = 60;
/** An arrow from an actor to itself is so wide. */
const LOOP = 34;
const MARGIN_RIGHT = 24;
const BAR = 5;
const HEAD = 6;

const STYLE = styleOf([
  ['.paper', 'fill', 'paper'],
  ['text', 'fill', 'ink'],
  ['.label,.note', 'stroke', 'paper'],
  ['.number', 'fill', 'faint'],
  ['.lane>rect,.current>.ground', 'fill', 'box'],
  ['.lane>rect,.lifeline,.arrow>path', 'stroke', 'line'],
  ['.arrow>.head', 'fill', 'line'],
  ['.lock', 'fill', 'held'],
  ['.wait', 'stroke', 'held'],
  ['.note.taken,.note.given,.note.waits', 'fill', 'held'],
  ['.note.fault,.note.violation,.fault>.label', 'fill', 'removed'],
]);

/** A line below the arrows of a step. */
interface NoteLine {
  readonly lane: string;
  readonly text: string;
  readonly className: string;
  readonly colour: Colour;
}

/** Everything about a step that takes room below its arrows. */
function noteLines(sequence: Sequence, i: number): readonly NoteLine[] {
  const entry = sequence.steps[i];
  if (entry === undefined) return [];
  const lane = entry.arrows[0]?.from ?? sequence.lanes[0] ?? '';
  const { violation } = sequence;
  const folded = (note: NoteLine): readonly NoteLine[] =>
    wrapped(note.text, NOTE_WIDTH).map((text) => ({ ...note, text }));
  return [
    ...entry.notes.map(({ text, isFault }): NoteLine =>
      isFault
        ? { lane, text: `! ${text}`, className: 'note fault', colour: 'removed' }
        : { lane, text, className: 'note', colour: 'faint' },
    ),
    ...lockNotes(sequence.steps[i - 1], entry).map((note: LockNote): NoteLine => ({
      lane: note.lane,
      text: `${note.lane} ${note.text}`,
      className: `note ${note.change}`,
      colour: 'held',
    })),
    ...(violation?.step === entry.step
      ? [{ lane, text: violationText(violation), className: 'note violation', colour: 'removed' as const }]
      : []),
  ].flatMap(folded);
}

function heightOf(sequence: Sequence, i: number): number {
  const arrows = sequence.steps[i]?.arrows.length ?? 0;
  return PADDING + arrows * ARROW_HEIGHT + noteLines(sequence, i).length * LINE_HEIGHT;
}

/**
 * How high each step is drawn, so that a page knows where each begins before it draws any.
 *
 * @param sequence - the run
 * @returns pixels, one number a step; above the first one are `HEADER_HEIGHT` for the names of the lanes
 */
export function sequenceHeights(sequence: Sequence): readonly number[] {
  return sequence.steps.map((_, i) => heightOf(sequence, i));
}

/** Where the lanes stand: as far apart as most labels between neighbours need. */
function measuredLanes(sequence: Sequence): {
  readonly places: ReadonlyMap<string, number>;
  readonly width: number;
} {
  const { lanes, steps } = sequence;
  const order = new Map(lanes.map((lane, i) => [lane, i]));
  const wanted = steps.flatMap(({ arrows }) =>
    arrows.map(({ from, to, label }) => {
      const between = Math.max(1, Math.abs((order.get(from) ?? 0) - (order.get(to) ?? 0)));
      return (label.length * LETTER) / between;
    }),
  );
  const names = lanes.map((lane) => lane.length * LETTER + 24);
  // Three of four labels fit between the two lanes that they lead between; the others go on over the next ones.
  const usual = wanted.toSorted((a, b) => a - b)[Math.floor(wanted.length * 0.75)] ?? 0;
  const pitch = Math.min(LANE_WIDTH_MAX, Math.max(LANE_WIDTH_MIN, usual, ...names));
  const places = new Map(lanes.map((lane, i) => [lane, Math.round(NUMBERS_WIDTH + pitch * (i + 0.5))]));
  return { places, width: Math.round(widthOf(sequence, places)) };
}

/** What was measured of a sequence: windows of one are drawn again and again. */
const measured = new WeakMap<Sequence, ReturnType<typeof measuredLanes>>();

function lanePlaces(sequence: Sequence): ReturnType<typeof measuredLanes> {
  const known = measured.get(sequence) ?? measuredLanes(sequence);
  measured.set(sequence, known);
  return known;
}

/** As wide as the text that ends farthest to the right. */
function widthOf(sequence: Sequence, places: Places): number {
  const at = (lane: string): number => places.get(lane) ?? 0;
  let right = Math.max(0, ...places.values()) + LANE_WIDTH_MIN / 2;
  for (const [i, { arrows }] of sequence.steps.entries()) {
    for (const { from, to, label } of arrows)
      right = Math.max(right, Math.min(at(from), at(to)) + label.length * LETTER + (from === to ? LOOP : 0));
    for (const { lane, text } of noteLines(sequence, i)) right = Math.max(right, at(lane) + text.length * LETTER);
  }
  return right + MARGIN_RIGHT;
}

type Places = ReadonlyMap<string, number>;

const border = { stroke: light('paper'), 'stroke-width': 3, 'paint-order': 'stroke' } as const;

function arrowElement(places: Places, arrow: SequenceArrow, y: number): string {
  const { from, to, isReply, isFault = false } = arrow;
  const [start, end] = [places.get(from) ?? 0, places.get(to) ?? 0];
  const line = y + ARROW_HEIGHT - 8;
  const dashes = isReply ? '5 3' : undefined;
  const isLoop = start === end;
  const forward = end > start ? 1 : -1;
  const tip = isLoop ? start + BAR : end - forward * BAR;
  const back = isLoop ? HEAD : -forward * HEAD;
  const d = isLoop
    ? `M${String(start)} ${String(line - 10)}h28v10H${String(tip)}`
    : `M${String(start)} ${String(line)}H${String(tip)}`;
  const x = isLoop ? start + LOOP : Math.min(start, end) + BAR + 4;
  return element(
    'g',
    {
      class: ['arrow', ...(isReply ? ['reply'] : []), ...(isFault ? ['fault'] : [])].join(' '),
      'data-from': from,
      'data-to': to,
    },
    element('path', { d, fill: 'none', stroke: light('line'), 'stroke-dasharray': dashes }),
    element('path', {
      class: 'head',
      d: `M${String(tip)} ${String(line)}l${String(back)} -4v8Z`,
      fill: light('line'),
    }),
    element(
      'text',
      { class: 'label', x, y: isLoop ? line : line - 5, fill: isFault ? light('removed') : undefined, ...border },
      escapeXml(arrowText(arrow)),
    ),
  );
}

/** The line of an arrow in its step. */
const lineOf = (top: number, place: number): number => top + PADDING + (place + 0.5) * ARROW_HEIGHT;

/** Where in a step a lock is taken: at the first arrow to it, or at the first of all. Where it is given back: at the last one to it or from it. */
function lockLines(entry: SequenceEntry, lock: string, top: number, bottom: number): { taken: number; given: number } {
  const isOf = (name: string): boolean => name === lock || lock.startsWith(`${name}.`);
  const first = entry.arrows.findIndex(({ to }) => isOf(to));
  const last = entry.arrows.findLastIndex(({ from, to }) => isOf(from) || isOf(to));
  return { taken: lineOf(top, Math.max(0, first)), given: last < 0 ? bottom : lineOf(top, last) };
}

/** What one lane has of one lock within a step: from where to where. */
interface Span {
  readonly lane: string;
  readonly lock: string;
  readonly from: number;
  readonly to: number;
}

/** Spans of what was there before a step, after it, or both. */
function spansOf(
  before: readonly (readonly [string, string, ...string[]])[],
  after: readonly (readonly [string, string, ...string[]])[],
  linesOf: (lock: string) => { readonly taken: number; readonly given: number },
  top: number,
  bottom: number,
): readonly Span[] {
  const keyOf = ([lane, lock]: readonly [string, string, ...string[]]): string => JSON.stringify([lane, lock]);
  const [was, is] = [new Set(before.map(keyOf)), new Set(after.map(keyOf))];
  const all = new Map([...before, ...after].map((one) => [keyOf(one), one]));
  return [...all].map(([key, [lane, lock]]) => ({
    lane,
    lock,
    from: was.has(key) ? top : linesOf(lock).taken,
    to: is.has(key) ? bottom : linesOf(lock).given,
  }));
}

/** The bars of the lanes within a step: of each lock from where it is taken, or was held, to where it is given back, or goes on being held. */
function barElements(
  places: Places,
  before: SequenceEntry | undefined,
  after: SequenceEntry,
  top: number,
  height: number,
): readonly string[] {
  const bottom = top + height;
  const [was, is] = [holdingsOf(before), holdingsOf(after)];
  const linesOf = (lock: string): ReturnType<typeof lockLines> => lockLines(after, lock, top, bottom);
  const holds = spansOf(was.holds, is.holds, linesOf, top, bottom);
  const known = (one: readonly [string, string, string]): boolean => one[2] !== '';
  const waits = spansOf(was.waits.filter(known), is.waits.filter(known), linesOf, top, bottom);
  const beside = (lane: string, i: number): number => holds.slice(0, i).filter((one) => one.lane === lane).length;
  return [
    ...holds.map(({ lane, lock, from, to }, i) =>
      element('rect', {
        class: 'lock',
        'data-lock': lock,
        x: (places.get(lane) ?? 0) - BAR / 2 + beside(lane, i) * BAR,
        y: from,
        width: BAR,
        height: to - from,
        fill: light('held'),
      }),
    ),
    ...waits.map(({ lane, lock, from, to }) =>
      element('path', {
        class: 'wait',
        'data-lock': lock,
        d: `M${String((places.get(lane) ?? 0) - BAR)} ${String(from)}V${String(to)}`,
        stroke: light('held'),
        'stroke-width': 2,
        'stroke-dasharray': '3 3',
      }),
    ),
  ];
}

function stepElement(
  sequence: Sequence,
  places: Places,
  i: number,
  top: number,
  options: SequenceSvgOptions,
  width: number,
): string {
  const entry = sequence.steps[i];
  if (entry === undefined) return '';
  const height = heightOf(sequence, i);
  const isCurrent = options.current === entry.step;
  const isViolated = sequence.violation?.step === entry.step;
  const notesTop = top + PADDING + entry.arrows.length * ARROW_HEIGHT;
  const ground = element('rect', {
    class: 'ground',
    x: 0,
    y: top,
    width,
    height,
    fill: isCurrent ? light('box') : 'none',
  });
  const classes = ['step', ...(isCurrent ? ['current'] : []), ...(isViolated ? ['violated'] : [])].join(' ');
  return element(
    'g',
    { class: classes, 'data-step': String(entry.step) },
    ground,
    ...barElements(places, sequence.steps[i - 1], entry, top, height),
    element(
      'text',
      {
        class: 'number',
        x: NUMBERS_WIDTH - 8,
        y: top + PADDING + ARROW_HEIGHT - 8,
        'text-anchor': 'end',
        fill: light('faint'),
      },
      String(entry.step),
    ),
    ...entry.arrows.map((arrow, k) => arrowElement(places, arrow, top + PADDING + k * ARROW_HEIGHT)),
    ...noteLines(sequence, i).map(({ lane, text, className, colour }, k) => {
      const indent = text.length - text.trimStart().length;
      const x = (places.get(lane) ?? 0) + BAR * 2 + 4 + indent * 4;
      const y = notesTop + (k + 1) * LINE_HEIGHT - 5;
      return element('text', { class: className, x, y, fill: light(colour), ...border }, escapeXml(text.trimStart()));
    }),
  );
}

function laneElements(lanes: readonly string[], places: Places, hasHeader: boolean, height: number): readonly string[] {
  return lanes.map((lane) => {
    const x = places.get(lane) ?? 0;
    const half = (lane.length * LETTER + 18) / 2;
    const top = hasHeader ? HEADER_HEIGHT - 8 : 0;
    const head = [
      element('rect', {
        x: x - half,
        y: 8,
        width: 2 * half,
        height: 24,
        rx: 4,
        fill: light('box'),
        stroke: light('line'),
      }),
      element('text', { class: 'name', x, y: 24, 'text-anchor': 'middle', 'font-weight': 'bold' }, escapeXml(lane)),
    ];
    return element(
      'g',
      { class: 'lane', 'data-actor': lane },
      element('path', {
        class: 'lifeline',
        d: `M${String(x)} ${String(top)}V${String(height)}`,
        stroke: light('line'),
        'stroke-dasharray': '1 3',
      }),
      ...(hasHeader ? head : []),
    );
  });
}

/**
 * Draws a sequence, or a window of its steps, as SVG.
 *
 * @param sequence - the run, as `sequenceOf` makes it
 * @param options - the window, the step that is marked, whether the picture is a file of its own
 * @returns the SVG document, ending with a newline; the same sequence and options give the same bytes
 * @example
 * sequenceSvg(sequence, { from: 100, to: 120, current: 104 });
 */
export function sequenceSvg(sequence: Sequence, options: SequenceSvgOptions = {}): string {
  const { from = 0, to = sequence.steps.length, header: hasHeader = true, standalone = false } = options;
  const { places, width } = lanePlaces(sequence);
  let top = hasHeader ? HEADER_HEIGHT : 0;
  const steps: string[] = [];
  if (sequence.violation?.step === 0 && from <= 0) {
    const lines = wrapped(violationText(sequence.violation), NOTE_WIDTH);
    const at = (k: number): number => top + (k + 1) * LINE_HEIGHT - 5;
    steps.push(
      ...lines.map((line, k) =>
        element(
          'text',
          { class: 'note violation', x: NUMBERS_WIDTH, y: at(k), fill: light('removed') },
          escapeXml(line),
        ),
      ),
    );
    top += lines.length * LINE_HEIGHT;
  }
  for (let i = Math.max(0, from); i < Math.min(to, sequence.steps.length); i++) {
    steps.push(stepElement(sequence, places, i, top, options, width));
    top += heightOf(sequence, i);
  }
  const height = top + PADDING;
  const { title, lanes, violation } = sequence;
  const about = violation === undefined ? '' : `; ${violationText(violation)}`;
  const label = `Sequence diagram${title === '' ? '' : ` of ${title}`}: ${String(sequence.steps.length)} steps of ${lanes.join(', ')}${about}`;
  return svgDocument({ width, height, label, className: 'sequence', style: standalone ? STYLE : null }, [
    ...laneElements(lanes, places, hasHeader, height),
    ...steps,
  ]);
}
