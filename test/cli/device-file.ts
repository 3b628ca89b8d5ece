// A scenario file of a device assignment, with what a test changes in it.

/** What is not as it should be. */
export interface DeviceFile {
  /** Wiring of the vector, the irqfd and the IRTE, as YAML. */
  readonly vector?: string;
  readonly irqfd?: string;
  readonly irte?: string;
  /** Further entries under `actors`. */
  readonly actors?: readonly string[];
  /** What thread t0 calls. */
  readonly calls?: readonly string[];
}

/** Lines of the file on which things stand. */
export const lineOf = { vector: 7, irqfd: 13, irte: 20, firstActor: 21, firstCall: 23 } as const;

/** The text: a vector, a plain producer, an irqfd, a plain consumer, a VM, an IRTE, two eventfds, one thread. */
export function deviceFile({
  vector = '{irq: irq0}',
  irqfd = '{vm: vm0, gsi: g0}',
  irte = '{vector: p0}',
  actors = [],
  calls = ['set_irqs(p0, e0)', 'clear_irqs(p0)'],
}: DeviceFile): string {
  return [
    'scenario: device',
    'eventfds: [e0, e1]',
    'producers:',
    '  - name: p0',
    '    embeddedIn:',
    '      machine: vfio-vector',
    `      wiring: ${vector}`,
    '  - p1',
    'consumers:',
    '  - name: c0',
    '    embeddedIn:',
    '      machine: irqfd',
    `      wiring: ${irqfd}`,
    '  - c1',
    'actors:',
    '  - name: vm0',
    '    machine: vm',
    '  - name: irq0',
    '    machine: irte',
    `    wiring: ${irte}`,
    ...actors.map((actor) => `  - ${actor}`),
    'threads:',
    '  t0:',
    ...calls.map((call) => `    - ${call}`),
    '',
  ].join('\n');
}
