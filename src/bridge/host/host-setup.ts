// irqbypass host setup: Debian's arm64 kernels, tools for the guest and a test program, unpacked in a folder of their own.
import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError } from '../../engine/input-error.ts';
import { expectFile } from '../../scenarios/files/load.ts';
import type { HostKernel } from './host-folder.ts';
import { bpftraceIn, rememberFolder } from './host-folder.ts';
import { PrivateApt } from './private-apt.ts';
import { tool } from './run-tool.ts';

/** Series of kernels that are fetched: before the series of April 2025, and since. */
export const SERIES = ['6.12', '6.18'] as const;
/** Modules that the guest loads, with what they need. */
const MODULES = ['9p', '9pnet_virtio', 'vfio_iommu_type1', 'vfio-pci'];

const asset = (name: string): string => fileURLToPath(new URL(`guest/${name}`, import.meta.url));

/** What a set-up is told of. */
export interface SetUpOptions {
  readonly progress?: (what: string) => void;
  readonly signal?: AbortSignal;
}

/** What was set up. */
export interface SetUp {
  readonly folder: string;
  readonly kernels: readonly string[];
  /** Series that the archive has none of. */
  readonly missing: readonly string[];
}

/**
 * Fetches and unpacks kernels and tools.
 *
 * @param given - the folder; is made
 * @param options - progress, and how to stop it
 * @throws InputError IRQB611 and IRQB612: a tool that is missing, an archive that has nothing
 */
export async function setUpHost(given: string, { progress, signal }: SetUpOptions = {}): Promise<SetUp> {
  const folder = resolve(given);
  const say = (what: string): void => progress?.(what);
  for (const name of ['guest', 'kernels', 'debs']) mkdirSync(join(folder, name), { recursive: true });
  say('compiling the test program');
  await tool(
    'aarch64-linux-gnu-gcc',
    ['-O1', '-static', '-pthread', '-o', join(folder, 'guest', 'irqtest'), asset('irqtest.c')],
    { signal },
  );
  for (const name of ['qemu-system-aarch64', 'cpio']) await tool(name, ['--version'], { signal });
  say('asking the archive for kernels');
  const apt = await PrivateApt.of(folder, signal);
  const busybox = join(folder, 'guest', 'busybox');
  if (!existsSync(busybox)) {
    const unpacked = await apt.unpacked('busybox-static', 'busybox');
    copyFileSync(join(unpacked, 'usr', 'bin', 'busybox'), `${busybox}.part`);
    renameSync(`${busybox}.part`, busybox);
    rmSync(unpacked, { recursive: true });
  }
  const kernels: string[] = [];
  const missing: string[] = [];
  for (const series of SERIES) {
    const version = await apt.newest(series);
    if (version === null) {
      missing.push(series);
      continue;
    }
    const target = join(folder, 'kernels', version);
    if (!existsSync(join(target, 'initramfs.gz'))) {
      say(`fetching linux-image-${version}`);
      const unpacked = await apt.unpacked(`linux-image-${version}`, `linux-${version}`);
      say(`packing the initramfs of ${version}`);
      mkdirSync(target, { recursive: true });
      copyFileSync(join(unpacked, 'boot', `vmlinuz-${version}`), join(target, 'vmlinuz'));
      await packInitramfs(folder, unpacked, version, join(target, 'initramfs.gz'), signal);
      rmSync(unpacked, { recursive: true });
    }
    kernels.push(version);
  }
  if (kernels.length === 0)
    throw new InputError('IRQB612', `the archive has no arm64 kernel of ${SERIES.join(' or ')}`, {
      hint: 'host run --kernel IMAGE --modules DIR takes a kernel of your own',
    });
  if (!existsSync(bpftraceIn(folder))) {
    say('fetching bpftrace');
    await apt.update();
    await apt.program('bpftrace', bpftraceIn(folder));
  }
  rememberFolder(folder);
  return { folder, kernels, missing };
}

