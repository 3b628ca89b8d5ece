// Which function an event of a probe is about: probes have names of their own, their arguments too.
import type { LogArguments } from './log-event.ts';

/** Functions whose calls are understood, with the names that recipes give to their probes. */
const PROBES: Readonly<Record<string, readonly string[]>> = {
  irq_bypass_register_producer: ['reg_prod', 'register_producer'],
  irq_bypass_unregister_producer: ['unreg_prod', 'unregister_producer'],
  irq_bypass_register_consumer: ['reg_cons', 'register_consumer'],
  irq_bypass_unregister_consumer: ['unreg_cons', 'unregister_consumer'],
  kvm_arch_irq_bypass_add_producer: ['add_prod', 'add_producer'],
  kvm_arch_irq_bypass_del_producer: ['del_prod', 'del_producer'],
  kvm_arch_irq_bypass_stop: ['cons_stop'],
  kvm_arch_irq_bypass_start: ['cons_start'],
  kvm_vgic_v4_set_forwarding: ['set_fwd'],
  kvm_vgic_v4_unset_forwarding: ['unset_fwd'],
  its_map_vlpi: ['map_vlpi'],
  kvm_irqfd: [],
  irqfd_shutdown: [],
  irqfd_wakeup: ['irqfd_sig'],
  vfio_msi_set_vector_signal: ['vfio_vec'],
  kvm_arch_update_irqfd_routing: ['upd_routing'],
};

/** Functions whose calls are understood. */
export const tracedFunctions: readonly string[] = Object.keys(PROBES);

const byProbe = new Map(
  Object.entries(PROBES).flatMap(([name, probes]) => [name, ...probes].map((probe) => [probe, name] as const)),
);

/** Ends of the names of probes that fire as a function returns. */
const RETURN = /(?:_ret|_return|__return|_exit|__ret)$/;

/**
 * The function of a probe, by the probe's name: `reg_prod_ret` is irq_bypass_register_producer, as it returns.
 *
 * @param probe - without the group
 * @returns null for names that are not known
 */
export function functionOfProbe(probe: string): { readonly function: string; readonly isReturn: boolean } | null {
  const plain = byProbe.get(probe);
  if (plain !== undefined) return { function: plain, isReturn: false };
  const found = byProbe.get(probe.replace(RETURN, ''));
  return found === undefined ? null : { function: found, isReturn: true };
}

/** Names under which a pointer or number goes, the ones of kernel-doc first. */
const SYNONYMS = {
  producer: ['producer', 'prod'],
  consumer: ['consumer', 'cons'],
  eventfd: ['eventfd', 'token'],
  partner: ['partner'],
  fd: ['fd'],
  flags: ['flags'],
} as const;

/** What is asked of arguments. */
export type ArgumentName = keyof typeof SYNONYMS;

/**
 * An argument, under any of its names.
 *
 * @returns undefined where the log does not show it
 */
export function argumentOf(given: LogArguments, name: ArgumentName): string | undefined {
  for (const synonym of SYNONYMS[name]) if (given[synonym] !== undefined) return given[synonym];
  return undefined;
}

/** Pointers as they are printed: hexadecimal; `(nil)` and 0x0 for NULL. */
export function pointerOf(text: string | undefined): string | null | undefined {
  if (text === undefined) return undefined;
  const plain = text.toLowerCase().replace(/^0x0*/, '');
  return plain === '(nil)' || plain === '' || plain === '0' ? null : `0x${plain}`;
}

/** A number as it is printed: decimal, or hexadecimal as what the processor had, of 32 bits. */
export function numberOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^-?\d+$/.test(text)) return Number(text);
  if (!/^0x[0-9a-f]+$/i.test(text)) return undefined;
  return Number(BigInt.asIntN(32, BigInt(text)));
}

/** `a=1 b=0xff` as values by name. Texts in quotes may have blanks. */
export function argumentsOf(text: string): LogArguments {
  const found: Record<string, string> = {};
  for (const [, key = '', quoted, plain = ''] of text.matchAll(/(\$?[A-Za-z_]\w*)=(?:"([^"]*)"|(\(nil\)|[^\s,)]+))/g))
    found[key.replace('$', '')] = quoted ?? plain;
  return found;
}
