// The pages that are written in files: their links, pictures and labs made those of the site.
import { sequenceSvg } from '../../src/engine/diagrams/sequence-svg.ts';
import type { Manifest } from '../../src/scenarios/manifest.ts';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withLabs } from './lab-marker.ts';
import { withSiteLinks } from './links.ts';
import { pictureOf } from './machine-pages.ts';
import { root } from './model.ts';
import type { Page } from './page.ts';
import { pagePathOf } from './page.ts';
import type { Pictures } from './pictures.ts';
import { inlinePicture } from './pictures.ts';
import { sequenceOfText } from './sequence-text.ts';

/** Files of Markdown that are pages. */
export function writtenFiles(): readonly string[] {
  return ['*.md', 'docs/**/*.md', 'site/*.md'].flatMap((pattern) => globSync(pattern, { cwd: root })).toSorted();
}

const block = /^(?:<!-- npx irqbypass (\S+) (\S+).*? -->\n)?```mermaid\n(.*?)^```$/gms;

/** Pictures instead of Mermaid: sequences are drawn from what the text says, machines from the machines. */
function withPictures(text: string, file: string, pictures: Pictures): string {
  return text.replaceAll(block, (_, command: string | undefined, id: string | undefined, source: string) => {
    if (source.startsWith('sequenceDiagram'))
      return inlinePicture(sequenceSvg(sequenceOfText(source)), 'Sequence diagram');
    if (command !== 'diagram' || id === undefined)
      throw new Error(
        `${file}: a state diagram has the command above it that draws it, <!-- npx irqbypass diagram ID -->`,
      );
    return pictureOf(id, pictures);
  });
}

/** Images of docs/figures within the page, so that they follow its colours. */
function withFigures(text: string, file: string): string {
  return text.replaceAll(/^!\[([^\]]*)\]\(([\w./-]+\.svg)\)$/gm, (_, label: string, target: string) =>
    inlinePicture(readFileSync(join(root, file, '..', target), 'utf8'), label),
  );
}

/** What a file of the repository is linked by, and was not yet. */
export interface WrittenPages {
  readonly pages: readonly Page[];
  /** Files and folders that pages link to. */
  readonly linked: ReadonlySet<string>;
  /** Links that lead nowhere. */
  readonly dead: readonly string[];
}

/**
 * All written pages.
 *
 * @param manifest - verdicts on record
 * @param pictures - of machines
 * @throws Error where a marker names what is not there, or a picture cannot be drawn
 */
export function writtenPages(manifest: Manifest, pictures: Pictures): WrittenPages {
  const files = writtenFiles();
  const linked = new Set<string>();
  const dead: string[] = [];
  const pages = files.map((file): Page => {
    const text = readFileSync(join(root, file), 'utf8');
    const drawn = withLabs(withFigures(withPictures(text, file, pictures), file), manifest);
    return {
      path: pagePathOf(file),
      text: withSiteLinks(drawn, file, { root, pages: new Set(files), linked, dead }),
      source: file,
    };
  });
  return { pages, linked, dead };
}
