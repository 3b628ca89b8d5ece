// Figure 1: one more key inserted and erased while 174 000 are present, ours, a JS Map<bigint, object>, the C code; memory.
//
//   npm run bench:xarray            medians by mitata, ratios in one run
//
// A benchmark, never a test. The key that comes and goes is each time another one of 65 536 that share no page with those
// present: a Map keeps the holes of deleted keys in their chains until it rehashes, so few keys again and again would be
// its worst case. That is measured too (`few`: 64 keys), as the best case of the xarray: all is in the cache.
import { do_not_optimize, measure } from 'mitata';
import { LeanArray } from '../src/scale/lean-array.ts';
import { XArray } from '../src/registry/structures/xarray.ts';
import { NODE_BYTES, XArrayNodes } from '../src/registry/structures/xarray-nodes.ts';
import type { LayoutName } from '../src/scale/layouts.ts';
import { KeyLayout, layoutNames } from '../src/scale/layouts.ts';
import { bytes, oneMore, sizes } from './c-figures.ts';
import { machine, ratio, table } from './report.ts';

const N = 174_000;
const EXTRAS = 2 ** 16;
const FEW = 64;
const FEW_OPERATIONS = 2 ** 18;
/** Keys that come and go in one sample. */
const BATCH = 64;
/** A handle of an entry: 8 bytes in an array. */
const HANDLE_BYTES = 8;

interface Entry {
  readonly n: number;
}

interface Figures {
  readonly layout: LayoutName;
  readonly ours: number;
  readonly load: number;
  readonly map: number;
  /** The same with 64 keys again and again; means. */
  readonly few: { readonly ours: number; readonly map: number };
  readonly kernelBytes: number;
  readonly processBytes: number;
}

function filled(slots: readonly number[], shift: number): XArray<Entry> {
  const array = new XArray<Entry>(new XArrayNodes());
  for (const [n, slot] of slots.entries()) {
    const [high, low] = [KeyLayout.high(slot), KeyLayout.low(slot)];
    if (shift === 0) array.insertAt(high, low, { n });
    else array.insertAt(high >>> shift, (low >>> shift) | (high << (32 - shift)), { n });
  }
  return array;
}

const memory = (array: XArray<Entry>): { kernelBytes: number; processBytes: number } => ({
  kernelBytes: (array.nodes.live * NODE_BYTES) / N,
  processBytes: array.nodes.processBytes / N + HANDLE_BYTES,
});

/** Nanoseconds each, mean of so many that a Map rehashes several times: a median would miss that, mitata's batches take minutes. */
function mean(run: () => void): number {
  const begin = performance.now();
  for (let i = 0; i < FEW_OPERATIONS; i += BATCH) run();
  return ((performance.now() - begin) * 1e6) / FEW_OPERATIONS;
}

const median = async (run: () => void): Promise<number> => (await measure(run)).p50 / BATCH;

async function figures(layout: LayoutName): Promise<Figures> {
  const keys = new KeyLayout(layout, 1);
  const slots = Array.from({ length: N }, (_, i) => keys.slot(i));
  const extras = Array.from({ length: EXTRAS }, (_, i) => keys.slot(keys.beyond(N, i)));
  const entry: Entry = { n: -1 };
  const array = filled(slots, 0);
  const highs = Int32Array.from(extras, (slot) => KeyLayout.high(slot));
  const lows = Int32Array.from(extras, (slot) => KeyLayout.low(slot));
  let next = 0;
  const oursOf = (keysUsed: number) => (): void => {
    for (let i = 0; i < BATCH; i++) {
      next = (next + 1) % keysUsed;
      const [high, low] = [highs[next] ?? 0, lows[next] ?? 0];
      array.insertAt(high, low, entry);
      do_not_optimize(array.eraseAt(high, low));
    }
  };
  const ours = await median(oursOf(EXTRAS));
  let at = 0;
  const load = await median(() => {
    for (let i = 0; i < BATCH; i++) {
      at = (at + 7919) % N;
      const slot = slots[at] ?? 0;
      do_not_optimize(array.loadAt(KeyLayout.high(slot), KeyLayout.low(slot)));
    }
  });
  const map = new Map(slots.map((slot, n) => [KeyLayout.address(slot), { n }]));
  const addresses = extras.map((slot) => KeyLayout.address(slot));
  const mapOf = (keysUsed: number) => (): void => {
    for (let i = 0; i < BATCH; i++) {
      next = (next + 1) % keysUsed;
      const address = addresses[next] ?? 0n;
      // xa_insert() refuses a taken index, so a Map has to look first.
      if (!map.has(address)) map.set(address, entry);
      do_not_optimize(map.delete(address));
    }
  };
  const ofMap = await median(mapOf(EXTRAS));
  const few = { ours: mean(oursOf(FEW)), map: mean(mapOf(FEW)) };
  return { layout, ours, load, map: ofMap, few, ...memory(array) };
}

const all: Figures[] = [];
for (const layout of layoutNames) all.push(await figures(layout));
const shifted = layoutNames.map((layout) => {
  const keys = new KeyLayout(layout, 1);
  return {
    layout,
    ...memory(
      filled(
        Array.from({ length: N }, (_, i) => keys.slot(i)),
        6,
      ),
    ),
  };
});

const lean = layoutNames.map((layout) => {
  const keys = new KeyLayout(layout, 1);
  const array = new LeanArray<Entry>();
  for (let n = 0; n < N; n++) {
    const [high, low] = [KeyLayout.high(keys.slot(n)), KeyLayout.low(keys.slot(n))];
    array.insertAt(high >>> 6, (low >>> 6) | (high << 26), { n });
  }
  return { layout, kernelBytes: array.kernelBytes / N, processBytes: array.processBytes / N };
});

if (process.argv.includes('--json')) {
  process.stdout.write(`${JSON.stringify({ machine: machine(), irqfds: N, figures: all, shifted, lean }, null, 2)}\n`);
} else {
  const ofC = (layout: LayoutName): number => oneMore.xarray[layout][sizes.indexOf(N)] ?? Number.NaN;
  const rows = all.map(({ layout, ours, load, map, few }) => [
    layout,
    ...[ours, ofC(layout), map, load, few.ours, few.map].map((ns) => ns.toFixed(0)),
    ratio(ours, ofC(layout)),
    ratio(ours, map),
  ]);
  const memoryRows = all.map(({ layout, kernelBytes, processBytes }, i) => {
    const six = shifted[i] ?? { kernelBytes: Number.NaN, processBytes: Number.NaN };
    const leaner = lean[i] ?? six;
    const others = [six, leaner].flatMap((one) => [one.kernelBytes.toFixed(0), one.processBytes.toFixed(0)]);
    return [layout, kernelBytes.toFixed(0), String(bytes.xarray[layout]), processBytes.toFixed(0), ...others];
  });
  process.stdout.write(
    [
      machine(),
      '',
      `One more key inserted and erased while ${N.toLocaleString('en')} are present; a random key loaded. Nanoseconds, medians.`,
      '',
      table(
        ['layout', 'ours', 'C', 'Map<bigint>', 'load', '64 keys: ours', '64 keys: Map', 'ours / C', 'ours / Map'],
        rows,
      ),
      '',
      'C registers and unregisters a whole consumer; ours is xa_insert() and xa_erase() only (bench:growth has the whole).',
      '',
      'Bytes an entry: nodes of 576 as the kernel has them; of this process (typed arrays with their reserve, handles).',
      '',
      table(['layout', 'kernel', 'C', 'here', '>> 6: kernel', '>> 6: here', 'lean: kernel', 'lean: here'], memoryRows),
      '',
    ].join('\n'),
  );
}
