// VitePress: pages are those that scripts/docs/build.ts has gathered in site/.pages.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitepress';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const { topBar, sideBars } = JSON.parse(readFileSync(here('../../node_modules/.cache/site-navigation.json'), 'utf8'));

export default defineConfig({
  title: 'irqbypass-lab',
  description: "A laboratory for the Linux kernel's IRQ bypass manager",
  lang: 'en',
  srcDir: '.pages',
  outDir: 'dist',
  cacheDir: here('../../node_modules/.cache/vitepress'),
  cleanUrls: false,
  // Links are checked in what was built, anchors included (scripts/docs/check-site.ts).
  ignoreDeadLinks: true,
  // What all pages share is one file, instead of standing in each of them.
  metaChunk: true,
  head: [['link', { rel: 'icon', href: 'data:,' }]],
  markdown: {
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    anchor: { slugify: (text) => slug(text) },
    toc: { level: [2] },
    codeTransformers: [
      {
        line(node) {
          const first =
            (node.children[0] as { children?: { value?: string }[] } | undefined)?.children?.[0]?.value ?? '';
          if (first.startsWith('$ ')) this.addClassToHast(node, 'typed');
        },
      },
    ],
  },
  themeConfig: {
    nav: topBar,
    sidebar: sideBars,
    outline: [2, 3],
    externalLinkIcon: false,
    search: {
      provider: 'local',
      options: {
        detailedView: false,
        // Blocks and pictures are most of the text, and nothing that anybody looks for by its words.
        _render: (source, env, md) =>
          md
            .render(source, env)
            .replace(/<pre[^]*?<\/pre>/g, '')
            .replace(/<div class="picture[^]*?<\/svg><\/div>/g, ''),
        miniSearch: {
          options: {
            // `i-lockprot` is a word; `unregister` is found in `double-unregister-race`, too.
            tokenize: (text) =>
              text
                .split(/[^\w-]+/)
                .flatMap((word) => [word, ...(word.includes('-') ? word.split('-') : [])])
                .filter((word) => word.length > 1),
          },
          searchOptions: { fuzzy: 0.1, prefix: true, boost: { title: 4, titles: 1 } },
        },
      },
    },
  },
  vite: {
    logLevel: 'warn',
    esbuild: { tsconfigRaw: {} },
    build: { chunkSizeWarningLimit: 2000, reportCompressedSize: false },
  },
});

/** Anchors as GitHub makes them, so that links work there and here. */
function slug(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^\w -]/g, '')
    .replaceAll(' ', '-');
}
