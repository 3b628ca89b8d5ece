// The folder that `host setup` fills: kernels, the guest's tools, packages.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { InputError } from '../../engine/input-error.ts';

/** A kernel that can be booted. */
export interface HostKernel {
  /** `6.12.95+deb12-arm64`, or the path of an Image. */
  readonly version: string;
  readonly image: string;
  readonly initramfs: string;
}

const cache = (): string => process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
/** Names the folder of the last set-up. */
const pointer = (): string => join(cache(), 'irqbypass', 'host-folder');

/** Where a set-up goes that names no folder. */
export const usualFolder = (): string => join(cache(), 'irqbypass', 'host');

/** Where a folder keeps bpftrace for the guest, with its libraries. */
export const bpftraceIn = (folder: string): string => join(folder, 'guest', 'bpftrace');

/** Remembers a folder for the other commands. */
export function rememberFolder(folder: string): void {
  mkdirSync(dirname(pointer()), { recursive: true });
  writeFileSync(pointer(), `${resolve(folder)}\n`);
}

/**
 * The folder of the last set-up: IRQBYPASS_HOST, or the one that was remembered.
 *
 * @throws InputError IRQB611 where there is none
 */
export function hostFolder(): string {
  const named = process.env['IRQBYPASS_HOST'];
  const folder = named ?? (existsSync(pointer()) ? readFileSync(pointer(), 'utf8').trim() : usualFolder());
  if (existsSync(join(folder, 'guest', 'irqtest'))) return folder;
  throw new InputError('IRQB611', 'no kernels and tools have been set up', {
    where: folder,
    hint: 'irqbypass host setup DIR fetches them (about 700 MB)',
  });
}

/** Kernels of a folder, the newest first. */
export function kernelsOf(folder: string): readonly HostKernel[] {
  const all = join(folder, 'kernels');
  if (!existsSync(all)) return [];
  return readdirSync(all)
    .filter((version) => existsSync(join(all, version, 'initramfs.gz')))
    .toSorted((a, b) => compareVersions(b, a))
    .map((version) => ({
      version,
      image: join(all, version, 'vmlinuz'),
      initramfs: join(all, version, 'initramfs.gz'),
    }));
}

/** Versions by their numbers: 6.12.100 is after 6.12.95. */
export function compareVersions(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

/**
 * A kernel by its series.
 *
 * @param folder - of the set-up
 * @param series - `6.12`
 * @throws InputError IRQB612 where none of that series is there
 */
export function kernelOf(folder: string, series: string): HostKernel {
  const all = kernelsOf(folder);
  const found = all.find(({ version }) => version === series || version.startsWith(`${series}.`));
  if (found !== undefined) return found;
  const there = all.length === 0 ? 'there are none' : `there are ${all.map(({ version }) => version).join(', ')}`;
  throw new InputError('IRQB612', `no kernel ${series} has been set up: ${there}`, {
    where: folder,
    hint: 'a series (6.12, 6.18) that host setup found, or the path of an arm64 Image',
  });
}
