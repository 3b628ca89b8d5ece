// A page of the documentation site, and where files of the repository stand in it.

/** A page as VitePress takes it. */
export interface Page {
  /** Path in the site, with slashes: `bugs/b1.md`. */
  readonly path: string;
  /** Markdown. */
  readonly text: string;
  /** The file that it was written in; none where it is generated. */
  readonly source?: string;
}

/** The page of a file of Markdown: `docs/bugs/README.md` is `bugs/index.md`, `ARCHITECTURE.md` is `architecture.md`. */
export function pagePathOf(file: string): string {
  const inSite = file.replace(/^(docs|site)\//, '');
  const named = inSite.includes('/') || inSite !== file ? inSite : inSite.toLowerCase();
  return named.replace(/\/README\.md$/, '/index.md');
}

/** The address of a page: what is typed after the name of the server. */
export function addressOf(path: string): string {
  return `/${path.replace(/(^|\/)index\.md$/, '$1').replace(/\.md$/, '.html')}`;
}

/** The address under which a file or folder of the repository is shown; data and pictures are handed out as they are, and no name is hidden. */
export function sourceAddressOf(path: string, isFolder: boolean): string {
  const file = path.replaceAll(/(?<=^|\/)\./g, '_');
  if (isFolder) return `/source/${file}/`;
  return /\.(json|svg)$/.test(file) ? `/source/${file}` : `/source/${file}.html`;
}

/** A link of Markdown that leaves VitePress: its router must not take it. */
export function outsideLink(text: string, address: string): string {
  return `[${text}](${address}){target="_self"}`;
}

/** Text for a cell of a table in Markdown. */
export function cell(text: string): string {
  return text.replaceAll('|', '\\|').replace(/\s+/g, ' ').trim();
}

/** Text of our own that Vue must not read as a template, nor Markdown as tags. */
export function plain(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('{{', '&#123;&#123;');
}

/** A table of Markdown; cells are Markdown already. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
}

/** A list of words as code: `` `a`, `b` ``. */
export function codes(words: readonly string[]): string {
  return words.map((word) => `\`${word}\``).join(', ');
}
