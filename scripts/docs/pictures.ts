// SVG within a page, so that it takes the page's colours, light or dark.

/** The rules of an SVG of ours that have to hold in one page beside others: those that name a scheme follow the page's. */
function scoped(css: string): string {
  return css.replace(/\s+/g, ' ').trim();
}

/**
 * A picture for Markdown: one line, which Vue is not to read as a template.
 *
 * @param svg - a whole document
 * @param label - what it shows, for those who do not see it
 */
export function inlinePicture(svg: string, label: string): string {
  const body = svg.slice(svg.indexOf('<svg')).replace(/\n\s*/g, '\n').trim();
  const styles = [...body.matchAll(/<style>([^]*?)<\/style>/g)].map(([, css = '']) => scoped(css));
  const drawn = body.replaceAll(/<style>[^]*?<\/style>/g, '').replaceAll(/\n+/g, ' ');
  const style = styles.length === 0 ? '' : `<component is="style">${styles.join(' ')}</component>`;
  return `<div class="picture" role="group" aria-label="${label}" tabindex="0">${style}<span v-pre>${drawn}</span></div>`;
}
