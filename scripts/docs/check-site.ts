// What a built site must not have: dead links and anchors, resources of other servers, pages that are too large.
import { globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** What is read of a page. */
export interface PageFacts {
  /** Addresses of links, as they stand. */
  readonly links: readonly string[];
  /** What the page loads by itself: scripts, styles, images, frames. */
  readonly loads: readonly string[];
  /** Names that a link may end in. */
  readonly anchors: ReadonlySet<string>;
}

const unescaped = (text: string): string =>
  text.replaceAll('&amp;', '&').replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&lt;', '<');
const valuesOf = (html: string, pattern: RegExp): string[] =>
  [...html.matchAll(pattern)].map(([, value = '']) => unescaped(value));

/** Reads links, resources and anchors of a page. */
export function factsOf(html: string): PageFacts {
  const linkTags = [...html.matchAll(/<link\b[^>]*>/g)].map(([tag]) => tag);
  return {
    links: valuesOf(html, /<a\b[^>]*?\shref="([^"]*)"/g),
    loads: [
      ...valuesOf(html, /<(?:script|img|iframe|source|video|audio|embed)\b[^>]*?\ssrc="([^"]*)"/g),
      ...linkTags.flatMap((tag) => valuesOf(tag, /\shref="([^"]*)"/g)),
      ...valuesOf(html, /url\(\s*['"]?([^'")\s]+)/g),
    ],
    anchors: new Set(valuesOf(html, /\s(?:id|name)="([^"]*)"/g)),
  };
}

/** Is it a resource of another server? */
export function isElsewhere(address: string): boolean {
  return /^([a-z]+:)?\/\//i.test(address);
}

/** Where an address leads in the site: a file, and an anchor in it. */
export function targetOf(address: string, from: string): { readonly file: string; readonly anchor: string } {
  const { pathname, hash } = new URL(address, `http://site/${from}`);
  const path = decodeURIComponent(pathname).slice(1);
  return {
    file: path === '' || path.endsWith('/') ? `${path}index.html` : path,
    anchor: decodeURIComponent(hash.slice(1)),
  };
}

/**
 * Dead links of a site.
 *
 * @param pages - facts of each page, by path
 * @param files - all files of the site
 * @returns `page: address`, and what is wrong with it
 */
export function deadLinks(pages: ReadonlyMap<string, PageFacts>, files: ReadonlySet<string>): string[] {
  return [...pages].flatMap(([path, { links, loads }]) =>
    [...new Set([...links, ...loads])].flatMap((address) => {
      if (/^(https?:|mailto:|data:)/.test(address)) return [];
      const { file, anchor } = targetOf(address, path);
      if (!files.has(file)) return [`${path}: ${address} leads nowhere`];
      const there = pages.get(file);
      // The lab reads what follows # itself.
      if (anchor === '' || there === undefined || file.startsWith('lab/') || there.anchors.has(anchor)) return [];
      return [`${path}: ${address} has no such heading`];
    }),
  );
}

/**
 * Pages that no way of links leads to from the first one.
 *
 * @param pages - facts of each page, by path
 */
export function unreachable(pages: ReadonlyMap<string, PageFacts>): string[] {
  const seen = new Set(['index.html']);
  for (const path of seen)
    for (const address of pages.get(path)?.links ?? []) {
      if (/^[a-z]+:/i.test(address)) continue;
      const { file } = targetOf(address, path);
      if (pages.has(file)) seen.add(file);
    }
  return [...pages.keys()]
    .filter((path) => !seen.has(path) && path !== '404.html')
    .map((path) => `${path}: no link leads there`);
}

/** Sizes in bytes; compressed as a server sends it. */
export interface Budgets {
  /** HTML of a page, compressed. */
  readonly html: number;
  /** Scripts and styles that a page loads before anything is clicked, compressed. */
  readonly loaded: number;
  /** The index that a search loads, compressed. */
  readonly search: number;
  /** All files of the site, without the lab. */
  readonly site: number;
}

/**
 * What a page may weigh. Measured in November 2026: HTML 23 kB at most (interfaces of the engine), 91 kB loaded at most (88 kB of it are
 * VitePress, its style and the titles of all pages), 296 kB of search index, 33 MB in all, most of it source files. A line of 1 Mbit/s brings
 * 125 kB in a second: no page may take longer than that by what it loads, and none may double unseen.
 */
export const budgets: Budgets = { html: 40_000, loaded: 125_000, search: 400_000, site: 40_000_000 };

/** What was measured. */
export interface SiteReport {
  readonly problems: readonly string[];
  readonly pages: number;
  readonly files: number;
  readonly bytes: number;
  readonly links: number;
  /** The largest page, and what its HTML weighs compressed. */
  readonly largest: readonly [string, number];
  /** The page that loads most, and what that weighs compressed. */
  readonly heaviest: readonly [string, number];
  readonly searchBytes: number;
}

const largestOf = (sizes: ReadonlyMap<string, number>): readonly [string, number] =>
  [...sizes].reduce((a, b) => (b[1] > a[1] ? b : a), ['', 0] as const);

/** Pages over a budget, largest first. */
export function overBudget(sizes: ReadonlyMap<string, number>, budget: number, what: string): string[] {
  return [...sizes]
    .filter(([, size]) => size > budget)
    .toSorted((a, b) => b[1] - a[1])
    .map(([path, size]) => `${path}: ${what} is ${size} bytes compressed, ${budget} are the budget`);
}

/**
 * Looks at a built site.
 *
 * @param folder - where it lies
 * @param limits - what it may weigh
 */
export function checkSite(folder: string, limits: Budgets = budgets): SiteReport {
  const all = globSync('**/*', { cwd: folder }).filter((file) => statSync(join(folder, file)).isFile());
  const files = new Set(all);
  const textOf = (file: string): string => readFileSync(join(folder, file), 'utf8');
  const compressed = new Map<string, number>();
  const sizeOf = (file: string): number => {
    const size = compressed.get(file) ?? gzipSync(readFileSync(join(folder, file))).length;
    compressed.set(file, size);
    return size;
  };
  const names = all.filter((file) => file.endsWith('.html'));
  const pages = new Map(names.map((file) => [file, factsOf(textOf(file))] as const));
  const own = names.filter((file) => !file.startsWith('lab/'));
  const htmlSizes = new Map(own.map((file) => [file, sizeOf(file)] as const));
  const loadedOf = (file: string): number =>
    [...new Set(pages.get(file)?.loads)]
      .filter((address) => !isElsewhere(address) && /\.(js|css)$/.test(address))
      .map((address) => targetOf(address, file).file)
      .reduce((sum, loaded) => sum + (files.has(loaded) ? sizeOf(loaded) : 0), 0);
  const loadedSizes = new Map(own.map((file) => [file, loadedOf(file)] as const));
  const styles = all.filter((file) => file.endsWith('.css')).map((file) => [file, factsOf(textOf(file))] as const);
  const elsewhere = [...pages, ...styles].flatMap(([path, { loads }]) =>
    loads.filter(isElsewhere).map((address) => `${path}: loads ${address}`),
  );
  const searchBytes = all.filter((file) => /localSearchIndex/.test(file)).reduce((sum, file) => sum + sizeOf(file), 0);
  const bytes = all
    .filter((file) => !file.startsWith('lab/'))
    .reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
  return {
    problems: [
      ...deadLinks(pages, files),
      ...unreachable(new Map([...pages].filter(([path]) => !path.startsWith('lab/')))),
      ...elsewhere,
      ...overBudget(htmlSizes, limits.html, 'HTML'),
      ...overBudget(loadedSizes, limits.loaded, 'what it loads'),
      ...(searchBytes > limits.search
        ? [`the search index is ${searchBytes} bytes compressed, ${limits.search} are the budget`]
        : []),
      ...(bytes > limits.site ? [`the site is ${bytes} bytes, ${limits.site} are the budget`] : []),
    ],
    pages: names.length,
    files: all.length,
    bytes,
    links: [...pages.values()].reduce((sum, { links }) => sum + links.length, 0),
    largest: largestOf(htmlSizes),
    heaviest: largestOf(loadedSizes),
    searchBytes,
  };
}
