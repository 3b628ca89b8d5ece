// Kernel trees for tests: the stand-ins of the project, copies of them with other lines, and Debian's sources where they are installed.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The stand-ins: `list` does what base does, `xarray` what v2p8 does. */
export const standIn = (which: 'list' | 'xarray'): string =>
  fileURLToPath(new URL(`../../fixtures/kernel-trees/${which}`, import.meta.url));

/** Folders that a test makes, to be taken away afterwards. */
export class Scratch {
  readonly folder = mkdtempSync(join(tmpdir(), 'irqbypass-trees-'));
  #count = 0;

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A copy of a stand-in in which a text of irqbypass.c (which is there once) is another. */
  altered(which: 'list' | 'xarray', text: string, by: string): string {
    const tree = this.with(which, {});
    const file = join(tree, 'virt', 'lib', 'irqbypass.c');
    const before = readFileSync(file, 'utf8');
    if (before.split(text).length !== 2)
      throw new Error(`${which} has "${text}" ${before.split(text).length - 1} times`);
    writeFileSync(
      file,
      before.replace(text, () => by),
    );
    return tree;
  }

  /** A copy of a stand-in with more files. */
  with(which: 'list' | 'xarray', files: Readonly<Record<string, string>>): string {
    const tree = join(this.folder, `tree${(this.#count += 1)}`);
    cpSync(standIn(which), tree, { recursive: true });
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(tree, dirname(path)), { recursive: true });
      writeFileSync(join(tree, path), text);
    }
    return tree;
  }

  /** Unpacks what is needed of Debian's linux-source package: once. */
  debian(version: string): string {
    const tree = join(this.folder, `linux-source-${version}`);
    if (existsSync(tree)) return tree;
    const members = ['virt/lib/irqbypass.c', 'include/linux/irqbypass.h', ...XARRAY].map(
      (one) => `linux-source-${version}/${one}`,
    );
    const { status, stderr } = spawnSync('tar', ['xf', debianSource(version), '-C', this.folder, ...members]);
    if (status !== 0) throw new Error(stderr.toString());
    return tree;
  }

  /** The stand-in with xarrays in a tree that has Debian's XArray. */
  withXarrayOf(version: string): string {
    const from = this.debian(version);
    return this.with('xarray', Object.fromEntries(XARRAY.map((one) => [one, readFileSync(join(from, one), 'utf8')])));
  }
}

const XARRAY = ['lib/xarray.c', 'include/linux/xarray.h'];
const debianSource = (version: string): string => `/usr/src/linux-source-${version}.tar.xz`;

/** Is the package installed? */
export const hasDebian = (version: string): boolean => existsSync(debianSource(version));
