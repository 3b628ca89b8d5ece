// A device assignment that is small enough for two devices: each with its vector, irqfd, irq, threads, and the parts of them.
import type { Assembled } from '../../../src/scenarios/assembled.ts';
import { assembleScript } from '../../../src/scenarios/assemble.ts';
import { findScenario } from '../../../src/scenarios/builtin.ts';
import { assignIrqfd, clearIrqs, deassignIrqfd, setGsiRouting, setIrqs, step } from '../../../src/scenarios/calls.ts';
import type { Parameters } from '../../../src/scenarios/define.ts';

/** What there is besides: which of a pair goes again, whether the route is one that cannot be posted in the end, a bug. */
export interface TwoDevices {
  readonly goes?: 'vector' | 'irqfd';
  readonly reroutes?: boolean;
  readonly mutation?: string | null;
  readonly set?: Parameters;
}

/** Assembles it afresh: the two devices are interchangeable; each call is made once. */
export function twoDevices({ goes = 'vector', reroutes = false, mutation = null, set = {} }: TwoDevices): Assembled {
  const scenario = findScenario('assign');
  if (scenario === undefined) throw new Error('no scenario');
  const parameters = { ...scenario.parameters, vectors: 2, msis: false, faults: false, ...set };
  const threads = {
    ...Object.fromEntries(
      [0, 1].flatMap((i) => [
        [`v${i}`, [step(setIrqs(`p${i}`, `e${i}`)), ...(goes === 'vector' ? [step(clearIrqs(`p${i}`))] : [])]],
        [`k${i}`, [step(assignIrqfd(`c${i}`, `e${i}`)), ...(goes === 'irqfd' ? [step(deassignIrqfd(`c${i}`))] : [])]],
      ]),
    ),
    r0: [step(setGsiRouting('vm0', 'g0', 'vcpu0')), ...(reroutes ? [step(setGsiRouting('vm0', 'g0', null))] : [])],
  };
  return assembleScript(scenario, parameters, { ...scenario.script(parameters), threads }, 'v2p8', mutation);
}
