// Set-ups for tracing on a live host, whose logs say the most to check-log: a script for tracefs, a script for bpftrace.
import type { Revision } from '../../registry/revisions.ts';

/** A probe at the beginning of a function. */
interface Probe {
  readonly function: string;
  /** Values by name: an argument of the function, or what lies at an offset of one. */
  readonly values: Readonly<Record<string, Value>>;
  /** How its return is shown: with its result, without, not at all. */
  readonly returns: 'result' | 'nothing' | 'untraced';
}

/** Argument `n`, from 1; what it points to at an offset, where one is given. */
interface Value {
  readonly argument: number;
  readonly at?: number;
  readonly type: 'pointer' | 'int';
}

const argument = (n: number, type: Value['type'] = 'pointer'): Value => ({ argument: n, type });
const field = (n: number, at: number, type: Value['type'] = 'pointer'): Value => ({ argument: n, at, type });

/** The manager's own functions, by where structs keep what is shown: Linux before 6.17, and since. */
function managerProbes(isOfCaller: boolean): readonly Probe[] {
  const registered = (side: string): Probe['values'] =>
    isOfCaller ? { [side]: argument(1), eventfd: field(1, 16) } : { [side]: argument(1), eventfd: argument(2) };
  const unregistered = (side: string): Probe['values'] =>
    isOfCaller
      ? { [side]: argument(1), eventfd: field(1, 16) }
      : { [side]: argument(1), eventfd: field(1, 0), partner: field(1, 8) };
  return [
    { function: 'irq_bypass_register_producer', values: registered('producer'), returns: 'result' },
    { function: 'irq_bypass_unregister_producer', values: unregistered('producer'), returns: 'nothing' },
    { function: 'irq_bypass_register_consumer', values: registered('consumer'), returns: 'result' },
    { function: 'irq_bypass_unregister_consumer', values: unregistered('consumer'), returns: 'nothing' },
  ];
}

/** KVM's and VFIO's functions; those that a kernel has not are left out by the scripts. */
const callers: readonly Probe[] = [
  { function: 'kvm_arch_irq_bypass_stop', values: { consumer: argument(1) }, returns: 'nothing' },
  {
    function: 'kvm_arch_irq_bypass_add_producer',
    values: { consumer: argument(1), producer: argument(2) },
    returns: 'result',
  },
  {
    function: 'kvm_arch_irq_bypass_del_producer',
    values: { consumer: argument(1), producer: argument(2) },
    returns: 'nothing',
  },
  { function: 'kvm_arch_irq_bypass_start', values: { consumer: argument(1) }, returns: 'nothing' },
  {
    function: 'kvm_irqfd',
    values: { kvm: argument(1), fd: field(2, 0, 'int'), gsi: field(2, 4, 'int'), flags: field(2, 8, 'int') },
    returns: 'result',
  },
  { function: 'irqfd_shutdown', values: { work: argument(1) }, returns: 'nothing' },
  {
    function: 'vfio_msi_set_vector_signal',
    values: { vector: argument(2, 'int'), fd: argument(3, 'int') },
    returns: 'result',
  },
  { function: 'kvm_vgic_v4_set_forwarding', values: { kvm: argument(1), virq: argument(2, 'int') }, returns: 'result' },
  { function: 'kvm_vgic_v4_unset_forwarding', values: { kvm: argument(1) }, returns: 'nothing' },
  { function: 'its_map_vlpi', values: { irq: argument(1, 'int') }, returns: 'result' },
];

/** Every signal of an irqfd: too many but for a test host. */
const wakeup: Probe = { function: 'irqfd_wakeup', values: { key: argument(4) }, returns: 'untraced' };

const probesOf = ({ policy }: Revision): readonly Probe[] => [
  ...managerProbes(policy.keyOwner === 'caller'),
  ...callers,
];

function probeEvents(probe: Probe): readonly string[] {
  const values = Object.entries(probe.values).map(([key, { argument: n, at, type }]) => {
    const width = type === 'pointer' ? 'x64' : 's32';
    return `${key}=${at === undefined ? `$arg${n}` : `+${at}($arg${n})`}:${width}`;
  });
  const entry = `p:irqbypass/${probe.function} ${probe.function} ${values.join(' ')}`;
  if (probe.returns === 'untraced') return [entry];
  const result = probe.returns === 'result' ? ' ret=$retval:s32' : '';
  return [entry, `r32:irqbypass/${probe.function}_ret ${probe.function}${result}`];
}

/**
 * Probes as tracefs takes them, with those that only a test host wants: every signal of an irqfd.
 *
 * @param revision - of the manager of that kernel
 */
