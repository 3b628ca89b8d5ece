// The recorded run behind docs/scale.md: runs the bench scripts one after the other, writes docs/figures/scale.json.
//
//   npm run bench:record           then npm run bench:charts and npm run bench:tables; it prints how long each part takes
//   npm run bench:record -- --try  small sizes and no storm of a million, to see that it works; writes to stdout
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ContentionResult } from '../src/scale/contention.ts';
import type { HostCosts } from '../src/scale/cost-model.ts';
import type { LayoutName } from '../src/scale/layouts.ts';
import { layoutNames } from '../src/scale/layouts.ts';
import type { ProducerShare } from '../src/scale/producer-share.ts';
import type { ContestantId } from '../src/scale/structures.ts';
import type { Workload } from '../src/scale/workloads.ts';
import type { RecordedFigure } from './growth-table.ts';
import { inProcess, machine } from './report.ts';
import type { Sensitivity } from './sensitivity.ts';

interface MemoryFigures {
  readonly layout: LayoutName;
  readonly kernelBytes: number;
  readonly processBytes: number;
}

/** A run of bench/growth.ts. */
export interface RecordedGrowth {
  readonly layout: LayoutName;
  readonly producers?: ProducerShare;
  readonly series: readonly (RecordedFigure & { readonly nodes: number })[];
  readonly crossover: number | null;
}

type RecordedContention = Omit<ContentionResult, 'contended'> & {
  readonly index: ContestantId;
  readonly contended?: number;
};

/** What is in docs/figures/scale.json. Times are nanoseconds, memory is bytes an entry. */
export interface Recorded {
  readonly machine: string;
  readonly xarray: {
    readonly irqfds: number;
    readonly figures: readonly {
      readonly layout: LayoutName;
      readonly ours: number;
      readonly load: number;
      readonly map: number;
      readonly few?: { readonly ours: number; readonly map: number };
      readonly kernelBytes: number;
      readonly processBytes: number;
    }[];
    readonly shifted: readonly MemoryFigures[];
    readonly lean: readonly MemoryFigures[];
  };
  /** Consumers only, every layout. */
  readonly growth: readonly RecordedGrowth[];
  /** Layout pages with producers for half and for all; not in older recordings. */
  readonly producers?: readonly RecordedGrowth[];
  readonly contention: {
    readonly seed: number;
    readonly costs: Readonly<Record<keyof HostCosts, unknown>>;
    readonly workloads: readonly {
      readonly workload: Workload;
      readonly results: readonly RecordedContention[];
    }[];
    readonly sensitivity?: readonly Sensitivity[];
  };
  readonly storm: {
    readonly irqfds: number;
    readonly actors: number;
    readonly messages: number;
    readonly seconds: number;
    readonly peakMiB: number;
    readonly peakNodes: number;
  };
}

export const recordedFile: string = fileURLToPath(new URL('../docs/figures/scale.json', import.meta.url));
const script = (name: string): string => fileURLToPath(new URL(`${name}.ts`, import.meta.url));

/** Runs one script and says how long it took. */
function recordOf(name: string, ...args: readonly string[]): unknown {
  const begin = performance.now();
  const found = inProcess(script(name), ...args);
  process.stderr.write(`${[name, ...args].join(' ')}: ${((performance.now() - begin) / 1000).toFixed(0)} s\n`);
  return found;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const isTrial = process.argv.includes('--try');
  const sizes = isTrial ? ['--sizes', '10,1000,10000'] : [];
  const begin = performance.now();
  const recorded = {
    machine: machine(),
    xarray: recordOf('xarray'),
    growth: layoutNames.map((layout) => recordOf('growth', layout, ...sizes)),
    producers: ['half', 'all'].map((share) => recordOf('growth', 'pages', share, ...sizes)),
    contention: recordOf('contention'),
    storm: recordOf('storm', ...(isTrial ? ['10000'] : [])),
  };
  const text = `${JSON.stringify(recorded, null, 1)}\n`;
  const seconds = ((performance.now() - begin) / 1000).toFixed(0);
  if (isTrial) process.stdout.write(text);
  else writeFileSync(recordedFile, text);
  process.stderr.write(`${isTrial ? 'a trial' : `${recordedFile} written`}, ${seconds} s\n`);
}
