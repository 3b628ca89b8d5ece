// The recorded run behind docs/scale.md: runs the four bench scripts one after the other, writes docs/figures/scale.json.
//
//   npm run bench:record           about three minutes; then npm run bench:charts
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ContentionResult } from '../src/simulate/contention.ts';
import type { HostCosts } from '../src/simulate/cost-model.ts';
import type { LayoutName } from '../src/simulate/layouts.ts';
import { layoutNames } from '../src/simulate/layouts.ts';
import type { Measurement } from '../src/simulate/measure.ts';
import type { ContestantId } from '../src/simulate/structures.ts';
import type { Workload } from '../src/simulate/workloads.ts';
import { inProcess, machine } from './report.ts';

interface MemoryFigures {
  readonly layout: LayoutName;
  readonly kernelBytes: number;
  readonly processBytes: number;
}

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
      readonly kernelBytes: number;
      readonly processBytes: number;
    }[];
    readonly shifted: readonly MemoryFigures[];
    readonly lean: readonly MemoryFigures[];
  };
  readonly growth: readonly (Measurement & { readonly layout: LayoutName })[];
  readonly contention: {
    readonly seed: number;
    readonly costs: HostCosts;
    readonly workloads: readonly {
      readonly workload: Workload;
      readonly results: readonly (ContentionResult & { readonly index: ContestantId })[];
    }[];
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

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const recorded: Recorded = {
    machine: machine(),
    xarray: inProcess(script('xarray')) as Recorded['xarray'],
    growth: layoutNames.map((layout) => inProcess(script('growth'), layout)) as Recorded['growth'],
    contention: inProcess(script('contention')) as Recorded['contention'],
    storm: inProcess(script('storm')) as Recorded['storm'],
  };
  writeFileSync(recordedFile, `${JSON.stringify(recorded, null, 1)}\n`);
  process.stdout.write(`${recordedFile} written\n`);
}