/** The modules that a guest needs, in the order in which they are loaded. */
async function modulesOf(unpacked: string, version: string, signal?: AbortSignal): Promise<readonly string[]> {
  const base = existsSync(join(unpacked, 'usr/lib/modules', version)) ? join(unpacked, 'usr') : unpacked;
  if (!existsSync(join(base, 'lib/modules', version)))
    throw new InputError('IRQB612', `no modules of ${version}`, {
      where: unpacked,
      hint: '--modules DIR has lib/modules/VERSION in it',
    });
  await tool('depmod', ['-b', base, version], { signal });
  const found: string[] = [];
  for (const one of MODULES) {
    const shown = await tool('modprobe', ['-d', base, '-S', version, '--show-depends', one], { signal });
    found.push(...shown.split('\n').flatMap((line) => /^insmod (\S+)/.exec(line)?.[1] ?? []));
  }
  return [...new Set(found)];
}

/**
 * A kernel of one's own: an arm64 Image, with the modules it needs.
 *
 * @param folder - of the set-up: busybox is from there
 * @param image - the Image
 * @param modules - a folder with lib/modules/VERSION in it; everything is built in where absent
 * @throws InputError IRQB612 where the modules are not there
 */
export async function ownKernel(
  folder: string,
  image: string,
  modules: string | undefined,
  signal?: AbortSignal,
): Promise<HostKernel> {
  expectFile(image, statSync(image));
  const version = modules === undefined ? null : versionIn(modules);
  const target = join(folder, 'kernels', 'own');
  mkdirSync(target, { recursive: true });
  const initramfs = join(target, 'own.gz');
  await packInitramfs(folder, modules ?? '', version, initramfs, signal);
  return { version: image, image, initramfs };
}

/** The version of the modules of a folder. */
function versionIn(modules: string): string {
  const bases = [join(modules, 'lib/modules'), join(modules, 'usr/lib/modules')].filter((one) => existsSync(one));
  const versions = bases.flatMap((base) => readdirSync(base));
  const [version] = versions;
  if (version !== undefined && versions.length === 1) return version;
  throw new InputError('IRQB612', `${versions.length === 0 ? 'no' : 'several'} versions of modules`, {
    where: modules,
    hint: 'the folder that make modules_install INSTALL_MOD_PATH= was given',
  });
}

/** Packs busybox, the modules (none without a version) and init. */
async function packInitramfs(
  folder: string,
  unpacked: string,
  version: string | null,
  target: string,
  signal?: AbortSignal,
): Promise<void> {
  const root = `${target}.d`;
  rmSync(root, { recursive: true, force: true });
  for (const name of ['bin', 'proc', 'sys', 'dev', 'mnt', 'mod', 'tmp'])
    mkdirSync(join(root, name), { recursive: true });
  copyFileSync(join(folder, 'guest', 'busybox'), join(root, 'bin', 'busybox'));
  copyFileSync(asset('init'), join(root, 'init'));
  const list: string[] = [];
  for (const module of version === null ? [] : await modulesOf(unpacked, version, signal)) {
    const name = basename(module).replace(/\.(?:xz|zst|gz)$/, '');
    copyFileSync(module, join(root, 'mod', basename(module)));
    if (module.endsWith('.xz')) await tool('xz', ['-d', join(root, 'mod', basename(module))], { signal });
    list.push(name);
  }
  writeFileSync(join(root, 'mod', 'list'), `${list.join('\n')}\n`);
  await tool(
    'sh',
    [
      '-c',
      'set -e; chmod +x "$1/init" "$1/bin/busybox"; cd "$1"; find . > "$2.list"; cpio -o -H newc --quiet < "$2.list" > "$2.cpio"; gzip -1 < "$2.cpio" > "$2.part"; rm "$2.list" "$2.cpio"',
      'sh',
      root,
      target,
    ],
    { signal },
  );
  // Whole or not there.
  renameSync(`${target}.part`, target);
  rmSync(root, { recursive: true, force: true });
}
