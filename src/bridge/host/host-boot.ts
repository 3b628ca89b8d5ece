// Boots a kernel in QEMU once and plays sequences in it: no KVM of this machine, no root, nothing left running.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { InputError } from '../../engine/input-error.ts';
import type { Revision } from '../../registry/revisions.ts';
import { findRevision } from '../../registry/revisions.ts';
import { bpftraceProbesOf, probeEventsOf } from '../generate/trace-setup.ts';
import { tracedFunctions } from '../check-log/probe-names.ts';
import type { HostKernel } from './host-folder.ts';
import { bpftraceIn } from './host-folder.ts';

/** How the guest traces. */
export const tracers = ['kprobe', 'function', 'graph', 'bpftrace', 'none'] as const;
export type Tracer = (typeof tracers)[number];

/** A sequence to be played. */
export interface NamedSequence {
  readonly name: string;
  /** A command a line. */
  readonly text: string;
}

/** What came back of one sequence. */
export interface Played {
  readonly name: string;
  /** The trace; null where nothing was traced. */
  readonly log: string | null;
  /** What the test program did: one line for each system call. */
  readonly truth: string;
  /** Kernel messages meanwhile. */
  readonly dmesg: string;
  /** How the test program ended: 0, 137 where it was killed or took over a minute. */
  readonly status: number;
}

/** What is booted, and how. */
export interface BootOptions {
  readonly folder: string;
  readonly kernel: HostKernel;
  /** Of the kernel's manager: where its structs have what the probes show. */
  readonly revision: Revision;
  /** Was the revision named, or found by the version? Otherwise what is booted has to be of it. */
  readonly isRevisionSure: boolean;
  readonly gic: 3 | 4;
  readonly tracer: Tracer;
  readonly sequences: readonly NamedSequence[];
  /** Everything is over then. */
  readonly maxSeconds: number;
  readonly signal?: AbortSignal | undefined;
  /** Is told of each sequence when it is over, and of the boot. */
  readonly progress?: (what: string, done: number) => void;
}

/** What came of a boot. */
export interface BootReport {
  /** As the kernel calls itself; null where it did not come up. */
  readonly release: string | null;
  readonly played: readonly Played[];
  /** Probes and functions that this kernel has not. */
  readonly skipped: readonly string[];
  /** Why not everything was played; null where it was. */
  readonly ended: 'interrupted' | 'seconds-limit' | 'guest' | null;
  /** The last lines of the console. */
  readonly console: readonly string[];
  readonly seconds: number;
}

const asset = (name: string): string => fileURLToPath(new URL(`guest/${name}`, import.meta.url));
const CONSOLE_LINES = 40;

/** A path among the options of QEMU, which commas part. */
const inOption = (path: string): string => path.replaceAll(',', ',,');

/** The machine: an arm64 board with EL2, an SMMUv3, and devices for VFIO. */
function machineOf(share: string, disk: string, { folder, kernel, gic, tracer }: BootOptions): readonly string[] {
  const options: readonly (readonly string[])[] = [
    ['-M', `virt,virtualization=on,gic-version=${gic},iommu=smmuv3`],
    ['-accel', 'tcg,thread=multi'],
    ['-cpu', 'cortex-a72'],
    ['-smp', '4'],
    ['-m', '2048'],
    ['-nographic', '-no-reboot', '-nodefaults'],
    ['-serial', 'stdio'],
    ['-kernel', kernel.image],
    ['-initrd', kernel.initramfs],
    ['-append', 'console=ttyAMA0 loglevel=4 kvm-arm.vgic_v4_enable=1 iommu.passthrough=0'],
    ['-virtfs', `local,path=${inOption(share)},mount_tag=share,security_model=none`],
    tracer === 'bpftrace'
      ? ['-virtfs', `local,path=${inOption(bpftraceIn(folder))},mount_tag=bpftrace,security_model=none,readonly=on`]
      : [],
    ['-drive', `if=none,id=nv,file=${inOption(disk)},format=raw,snapshot=on`],
    ['-device', 'nvme,drive=nv,serial=rh0,addr=4'],
    ['-device', 'e1000e,addr=5,romfile='],
    ['-device', 'e1000e,addr=6,romfile='],
  ];
  return options.flat();
}

/** What the guest finds in its share. */
function fillShare(share: string, { folder, revision, tracer, sequences }: BootOptions): void {
  for (const name of ['seq', 'out']) mkdirSync(join(share, name));
  copyFileSync(join(folder, 'guest', 'irqtest'), join(share, 'irqtest'));
  copyFileSync(asset('play.sh'), join(share, 'play.sh'));
  writeFileSync(join(share, 'tracer'), `${tracer}\n`);
  if (tracer === 'kprobe') writeFileSync(join(share, 'probes'), `${probeEventsOf(revision).join('\n')}\n`);
  if (tracer === 'bpftrace') writeFileSync(join(share, 'probes.bt'), `${bpftraceProbesOf(revision).join('\n')}\n`);
  if (tracer === 'function' || tracer === 'graph') {
    const more = ['__connect', '__disconnect', 'vfio_msi_set_block', 'kvm_set_irq_routing'];
    writeFileSync(join(share, 'filter'), `${[...tracedFunctions, ...more].join('\n')}\n`);
  }
  for (const { name, text } of sequences) writeFileSync(join(share, 'seq', `${name}.s`), text);
}

