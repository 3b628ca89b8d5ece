// What an architecture brings to an irqfd: add_producer, del_producer, kvm_arch_update_irqfd_routing().
import type { AnyHandler, Guard } from '../../engine/actors/handlers.ts';
import type { IrqfdRegion } from './irqfd-context.ts';

/** The part of the machine of an irqfd that is the architecture's. */
export interface ArchHalf {
  /** Id of the machine, and its title. */
  readonly id: string;
  readonly title: string;
  /** Roles of other actors that it knows. */
  readonly wiring?: Readonly<Record<string, string>>;
  /** `bypass`: one callback of the manager at a time; `routing`: one update of the route at a time; others as the architecture needs. */
  readonly regions: Readonly<Record<'bypass' | 'routing', IrqfdRegion> & Record<string, IrqfdRegion>>;
  readonly handlers: Readonly<Record<string, AnyHandler>>;
  readonly guards: Readonly<Record<string, Guard>>;
  /** Which callbacks it has. */
  readonly constants: Readonly<Record<string, boolean>>;
  readonly sends: readonly string[];
}
