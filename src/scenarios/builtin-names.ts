// The built-in scenarios by name, each loaded when it is asked for: a command that runs one does not wait for all.
import type { Scenario } from './define.ts';

/** The scenario that is used when none is named. */
export const DEFAULT_SCENARIO = 'manager';

const loaders: Readonly<Record<string, () => Promise<Scenario>>> = {
  pairing: async () => (await import('./builtin/pairing.ts')).pairing,
  unpaired: async () => (await import('./builtin/unpaired.ts')).unpaired,
  'duplicate-producer': async () => (await import('./builtin/duplicate-producer.ts')).duplicateProducer,
  'duplicate-consumer': async () => (await import('./builtin/duplicate-consumer.ts')).duplicateConsumer,
  'connect-failure': async () => (await import('./builtin/connect-failure.ts')).connectFailure,
  'allocation-failure': async () => (await import('./builtin/allocation-failure.ts')).allocationFailure,
  'optional-callbacks': async () => (await import('./builtin/optional-callbacks.ts')).optionalCallbacks,
  'null-key': async () => (await import('./builtin/null-key.ts')).nullKey,
  'double-unregister': async () => (await import('./builtin/double-unregister.ts')).doubleUnregister,
  'double-unregister-race': async () => (await import('./builtin/double-unregister-race.ts')).doubleUnregisterRace,
  'double-register': async () => (await import('./builtin/double-register.ts')).doubleRegister,
  'double-register-race': async () => (await import('./builtin/double-register-race.ts')).doubleRegisterRace,
  'unregister-copy': async () => (await import('./builtin/unregister-copy.ts')).unregisterCopy,
  'loser-unregisters': async () => (await import('./builtin/loser-unregisters.ts')).loserUnregisters,
  're-pairing': async () => (await import('./builtin/re-pairing.ts')).rePairing,
  'module-unload': async () => (await import('./builtin/module-unload.ts')).moduleUnload,
  manager: async () => (await import('./builtin/manager.ts')).manager,
  assign: async () => (await import('./builtin/assign.ts')).assign,
  'hot-unplug': async () => (await import('./builtin/hot-unplug.ts')).hotUnplug,
  'vdpa-swap': async () => (await import('./builtin/vdpa-swap.ts')).vdpaSwap,
  'deassign-hup': async () => (await import('./builtin/deassign-hup.ts')).deassignHup,
  'routing-race': async () => (await import('./builtin/routing-race.ts')).routingRace,
  'msix-mask': async () => (await import('./builtin/msix-mask.ts')).msixMask,
  'vm-kill': async () => (await import('./builtin/vm-kill.ts')).vmKill,
  'two-vms': async () => (await import('./builtin/two-vms.ts')).twoVms,
  'hand-over': async () => (await import('./builtin/hand-over.ts')).handOver,
  'block-and-wake': async () => (await import('./builtin/block-and-wake.ts')).blockAndWake,
  'vcpu-migration': async () => (await import('./builtin/vcpu-migration.ts')).vcpuMigration,
  'live-update': async () => (await import('./builtin/live-update.ts')).liveUpdate,
  'intx-swap': async () => (await import('./builtin/intx-swap.ts')).intxSwap,
  'intx-unmask': async () => (await import('./builtin/intx-unmask.ts')).intxUnmask,
  'vdpa-config': async () => (await import('./builtin/vdpa-config.ts')).vdpaConfig,
  restore: async () => (await import('./builtin/restore.ts')).restore,
  affinity: async () => (await import('./builtin/affinity.ts')).affinity,
  resampler: async () => (await import('./builtin/resampler.ts')).resampler,
  'avic-inhibit': async () => (await import('./builtin/avic-inhibit.ts')).avicInhibit,
  'posting-off': async () => (await import('./builtin/posting-off.ts')).postingOff,
  'opt-out': async () => (await import('./builtin/opt-out.ts')).optOut,
  'reported-failure': async () => (await import('./builtin/reported-failure.ts')).reportedFailure,
  'lock-order': async () => (await import('./builtin/lock-order.ts')).lockOrder,
};

/** Names of all built-in scenarios, in the order of `scenarios` (builtin.ts). */
export const scenarioNames: readonly string[] = Object.keys(loaders);

/** Loads a built-in scenario; undefined where there is none of this name. */
export async function loadBuiltin(id: string): Promise<Scenario | undefined> {
  return Object.hasOwn(loaders, id) ? await loaders[id]?.() : undefined;
}
