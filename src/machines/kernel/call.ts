// What every function of the kernel has: a caller to return to, error numbers, and reports that an onlooker sees.
//
// Kernel source: include/uapi/asm-generic/errno-base.h; the reports are those of WARN, KASAN, list debugging and lockdep.
import type { Name } from '../../engine/actors/name.ts';
import { plainLanguage } from '../../engine/world/language.ts';

/** The kernel's error numbers that the machines and the callbacks of the recorded runs return. */
export const errno = {
  EIO: 5,
  ENXIO: 6,
  EBADF: 9,
  EAGAIN: 11,
  ENOMEM: 12,
  EBUSY: 16,
  ENODEV: 19,
  EINVAL: 22,
} as const;

const errorNames: ReadonlyMap<unknown, string> = new Map(
  Object.entries(errno).map(([name, number]) => [-number, `-${name}`]),
);

/** A value as the kernel writes it: NULL, -EBUSY, names as they are. */
export function valueText(value: unknown): string {
  return errorNames.get(value) ?? plainLanguage.value(value);
}

/** A function returns: with a value, or with null where it is void. */
export type Return<A extends string = never> = {
  readonly type: 'return' | `return.${A}`;
  readonly value: number | null;
};

/**
 * Returns to whoever called.
 *
 * @param caller - the actor that called, by name
 * @param value - what the function returns, such as 0 or a negative error number; null where it is void
 * @param as - which of several things that the caller does at once it is that called: the message is `return.${as}`
 * @returns the effect
 */
export function returnTo(
  caller: Name,
  value: number | null,
  as?: string | null,
): { readonly do: 'call'; readonly to: Name; readonly message: Return<string> } {
  const type = as === undefined || as === null ? 'return' : (`return.${as}` as const);
  return { do: 'call', to: caller, message: { type, value } };
}

/** Calls, and what the kernel reports when something is wrong. */
export type KernelObservation =
  | { readonly kind: 'call'; readonly caller: Name; readonly op: string; readonly object: Name | null }
  | {
      readonly kind: 'return';
      readonly caller: Name;
      readonly op: string;
      readonly object: Name | null;
      readonly value: number | null;
      /** The function returned before it took its lock. */
      readonly early?: true;
    }
  | { readonly kind: 'warn'; readonly in: string; readonly condition: string }
  | { readonly kind: 'corruption'; readonly in: string; readonly object: Name; readonly what: string }
  | { readonly kind: 'use-after-free'; readonly object: Name; readonly what: string }
  | { readonly kind: 'splat'; readonly in: string; readonly what: string }
  | { readonly kind: 'oops'; readonly what: string };
