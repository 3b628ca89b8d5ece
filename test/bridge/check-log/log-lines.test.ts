// Lines of every tool, as their manuals and kernels print them: what each says.
import { describe, expect, it } from 'vitest';
import { formatNamed } from '../../../src/bridge/check-log/formats/formats.ts';

const REG = 'irq_bypass_register_producer';
const enter = (more: object = {}): object => ({ kind: 'enter', function: REG, ...more });

/** A tool, a line of its log, and what it says (null: nothing about calls). */
const lines: readonly (readonly [string, string, object | null])[] = [
  // ftrace: columns
  [
    'ftrace',
    `         irqtest-193     [001] .....    12.483621: ${REG} <-vfio_msi_set_vector_signal`,
    enter({ task: '193', cpu: 1, time: 12_483_621_000n, caller: 'vfio_msi_set_vector_signal' }),
  ],
  ['ftrace', `   CPU 0/KVM-1-22  (  20) [012] d..1.  1.000001: ${REG} <-f`, enter({ task: '22', cpu: 12 })],
  ['ftrace', `   kworker/3:1-9   (-------) [003]  7.000001: ${REG} <-f`, enter({ task: '9', cpu: 3 })],
  ['ftrace', `     <...>-77      [000] d.h1  7.000001: ${REG} <-f`, enter({ task: '77 on CPU 0 in an interrupt' })],
  ['ftrace', `    <idle>-0       [002] d.h..  7.000001: ${REG} <-f`, enter({ task: '0 on CPU 2 in an interrupt' })],
  ['ftrace', `    <idle>-0       [002] dl.1.  7.000001: ${REG} <-f`, enter({ task: '0 on CPU 2' })],
  [
    'ftrace',
    `irqtest-170       1d.... 6144231us+: ${REG} <-vfio_msi_set_vector_signal`,
    enter({ task: '170', cpu: 1, time: 6_144_231_000n, caller: 'vfio_msi_set_vector_signal' }),
  ],
  ['ftrace', `  <idle>-0         2d.h1. 12us!: ${REG} <-f`, enter({ task: '0 on CPU 2 in an interrupt' })],
  [
    'ftrace',
    '# latency: 0 us, #100/150, CPU#1 | (M:preempt VP:0, KP:0, SP:0 HP:0 #P:4)',
    { kind: 'header', overwritten: 50 },
  ],
  // ftrace: events
  [
    'ftrace',
    `  t-1 [000] d....  1.000000: ${REG}(producer=0xff01, eventfd=0xff02, irq=0x1b) <-f`,
    enter({ arguments: { producer: '0xff01', eventfd: '0xff02', irq: '0x1b' } }),
  ],
  [
    'ftrace',
    `  t-1 [000] d....  1.000000: anything: (${REG}+0x0/0x150) prod=0xff01 irq=27`,
    enter({ arguments: { prod: '0xff01', irq: '27' } }),
  ],
  [
    'ftrace',
    `  t-1 [000] d....  1.000000: any_ret: (f+0x1a4/0x308 [vfio_pci_core] <- ${REG}) ret=-16`,
    { kind: 'return', function: REG, result: -16 },
  ],
  [
    'ftrace',
    `  t-1 [000] d....  1.000000: any_ret: (f+0x1a4/0x308 <- ${REG}) $retval=0xfffffff0`,
    { kind: 'return', function: REG, result: -16 },
  ],
  ['ftrace', '  t-1 [000] ...2.  1.000000: tracing_mark_write: (hello)', null],
  ['ftrace', 'CPU:3 [LOST 4256 EVENTS]', { kind: 'lost', cpu: 3, count: 4256 }],
  ['ftrace', '# entries-in-buffer/entries-written: 100/150   #P:4', { kind: 'header', overwritten: 50 }],
  ['ftrace', '# entries-in-buffer/entries-written: 100/100   #P:4', null],
  ['ftrace', '##### CPU 2 buffer started ####', { kind: 'header', overwritten: 0 }],
  // ftrace: function_graph
  [
    'ftrace',
    `   18.393253 |   3)  irqtest-211   |               |    ${REG}() {`,
    enter({ task: '211', cpu: 3, depth: 1 }),
  ],
  [
    'ftrace',
    ` 3)               |  ${REG}(producer=0xff01) { /* <-f+0x10/0x20 */`,
    enter({ task: 'CPU 3', depth: 0, caller: 'f' }),
  ],
  ['ftrace', ` 3) + 49.392 us   |      ${REG} [irqbypass]();`, enter({ returns: true, depth: 2 })],
  ['ftrace', ` 3) ! 149.392 us  |  ${REG}(); /* = -22 */`, enter({ returns: true, result: -22 })],
  ['ftrace', ` 3)   0.190 us    |  ${REG}(); /* <-f ret=0x0 */`, enter({ returns: true, result: 0 })],
  ['ftrace', ` 3) # 1591.824 us |  } /* ${REG} ret=-16 */`, { kind: 'return', function: REG, result: -16, depth: 0 }],
  ['ftrace', ' 3)   0.190 us    |    }', { kind: 'return', function: null, depth: 1 }],
  ['ftrace', ' 3)   ==========> |', null],
  ['ftrace', ' ------------------------------------------', null],
  ['ftrace', ' 3)  a-1   =>   b-2', { kind: 'switch', cpu: 3, from: '1', task: '2' }],
  // trace-cmd
  [
    'trace-cmd',
    `         irqtest-271   [003] .....    31.618066: function:             ${REG} <-- f`,
    enter({ task: '271', caller: 'f' }),
  ],
  [
    'trace-cmd',
    `         irqtest-271   [003] .....    31.618066123: reg_prod:             (${REG}+0x0/0x10) prod=0xff01`,
    enter({ time: 31_618_066_123n }),
  ],
  ['trace-cmd', 'CPU:1 [EVENTS DROPPED]', { kind: 'lost', cpu: 1, count: null }],
  ['trace-cmd', 'CPU:1 [12 EVENTS DROPPED]', { kind: 'lost', cpu: 1, count: 12 }],
  // perf script
  [
    'perf',
    '         irqtest     181 [002]     7.746671:       kprobes:reg_prod: (ffffc5fb206e5528) prod=0xff01 irq=27',
    enter({ task: '181', cpu: 2 }),
  ],
  [
    'perf',
    '  t  180/181 [002]     7.746671: probe:irq_bypass_register_producer__return: (ffffc5fb <- ffffc5fa) arg1=-16',
    { kind: 'return', function: REG, task: '181', result: -16 },
  ],
  ['perf', '  t  181 [002]     7.746671: probe:sys_enter: (ffffc5fb206e5528) a=1', null],
  ['perf', '  t  181 [002]     7.746671: PERF_RECORD_LOST lost 17', { kind: 'lost', cpu: 2, count: 17 }],
  // bpftrace
  [
    'bpftrace',
    `irqb1 47771043488 2 243 ${REG} E producer=0xff01 eventfd=0xff02`,
    enter({ task: '243', cpu: 2, time: 47_771_043_488n }),
  ],
  ['bpftrace', `irqb1 47771043488 2 243 ${REG} R ret=-16`, { kind: 'return', function: REG, result: -16 }],
  [
    'bpftrace',
    '47827200608    cpu0 irqtest/243 unregister_producer done',
    { kind: 'return', function: 'irq_bypass_unregister_producer' },
  ],
  [
    'bpftrace',
    '47827200608    cpu0 kworker/0:0/9 unregister_consumer cons=0x1 eventfd=(nil)',
    { kind: 'enter', task: '9', arguments: { cons: '0x1', eventfd: '(nil)' } },
  ],
  ['bpftrace', `{"type": "printf", "data": "irqb1 1 2 3 ${REG} E producer=0xff01\\n"}`, enter({ task: '3' })],
  ['bpftrace', '{"type": "lost_events", "data": {"events": 9}}', { kind: 'lost', count: 9 }],
  ['bpftrace', 'Lost 31 events', { kind: 'lost', count: 31 }],
  ['bpftrace', 'Attaching 11 probes...', null],
  ['bpftrace', '{"type": "printf", ', null],
  // dmesg
  [
    'dmesg',
    '[   12.000001] irq bypass consumer (token 00000000a03c32e5) registration fails: -16',
    { kind: 'message', about: 'registration fails', time: 12_000_001_000n },
  ],
  [
    'dmesg',
    'vfio-pci 0000:3a:00.1: irq bypass producer (eventfd 000000008f08224d) registration fails:66311',
    { about: 'registration fails' },
  ],
  [
    'dmesg',
    '<0>[  434.338427] BUG: workqueue lockup - pool cpus=5 node=0 flags=0x0 nice=0 stuck for 293s!',
    { about: 'workqueue lockup' },
  ],
  [
    'dmesg',
    '[3144162.608392] INFO: task kworker/136:12:252684 blocked for more than 122 seconds.',
    { about: 'hung task' },
  ],
  ['dmesg', '[   1.0] list_del corruption, ffff8f7fb8ba0828->next is LIST_POISON1', { about: 'list corruption' }],
  ['dmesg', '[    1.000000] Booting Linux on physical CPU 0x0', null],
];

describe('what a line says', () => {
  it.each(lines)('%s: %s', (format, line, says) => {
    const read = formatNamed(format).read(line);
    if (says === null) expect(read).toBeNull();
    else expect(read).toMatchObject(says);
  });
});
