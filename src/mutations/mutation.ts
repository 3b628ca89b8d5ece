// What a mutation is: one historical or invented bug, as a small named change to a correct model.
import type { Policy } from '../machines/manager/policy.ts';
import type { ArchPolicy } from '../machines/system-protocol.ts';
import type { ProgramStep } from '../engine/world/program.ts';
import type { WorldDefinition } from '../engine/world/world.ts';

/** A bug: what changes, what breaks, and where it shows. */
export interface Mutation {
  /** `b1`..`b30` for the catalogue of kernel-spec part 6, `m-...` for bugs that exist to test a property. */
  readonly id: string;
  readonly title: string;
  /** Commit or mail where the bug was, or why it was invented. */
  readonly source: string;
  /** Changed policies of the manager. */
  readonly policy?: Partial<Policy>;
  /** Policies that a revision must have for the bug to make sense in it. */
  readonly requires?: Partial<Policy>;
  /** `system`: the bug is in VFIO, KVM or the IOMMU driver, so a world without them cannot have it. */
  readonly needs?: 'system';
  /** Changed structs or callers. */
  readonly definition?: (definition: WorldDefinition) => WorldDefinition;
  /** Scenario and revision where exploration finds it, and the property that it breaks there. */
  readonly shown: readonly {
    readonly scenario: string;
    readonly revision: string;
    readonly breaks: readonly string[];
  }[];
}

/** Puts a step before every step that makes a certain call, in all programs. */
export function before(
  definition: WorldDefinition,
  test: (op: string) => boolean,
  insert: (step: ProgramStep) => ProgramStep,
): WorldDefinition {
  const callers = definition.callers.map((caller) => {
    const { program } = caller;
    if (program === 'open') return caller;
    const matches = program.map((step) => step.calls.some((call) => test(call.op)));
    const moved = (pc: number): number => pc + matches.slice(0, pc).filter(Boolean).length;
    const steps = program.flatMap((step, i) => {
      const there: ProgramStep = {
        calls: step.calls,
        ...(step.ok === undefined ? {} : { ok: moved(step.ok) }),
        ...(step.error === undefined ? {} : { error: moved(step.error) }),
      };
      return matches[i] === true ? [insert(step), there] : [there];
    });
    return { ...caller, program: steps };
  });
  return { ...definition, callers };
}

/** A system world whose machines behave otherwise; a manager world stays as it is. */
export function withArch(definition: WorldDefinition, change: Partial<ArchPolicy>): WorldDefinition {
  const { system } = definition;
  return system === undefined
    ? definition
    : { ...definition, system: { ...system, arch: { ...system.arch, ...change } } };
}
