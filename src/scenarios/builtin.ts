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
  lockOrder,
];

/** Finds a built-in scenario by id; undefined where there is none. */
export function findScenario(id: string): Scenario | undefined {
  return scenarios.find((scenario) => scenario.id === id);
}
