// The files of the page, as `npm run build:studio` made them: a fixed list, with the type of each.
import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError } from '../../engine/input-error.ts';

/** A file that is handed out. */
export interface PageFile {
  readonly type: string;
  readonly body: () => Buffer;
}

/** Files by path, the first slash included. */
export type PageFiles = ReadonlyMap<string, PageFile>;

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
};

const root = fileURLToPath(new URL('../../../', import.meta.url));
/** Where the built page lies, in a checkout and in the package. */
export const pageFolder = join(root, 'dist/page');

/** A file of text that is made here. */
export function madeFile(ending: string, text: string): PageFile {
  const body = Buffer.from(text);
  return { type: types[ending] ?? 'application/octet-stream', body: () => body };
}

/** When the newest of some files was changed. */
function newest(files: readonly string[]): number {
  return Math.max(0, ...files.map((file) => statSync(file).mtimeMs));
}

/**
 * Builds the page in a checkout, where it is not there or older than its source. An installed package has it.
 *
 * @param note - is told that it takes a while
 * @throws InputError (IRQB703) where there is no page, and nothing to build it of
 */
export async function expectBuilt(note: (text: string) => void): Promise<void> {
  const page = join(pageFolder, 'index.html');
  const builder = join(root, 'scripts/build-studio.ts');
  if (!existsSync(builder)) {
    if (existsSync(page)) return;
    throw new InputError('IRQB703', `${pageFolder}: the page is not there`, { hint: 'install irqbypass-lab again' });
  }
  const sources = globSync(['src/**/*.{ts,tsx,css,html}', 'scripts/build-studio.ts', 'docs/figures/*.svg'], {
    cwd: root,
  }).map((file) => join(root, file));
  const built = statSync(join(pageFolder, 'worker.js'), { throwIfNoEntry: false });
  if (existsSync(page) && built !== undefined && built.mtimeMs >= newest(sources)) return;
  note('building the page, which takes some seconds');
  const { buildStudio } = (await import(builder)) as {
    readonly buildStudio: (folder: string, isQuick: boolean) => Promise<string>;
  };
  await buildStudio(pageFolder, true);
}

/** The built files. They are read when they are asked for: the pictures are many. */
export function builtFiles(folder: string = pageFolder): Map<string, PageFile> {
  const files = globSync('**/*.{html,js,css,svg,json}', { cwd: folder }).toSorted();
  return new Map(
    files.map((file): [string, PageFile] => [
      `/${file}`,
      {
        type: types[extname(file)] ?? 'application/octet-stream',
        body: () => readFileSync(join(folder, file)),
      },
    ]),
  );
}