export function probeEventsOf(revision: Revision): readonly string[] {
  return [...probesOf(revision), wakeup].flatMap(probeEvents);
}

/**
 * The same as lines of a script for bpftrace: a probe a line.
 *
 * @param revision - of the manager of that kernel
 */
export function bpftraceProbesOf(revision: Revision): readonly string[] {
  return [...probesOf(revision), wakeup].flatMap(bpftraceProbe);
}

/**
 * A shell script that sets tracefs up, and takes the log: `start`, `stop > FILE`, `clear`. It has a group of probes and an instance of
 * its own, and leaves what others trace alone.
 *
 * @param revision - of the manager of that kernel: what its structs look like
 * @returns the text of the script
 */
export function ftraceScript(revision: Revision): string {
  const events = probesOf(revision).flatMap(probeEvents);
  return `#!/bin/sh
# Traces the IRQ bypass manager and who calls it, for: irqbypass check-log. Written by: irqbypass generate ftrace --revision ${revision.id}
#   sh irqbypass-trace.sh start         as root; what this kernel has not is left out, and named
#   ... plug, unplug, start VMs ...
#   sh irqbypass-trace.sh stop > LOG    then: irqbypass check-log LOG --revision ${revision.id}
#   sh irqbypass-trace.sh clear
set -u
T=/sys/kernel/tracing
I=$T/instances/irqbypass
[ -d $T/instances ] || mount -t tracefs nodev $T || { echo "no tracefs: CONFIG_FTRACE, and root" >&2; exit 1; }

probe() { echo "$1" >> $T/kprobe_events 2> /dev/null || echo "left out: $2" >&2; }

clear_all() {
  [ -d $I ] && { echo 0 > $I/events/irqbypass/enable; rmdir $I; } 2> /dev/null
  sed -n 's/^[pr][0-9]*:\\(irqbypass\\/[^ ]*\\) .*/-:\\1/p' $T/kprobe_events | while read -r one; do echo "$one" >> $T/kprobe_events; done
}

case \${1:-} in
start)
  clear_all
${events.map((event) => `  probe '${event}' '${event.split(' ')[1] ?? ''}'`).join('\n')}
  mkdir $I || exit 1
  echo mono > $I/trace_clock # the same on every CPU
  echo 16384 > $I/buffer_size_kb
  echo 1 > $I/events/irqbypass/enable
  echo 1 > $I/tracing_on;;
stop)
  echo 0 > $I/tracing_on
  cat $I/trace;;
clear)
  clear_all;;
*)
  echo "start, stop or clear" >&2; exit 2;;
esac
`;
}

function bpftraceProbe(probe: Probe): readonly string[] {
  const values = Object.entries(probe.values).map(([key, { argument: n, at, type }]) => {
    const given = `arg${n - 1}`;
    if (at === undefined) return { key, type, value: type === 'int' ? `(int32)${given}` : given };
    const place = at === 0 ? given : `(${given} + ${at})`;
    return { key, type, value: `*(${type === 'int' ? 'int32' : 'uint64'} *)${place}` };
  });
  const shown = values.map(({ key, type }) => ` ${key}=${type === 'int' ? '%d' : '0x%llx'}`).join('');
  const entry = `kprobe:${probe.function} { printf("irqb1 %llu %d %d ${probe.function} E${shown}\\n", ${['nsecs', 'cpu', 'tid', ...values.map(({ value }) => value)].join(', ')}); }`;
  if (probe.returns === 'untraced') return [entry];
  const [text, result] = probe.returns === 'result' ? [' ret=%d', ', (int32)retval'] : ['', ''];
  return [
    entry,
    `kretprobe:${probe.function} { printf("irqb1 %llu %d %d ${probe.function} R${text}\\n", nsecs, cpu, tid${result}); }`,
  ];
}

/**
 * A script for bpftrace whose lines say what they are.
 *
 * @param revision - of the manager of that kernel: what its structs look like
 * @returns the text of the script
 */
export function bpftraceScript(revision: Revision): string {
  return `// Traces the IRQ bypass manager and who calls it, for: irqbypass check-log. Written by: irqbypass generate bpftrace --revision ${revision.id}
//   bpftrace -f json irqbypass.bt > LOG     as root, until Ctrl-C; -f json shows when events are lost
//   irqbypass check-log LOG --revision ${revision.id}
// Functions that this kernel has not (its_map_vlpi but on arm64) are skipped: config missing_probes, bpftrace 0.24 or later; of older
// ones delete their lines and the block below.
config = { missing_probes = "ignore" }

${probesOf(revision).flatMap(bpftraceProbe).join('\n')}
`;
}