const read = (file: string): string | null => (existsSync(file) ? readFileSync(file, 'utf8') : null);

function playedOf(share: string, name: string, status: number): Played {
  const out = join(share, 'out', name);
  return {
    name,
    status,
    log: read(`${out}.log`),
    truth: read(`${out}.truth`) ?? '',
    dmesg: read(`${out}.dmesg`) ?? '',
  };
}

/** Ends a child, whatever it does. */
function end(child: ChildProcess): void {
  child.kill('SIGTERM');
  setTimeout(() => child.kill('SIGKILL'), 2000).unref();
}

/**
 * Boots and plays.
 *
 * @throws InputError IRQB611 where QEMU or the tracer is missing, IRQB614 where the kernel does not come up
 */
export async function boot(options: BootOptions): Promise<BootReport> {
  if (options.tracer === 'bpftrace' && !existsSync(bpftraceIn(options.folder)))
    throw new InputError('IRQB611', 'bpftrace has not been set up', {
      where: options.folder,
      hint: `irqbypass host setup ${options.folder} fetches what is missing`,
    });
  const share = mkdtempSync(join(tmpdir(), 'irqbypass-host-'));
  try {
    const disk = join(share, 'nvme.img');
    writeFileSync(disk, '');
    truncateSync(disk, 16 << 20);
    fillShare(share, options);
    return await new Boot(options, share).run(machineOf(share, disk, options));
  } finally {
    rmSync(share, { recursive: true, force: true });
  }
}

class Boot {
  readonly #options: BootOptions;
  readonly #share: string;
  readonly #played: Played[] = [];
  readonly #console: string[] = [];
  #release: string | null = null;
  #isDone = false;
  #child: ChildProcess | null = null;
  #failure: string | null = null;
  readonly #skipped: string[] = [];

  constructor(options: BootOptions, share: string) {
    this.#options = options;
    this.#share = share;
  }

  async run(words: readonly string[]): Promise<BootReport> {
    const { maxSeconds, signal, progress } = this.#options;
    const begin = performance.now();
    const child = spawn('qemu-system-aarch64', words, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    let ended: BootReport['ended'] = null;
    const stop = (why: NonNullable<BootReport['ended']>): void => {
      ended ??= why;
      end(child);
    };
    const interrupted = (): void => stop('interrupted');
    const timer = setTimeout(() => stop('seconds-limit'), maxSeconds * 1000);
    signal?.addEventListener('abort', interrupted, { once: true });
    if (signal?.aborted === true) interrupted();
    progress?.('booting', 0);
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).on('line', (line) => this.#line(line));
    try {
      await new Promise<void>((done, fail) => {
        child.on('error', (error) =>
          fail(
            new InputError('IRQB611', 'qemu-system-aarch64 cannot be run', {
              hint: 'on Debian: apt-get install qemu-system-arm ipxe-qemu',
              cause: error,
            }),
          ),
        );
        child.on('close', () => done());
      });
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', interrupted);
    }
    if (this.#release === null && ended === null)
      throw new InputError(
        'IRQB614',
        `the kernel does not come up: ${this.#console.slice(-3).join(' / ') || 'nothing on its console'}`,
        {
          where: this.#options.kernel.image,
          hint: 'an arm64 Image with KVM, VFIO, virtio, 9p and a serial console',
        },
      );
    if (this.#failure !== null)
      throw new InputError('IRQB614', this.#failure, {
        where: this.#options.kernel.image,
        hint: 'an arm64 kernel with KVM, VFIO and tracefs (BPF and kprobes for bpftrace), the modules of that very kernel, and its manager as --revision',
      });
    return {
      release: this.#release,
      skipped: this.#skipped,
      played: this.#played,
      ended: ended ?? (this.#isDone ? null : 'guest'),
      console: this.#console,
      seconds: (performance.now() - begin) / 1000,
    };
  }

  /** The kernel is up: is it the one that it is taken for? */
  #booted(release: string): void {
    this.#release = release;
    const { isRevisionSure, revision } = this.#options;
    const series = /^\d+\.\d+/.exec(release)?.[0];
    const found = series === undefined ? undefined : findRevision(series);
    if (isRevisionSure || found === undefined || found.id === revision.id) return;
    this.#fail(
      `it is ${release}, whose manager is ${found.id}, and was taken for ${revision.id}: say --revision ${found.id}, or which it has`,
    );
  }

  /** Why nothing can come of this boot; the first reason counts. */
  #fail(why: string): void {
    this.#failure ??= why;
    if (this.#child !== null) end(this.#child);
  }

  #line(text: string): void {
    const line = text.replaceAll('\r', '');
    this.#console.push(line);
    if (this.#console.length > CONSOLE_LINES) this.#console.shift();
    const [, what, rest = ''] = /^HOST-(\w+) ?(.*)$/.exec(line) ?? [];
    const [name = '', status = ''] = rest.split(' ');
    if (what === 'BOOT') this.#booted(rest);
    if (what === 'DONE') this.#isDone = true;
    if (what === 'FAIL') this.#fail(`the guest cannot do what sequences ask for: ${rest}`);
    if (what === 'SKIP') this.#skipped.push(rest);
    if (what !== 'RUN') return;
    this.#played.push(playedOf(this.#share, name, Number(status)));
    this.#options.progress?.(name, this.#played.length);
  }
}
