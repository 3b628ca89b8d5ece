// Source files as plain pages: what the documentation links to can be read in the site, without a script.
import { globSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import ts from 'typescript';
import { escapeXml } from '../../src/engine/diagrams/svg-text.ts';
import { headerOf } from './header-comment.ts';
import { root } from './model.ts';
import { sourceAddressOf } from './page.ts';

/** Marks of the classes of TypeScript's classifier that are coloured. */
const marks: ReadonlyMap<ts.TokenClass, string> = new Map([
  [ts.TokenClass.Comment, 'c'],
  [ts.TokenClass.Keyword, 'k'],
  [ts.TokenClass.StringLiteral, 's'],
  [ts.TokenClass.NumberLiteral, 's'],
  [ts.TokenClass.RegExpLiteral, 's'],
]);

/** Lines of TypeScript as HTML. */
function typescriptLines(text: string): string[] {
  const classifier = ts.createClassifier();
  let state: ts.EndOfLineState = ts.EndOfLineState.None;
  return text.split('\n').map((line) => {
    const { entries, finalLexState } = classifier.getClassificationsForLine(line, state, false);
    state = finalLexState;
    let at = 0;
    const parts = entries.map(({ length, classification }) => {
      const word = escapeXml(line.slice(at, (at += length)));
      const mark = marks.get(classification);
      return mark === undefined ? word : `<i class="${mark}">${word}</i>`;
    });
    return parts.join('').replace(/<i class="c"> ?<\/i>/g, ' ');
  });
}

/** A document; its style sheet and its one script lie beside it. */
function documentOf(path: string, body: string): string {
  const parts = path.split('/');
  const crumbs = parts.map((part, i) =>
    i === parts.length - 1
      ? escapeXml(part)
      : `<a href="${sourceAddressOf(parts.slice(0, i + 1).join('/'), true)}">${escapeXml(part)}</a>`,
  );
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escapeXml(path)} | irqbypass-lab</title><link rel="stylesheet" href="/source/source.css"><script src="/source/source.js"></script></head>`,
    `<body><header><a href="/">irqbypass-lab</a> <nav aria-label="Path">${crumbs.join(' / ')}</nav></header>`,
    `<main>${body}</main></body></html>`,
    '',
  ].join('\n');
}

function filePage(file: string): string {
  const text = readFileSync(join(root, file), 'utf8').replace(/\n$/, '');
  const lines = file.endsWith('.ts') ? typescriptLines(text) : text.split('\n').map(escapeXml);
  return documentOf(
    file,
    `<h1>${escapeXml(basename(file))}</h1><pre tabindex="0">${lines.map((line, i) => `<b id="L${i + 1}">${line}\n</b>`).join('')}</pre>`,
  );
}

/** What a file says it is: its first line, where that is a comment. */
function summaryOf(file: string): string {
  return /\.(ts|mjs)$/.test(file) ? (headerOf(root, file)[0] ?? '') : '';
}

/** A folder: what is in it; what has a page is a link. */
function folderPage(folder: string, shown: readonly string[]): string {
  const names = readdirSync(join(root, folder), { withFileTypes: true });
  const others = names
    .filter((one) => one.isFile() && !shown.includes(`${folder}/${one.name}`))
    .map(({ name }) => name);
  const inside = shown.filter((file) => file.startsWith(`${folder}/`)).map((file) => file.slice(folder.length + 1));
  const folders = [...new Set(inside.filter((path) => path.includes('/')).map((path) => path.split('/')[0] ?? ''))];
  const files = inside.filter((path) => !path.includes('/'));
  const rows = [
    ...folders.map(
      (name) =>
        `<tr><td><a href="${sourceAddressOf(`${folder}/${name}`, true)}">${escapeXml(name)}/</a></td><td></td></tr>`,
    ),
    ...files.map((name) => {
      const file = `${folder}/${name}`;
      return `<tr><td><a href="${sourceAddressOf(file, false)}">${escapeXml(name)}</a></td><td>${escapeXml(summaryOf(file))}</td></tr>`;
    }),
    ...others.toSorted().map((name) => `<tr><td>${escapeXml(name)}</td><td></td></tr>`),
  ];
  return documentOf(folder, `<h1>${escapeXml(folder)}</h1><table>${rows.join('')}</table>`);
}

/** Is it text that a reader looks at? Others are left out of folders. */
const isShown = (file: string): boolean =>
  /\.(ts|mjs|js|md|yaml|json|svg|c|h|sh|txt)$/.test(file) || basename(file) === 'LICENSE';

/** The files that have a page: all of src and examples, and what is linked. */
function shownFiles(linked: ReadonlySet<string>): string[] {
  const isFolder = (path: string): boolean => statSync(join(root, path)).isDirectory();
  const found = ['src', 'examples', ...linked].flatMap((path) =>
    isFolder(path)
      ? globSync(`${path}/**/*`, { cwd: root }).filter((file) => !isFolder(file) && isShown(file))
      : [path],
  );
  return [...new Set(found)].toSorted();
}

/**
 * The pages of the source, by their path in the site; data is handed out as it is.
 *
 * @param linked - files and folders that pages link to
 */
export function sourcePages(linked: ReadonlySet<string>): ReadonlyMap<string, string> {
  const shown = shownFiles(linked);
  const pages = new Map<string, string>();
  const folders = new Set([...linked].filter((path) => statSync(join(root, path)).isDirectory()));
  for (const file of shown) {
    const path = sourceAddressOf(file, false).slice(1);
    pages.set(path, /\.(json|svg)$/.test(file) ? readFileSync(join(root, file), 'utf8') : filePage(file));
    for (let folder = dirname(file); folder !== '.'; folder = dirname(folder)) folders.add(folder);
  }
  for (const folder of folders)
    pages.set(`${sourceAddressOf(folder, true).slice(1)}index.html`, folderPage(folder, shown));
  return pages;
}
