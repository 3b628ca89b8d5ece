// An apt with a state of its own: nothing of the machine's package state is touched, and no root is needed. Packages come from the
// mirror that the machine's own apt is set up with.
import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { InputError } from '../../engine/input-error.ts';
import { compareVersions } from './host-folder.ts';
import { tool } from './run-tool.ts';

/** Where Debian has the kernels of the series, and bpftrace. */
const SUITES = ['bookworm', 'bookworm-updates', 'bookworm-backports', 'trixie', 'trixie-updates', 'trixie-backports'];
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** An apt whose state is in the folder. */
export class PrivateApt {
  readonly #folder: string;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #signal: AbortSignal | undefined;
  /** Was the archive asked just now? */
  #isFresh = false;

  private constructor(folder: string, signal: AbortSignal | undefined) {
    this.#folder = folder;
    this.#environment = { APT_CONFIG: join(folder, 'apt', 'apt.conf') };
    this.#signal = signal;
  }

  static async of(folder: string, signal?: AbortSignal): Promise<PrivateApt> {
    const root = join(folder, 'apt');
    const apt = new PrivateApt(folder, signal);
    if (existsSync(join(root, 'ready'))) return apt;
    for (const name of [
      'etc/apt/apt.conf.d',
      'etc/apt/preferences.d',
      'etc/apt/trusted.gpg.d',
      'var/lib/apt/lists/partial',
      'var/cache/apt/archives/partial',
      'var/lib/dpkg',
    ])
      mkdirSync(join(root, name), { recursive: true });
    writeFileSync(join(root, 'var/lib/dpkg/status'), '');
    const mirrors = await tool('apt-get', ['indextargets', '--format', '$(REPO_URI)', 'Created-By: Packages'], {
      signal,
    });
    const mirror = mirrors.split('\n').find((uri) => uri !== '' && !uri.includes('security'));
    if (mirror === undefined || !existsSync(KEYRING))
      throw new InputError('IRQB612', 'this machine has no archive of Debian', {
        hint: `host setup wants apt with a mirror of Debian and ${KEYRING}`,
      });
    writeFileSync(
      join(root, 'etc/apt/sources.list'),
      SUITES.map((suite) => `deb [arch=arm64 signed-by=${KEYRING}] ${mirror} ${suite} main\n`).join(''),
    );
    writeFileSync(
      join(root, 'apt.conf'),
      `Dir "${root}";\nDir::State::status "${root}/var/lib/dpkg/status";\nAPT::Architecture "arm64";\nAPT::Architectures { "arm64"; };\nAPT::Sandbox::User "${process.env['USER'] ?? 'root'}";\n`,
    );
    await apt.update();
    apt.#isFresh = true;
    writeFileSync(join(root, 'ready'), '');
    return apt;
  }

  #get(name: string, words: readonly string[], cwd?: string): Promise<string> {
    return tool(name, words, {
      environment: this.#environment,
      signal: this.#signal,
      ...(cwd === undefined ? {} : { cwd }),
    });
  }

  /** Asks the archive what it has now: a folder of last month knows packages that are gone. */
  async update(): Promise<void> {
    if (!this.#isFresh) await this.#get('apt-get', ['update', '-q']);
  }

  /** The newest kernel of a series; null where there is none. */
  async newest(series: string): Promise<string | null> {
    const names = await this.#get('apt-cache', ['pkgnames', `linux-image-${series}.`]);
    const pattern = new RegExp(`^linux-image-(${series.replace('.', '\\.')}\\.\\d+\\+deb\\d+(?:u\\d+)?-arm64)$`);
    const versions = names.split('\n').flatMap((line) => pattern.exec(line)?.[1] ?? []);
    return versions.toSorted(compareVersions).at(-1) ?? null;
  }

  /** Downloads a package and unpacks it. Answers the folder. */
  async unpacked(name: string, as: string): Promise<string> {
    const debs = join(this.#folder, 'debs');
    for (const file of readdirSync(debs)) if (file.startsWith(`${name}_`)) rmSync(join(debs, file));
    await this.#get('apt-get', ['download', '-q', name], debs);
    const deb = readdirSync(debs).find((file) => file.startsWith(`${name}_`));
    if (deb === undefined) throw new InputError('IRQB612', `${name} was not downloaded`);
    const target = join(debs, as);
    await tool('dpkg-deb', ['-x', join(debs, deb), target], { signal: this.#signal });
    rmSync(join(debs, deb));
    return target;
  }

  /**
   * Downloads a program with the libraries it needs.
   *
   * @param name - of the package, and of the program
   * @param target - becomes a folder: the program, `lib/` with its libraries and the loader that starts it
   */
  async program(name: string, target: string): Promise<void> {
    const archives = join(this.#folder, 'debs', `${name}.d`);
    rmSync(archives, { recursive: true, force: true });
    mkdirSync(join(archives, 'partial'), { recursive: true });
    const words = ['install', '-y', '-q', '--download-only', '--no-install-recommends'];
    await this.#get('apt-get', [...words, '-o', `Dir::Cache::archives=${archives}`, name]);
    const root = join(archives, 'root');
    for (const deb of readdirSync(archives).filter((file) => file.endsWith('.deb')))
      await tool('dpkg-deb', ['-x', join(archives, deb), root], { signal: this.#signal });
    const part = `${target}.part`;
    rmSync(part, { recursive: true, force: true });
    mkdirSync(join(part, 'lib'), { recursive: true });
    copyFileSync(join(root, 'usr', 'bin', name), join(part, name));
    for (const folder of ['lib', 'lib/aarch64-linux-gnu', 'usr/lib', 'usr/lib/aarch64-linux-gnu'])
      for (const file of existsSync(join(root, folder)) ? readdirSync(join(root, folder)) : [])
        if (/\.so\.\d+/.test(file)) copyFileSync(join(root, folder, file), join(part, 'lib', basename(file)));
    renameSync(part, target);
    rmSync(archives, { recursive: true });
  }
}
