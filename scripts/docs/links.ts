// Links of the written pages: to another page, to a file of the source, or to a folder of it.
import { existsSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { partsOf } from './fences.ts';
import { addressOf, pagePathOf, sourceAddressOf } from './page.ts';

/** Where links lead from a page. */
export interface LinkTargets {
  /** Root of the repository. */
  readonly root: string;
  /** Files of Markdown that are pages. */
  readonly pages: ReadonlySet<string>;
  /** Files and folders of the source that pages link to; what is met is added. */
  readonly linked: Set<string>;
  /** Links that lead nowhere: what is met is added. */
  readonly dead: string[];
}

const link = /(?<!!)\[((?:[^[\]]|\[[^\]]*\])*)\]\(([^()\s]+)\)/g;

/** Where a link leads in the site; null where there is no such file. */
function resolved(target: string, file: string, { root, pages, linked }: LinkTargets): string | null {
  const [path = '', anchor] = target.split('#');
  const hash = anchor === undefined ? '' : `#${anchor}`;
  const there = path === '' ? file : normalize(join(dirname(file), path)).replace(/\/$/, '');
  if (pages.has(there)) return `${addressOf(pagePathOf(there))}${hash}`;
  const readme = `${there}/README.md`;
  if (pages.has(readme)) return `${addressOf(pagePathOf(readme))}${hash}`;
  if (!existsSync(join(root, there))) return null;
  linked.add(there);
  return `${sourceAddressOf(there, statSync(join(root, there)).isDirectory())}${hash}`;
}

/**
 * Rewrites the links of a page of the repository to those of the site. Links within code stay.
 *
 * @param text - the page
 * @param file - its path in the repository
 * @param targets - what there is to link to
 * @returns the page with links of the site; those that lead nowhere stay as they are
 */
export function withSiteLinks(text: string, file: string, targets: LinkTargets): string {
  const rewrite = (whole: string, label: string, target: string): string => {
    if (/^(https?:|mailto:|\/)/.test(target)) return whole;
    const address = resolved(target, file, targets);
    if (address === null) targets.dead.push(`${file}: the link to ${target} is dead`);
    if (address === null) return whole;
    // A name of a file says nothing in the site.
    const text = label.replace(/^(?:[\w.-]+\/)*([\w-]+)\.md$/, (_, name: string) => name.replaceAll('-', ' '));
    return `[${text}](${address})${address.startsWith('/source/') ? '{target="_self"}' : ''}`;
  };
  return partsOf(text)
    .map((part) => (part.isFenced ? part.text : part.text.replaceAll(link, rewrite)))
    .join('\n');
}
