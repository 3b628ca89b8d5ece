// The built-in scenarios: simple, orthogonal, textbook.
import { allocationFailure } from './builtin/allocation-failure.ts';
import { assign } from './builtin/assign.ts';
import { connectFailure } from './builtin/connect-failure.ts';
import { doubleRegister } from './builtin/double-register.ts';
import { doubleRegisterRace } from './builtin/double-register-race.ts';
import { doubleUnregister } from './builtin/double-unregister.ts';
import { doubleUnregisterRace } from './builtin/double-unregister-race.ts';
import { duplicateConsumer } from './builtin/duplicate-consumer.ts';
import { duplicateProducer } from './builtin/duplicate-producer.ts';
import { lockOrder } from './builtin/lock-order.ts';
import { loserUnregisters } from './builtin/loser-unregisters.ts';
import { manager } from './builtin/manager.ts';
import { moduleUnload } from './builtin/module-unload.ts';
import { nullKey } from './builtin/null-key.ts';
import { optionalCallbacks } from './builtin/optional-callbacks.ts';
import { pairing } from './builtin/pairing.ts';
import { rePairing } from './builtin/re-pairing.ts';
import { unpaired } from './builtin/unpaired.ts';
import { unregisterCopy } from './builtin/unregister-copy.ts';
import { hotUnplug } from './builtin/hot-unplug.ts';
import { vdpaSwap } from './builtin/vdpa-swap.ts';
import { deassignHup } from './builtin/deassign-hup.ts';
import { routingRace } from './builtin/routing-race.ts';
import { msixMask } from './builtin/msix-mask.ts';
import { vmKill } from './builtin/vm-kill.ts';
import { twoVms } from './builtin/two-vms.ts';
import { handOver } from './builtin/hand-over.ts';
import { blockAndWake } from './builtin/block-and-wake.ts';
import { vcpuMigration } from './builtin/vcpu-migration.ts';
import { liveUpdate } from './builtin/live-update.ts';
import { intxSwap } from './builtin/intx-swap.ts';
import { restore } from './builtin/restore.ts';
import { vdpaConfig } from './builtin/vdpa-config.ts';
import { intxUnmask } from './builtin/intx-unmask.ts';
import { affinity } from './builtin/affinity.ts';
import { resampler } from './builtin/resampler.ts';
import { avicInhibit } from './builtin/avic-inhibit.ts';
import { postingOff } from './builtin/posting-off.ts';
import { optOut } from './builtin/opt-out.ts';
import { reportedFailure } from './builtin/reported-failure.ts';
import type { Scenario } from './define.ts';

/** All built-in scenarios, in the order in which to read them. */
export const scenarios: readonly Scenario[] = [
  pairing,
  unpaired,
  duplicateProducer,
  duplicateConsumer,
  connectFailure,
  allocationFailure,
  optionalCallbacks,
  nullKey,
  doubleUnregister,
  doubleUnregisterRace,
  doubleRegister,
  doubleRegisterRace,
  unregisterCopy,
  loserUnregisters,
  rePairing,
  moduleUnload,
  manager,
  assign,
  hotUnplug,
  vdpaSwap,
  deassignHup,
  routingRace,
  msixMask,
  vmKill,
  twoVms,
  handOver,
  blockAndWake,
  vcpuMigration,
  liveUpdate,
  intxSwap,
  intxUnmask,
  vdpaConfig,
  restore,
  affinity,
  resampler,
  avicInhibit,
  postingOff,
  optOut,
  reportedFailure,
  lockOrder,
];

/** Finds a built-in scenario by id; undefined where there is none. */
export function findScenario(id: string): Scenario | undefined {
  return scenarios.find((scenario) => scenario.id === id);
}
