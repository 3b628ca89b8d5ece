// The API reference: typedoc writes a page a module, which is too long for one; here it becomes a page a kind of export.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './model.ts';
import type { Page } from './page.ts';
import { addressOf, table } from './page.ts';

/** The entries of the package, the engine first: what both export is described there. */
const entries = [
  { entry: 'src/engine/index.ts', name: 'irqbypass-lab/engine', folder: 'engine', file: 'engine.md' },
  { entry: 'src/index.ts', name: 'irqbypass-lab', folder: 'lab', file: 'index.md' },
] as const;

const options = {
  entryPoints: entries.map(({ entry }) => entry),
  tsconfig: 'tsconfig.json',
  plugin: ['typedoc-plugin-markdown'],
  readme: 'none',
  router: 'module',
  entryFileName: 'modules',
  hidePageHeader: true,
  hideBreadcrumbs: true,
  useHTMLAnchors: true,
  skipErrorChecking: true,
  excludeInternal: true,
  excludeExternals: true,
  disableSources: true,
  parametersFormat: 'table',
  interfacePropertiesFormat: 'table',
  propertyMembersFormat: 'table',
  typeDeclarationFormat: 'table',
  logLevel: 'Error',
};

/** Runs typedoc; answers its files by name. */
async function documented(): Promise<ReadonlyMap<string, string>> {
  const folder = mkdtempSync(join(tmpdir(), 'irqbypass-api-'));
  const file = join(folder, 'typedoc.json');
  const absolute = {
    entryPoints: options.entryPoints.map((one) => join(root, one)),
    tsconfig: join(root, 'tsconfig.json'),
  };
  writeFileSync(file, JSON.stringify({ ...options, ...absolute, out: join(folder, 'out') }));
  const bin = join(root, 'node_modules/typedoc/bin/typedoc');
  const child = spawn(process.execPath, [bin, '--options', file], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  if (code !== 0) throw new Error(`typedoc ended with ${String(code)}`);
  const texts = new Map(
    entries.map((entry) => [entry.file, readFileSync(join(folder, 'out', entry.file), 'utf8')] as const),
  );
  rmSync(folder, { recursive: true });
  return texts;
}

/** `## Type Aliases` of a module, with everything below it. */
interface Part {
  readonly folder: string;
  readonly title: string;
  readonly path: string;
  readonly text: string;
}

/** Cuts the page of a module; what is only exported again is described elsewhere. */
export function apiParts(folder: string, text: string): readonly Part[] {
  return text
    .split(/^(?=## )/m)
    .filter((part) => part.startsWith('## ') && !part.startsWith('## References'))
    .map((part) => {
      const title = /^## (.*)$/m.exec(part)?.[1] ?? '';
      return { folder, title, path: `api/${folder}/${title.toLowerCase().replaceAll(/\W+/g, '-')}.md`, text: part };
    });
}

/** Links by anchors: each leads to the page that has the anchor now; those to what is exported and not described lead nowhere. */
function withAnchors(part: Part, name: string, pages: ReadonlyMap<string, string>): string {
  return part.text.replaceAll(/\]\(([\w./-]*)#([\w-]+)\)/g, (whole, file: string, anchor: string) => {
    const there = file === '' ? name : file;
    const page = pages.get(`${there}#${anchor}`);
    if (page === undefined) throw new Error(`the API reference has no ${there}#${anchor}: ${whole}`);
    return `](${addressOf(page)}#${anchor})`;
  });
}

/** The pages of the API reference. */
export async function apiPages(): Promise<readonly Page[]> {
  const texts = await documented();
  const parts = entries.flatMap(({ file, folder }) =>
    apiParts(folder, texts.get(file) ?? '').map((part) => ({ part, name: file })),
  );
  const anchors = new Map(
    parts.flatMap(({ part, name }) =>
      [...part.text.matchAll(/<a id="([\w-]+)">/g)].map(([, id = '']) => [`${name}#${id}`, part.path] as const),
    ),
  );
  const pages = parts.map(({ part, name }) => ({
    path: part.path,
    text: `# ${entryName(part.folder)}: ${part.title}\n${withAnchors(part, name, anchors)
      .replace(/^## .*\n/, '')
      .replaceAll(/^#(?=##)/gm, '')
      .replaceAll(/^\*\*\*$/gm, '')}`,
  }));
  const rows = parts.map(({ part }) => [
    entryName(part.folder),
    `[${part.title}](${addressOf(part.path)})`,
    String(part.text.match(/^### /gm)?.length ?? 0),
  ]);
  const text = [
    '# API',
    '',
    '`irqbypass-lab/engine` is the explorer by itself and runs in a browser; `irqbypass-lab` has all of it, and the kernel. Made by typedoc',
    'from [src/engine/index.ts](/source/src/engine/index.ts.html){target="_self"} and [src/index.ts](/source/src/index.ts.html){target="_self"}.',
    '',
    ...table(['entry', 'what', 'how many'], rows),
    '',
  ];
  return [{ path: 'api/index.md', text: text.join('\n') }, ...pages];
}

function entryName(folder: string): string {
  return entries.find((entry) => entry.folder === folder)?.name ?? folder;
}
