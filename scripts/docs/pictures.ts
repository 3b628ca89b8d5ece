// SVG within a page, so that it takes the page's colours, light or dark.
import { createHash } from 'node:crypto';
import { chartOf } from '../../src/engine/diagrams/chart.ts';
import { svgOf } from '../../src/engine/diagrams/svg.ts';
import { DEFAULT_REVISION } from '../../src/registry/revisions.ts';
import { machineIds } from '../../src/scenarios/machines.ts';
import { machineOf } from './model.ts';

/** Pictures of machines by id: SVG that a page paints. */
export type Pictures = ReadonlyMap<string, string>;

/** Draws all machines; they are never older than the machines. */
export async function drawnMachines(): Promise<Pictures> {
  const pictures = new Map<string, string>();
  for (const id of machineIds)
    pictures.set(id, await svgOf(chartOf(machineOf(id)), { title: `machine ${id}, ${DEFAULT_REVISION}` }));
  return pictures;
}

/** The rules that an SVG brings, and a name for those who have the same. */
function ownStyle(svg: string): { readonly css: string; readonly name: string } | null {
  const css = [...svg.matchAll(/<style>([^]*?)<\/style>/g)].map(([, one = '']) => one).join('\n');
  return css === '' ? null : { css, name: `own-${createHash('sha1').update(css).digest('hex').slice(0, 8)}` };
}

/** Rules of SVGs, each for its own pictures alone; those for the dark follow the page, not the system. */
export function pictureStyles(svgs: readonly string[]): string {
  const styles = new Map(svgs.flatMap((svg) => ownStyle(svg) ?? []).map(({ css, name }) => [name, css] as const));
  return [...styles]
    .map(([name, css]) => `.${name} {${css.replaceAll('@media (prefers-color-scheme: dark) {', '.dark & {')}}\n`)
    .join('');
}

/** How small the text of a picture may become: from 12 px. */
const READABLE = 0.8;

/**
 * A picture for Markdown: one line, static. The rules that it brings are in `pictureStyles`.
 *
 * @param svg - a whole document
 * @param label - what it shows, for those who do not see it
 */
export function inlinePicture(svg: string, label: string): string {
  const drawn = svg
    .slice(svg.indexOf('<svg'))
    .replaceAll(/<style>[^]*?<\/style>/g, '')
    .replaceAll(/\s*\n\s*/g, '')
    .replaceAll('{{', '&#123;&#123;');
  const style = ownStyle(svg);
  const width = Number(/\swidth="(\d+)"/.exec(drawn)?.[1] ?? 0);
  // It shrinks to fit as long as its text can be read; then it is moved sideways.
  const readable = `<svg style="min-width:${Math.round(width * READABLE)}px"`;
  const classes = style === null ? 'picture' : `picture ${style.name}`;
  return `<div class="${classes}" role="group" aria-label="${label}" tabindex="0">${drawn.replace('<svg', readable)}</div>`;
}
