// Kernel trees for tests: the stand-ins of the project, copies of them with other lines, and Debian's sources where they are installed.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
    const tree = join(this.folder, `tree${(this.#count += 1)}`);
    cpSync(standIn(which), tree, { recursive: true });
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

  /** Unpacks what is needed of Debian's linux-source package. */
  debian(version: string): string {
    const members = ['virt/lib/irqbypass.c', 'include/linux/irqbypass.h'].map(
      (one) => `linux-source-${version}/${one}`,
    );
    const { status, stderr } = spawnSync('tar', ['xf', debianSource(version), '-C', this.folder, ...members]);
    if (status !== 0) throw new Error(stderr.toString());
    return join(this.folder, `linux-source-${version}`);
  }
}

const debianSource = (version: string): string => `/usr/src/linux-source-${version}.tar.xz`;

/** Is the package installed? */
export const hasDebian = (version: string): boolean => existsSync(debianSource(version));
