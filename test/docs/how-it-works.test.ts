// What the pages on irqbypass itself say beside their commands: pictures are what the command above them prints, and the table of
// claims is in the catalogue of bugs (whose searches are test/mutations').
import { describe, expect, it } from 'vitest';
import { mutations } from '../../src/mutations/mutations.ts';
import { everyProperty } from '../../src/properties/properties.ts';
import { scenarioNames } from '../../src/scenarios/builtin-names.ts';
import { pageOf, Shell } from './transcripts.ts';

const pages = ['docs/how-irqbypass-works.md', 'docs/findings.md'];
const howItWorks = pageOf('docs/how-irqbypass-works.md');

describe('pictures of docs/how-irqbypass-works.md', () => {
  const pictures = [...howItWorks.matchAll(/^<!-- (npx irqbypass [^\n]*) -->\n```mermaid\n(.*?)^```$/gms)];

  it('have a command each', () => {
    expect(pictures.length).toBe(3);
    expect(howItWorks.match(/^```mermaid$/gm)).toHaveLength(pictures.length);
  });

  for (const [, command = '', drawn] of pictures)
    it(command, async () => {
      const shell = new Shell();
      const output = await shell.runHere(command).finally(() => shell.remove());
      expect(output).toBe(drawn);
    });
});

/** `block-and-wake --set unplug=true`: its name, and what is set. */
function parsed(scenario: string): { readonly name: string; readonly set: Readonly<Record<string, string>> } {
  const [name = '', ...rest] = scenario.split(' --set ');
  return { name, set: Object.fromEntries(rest.map((pair) => pair.split('='))) as Record<string, string> };
}

describe('claims of docs/how-irqbypass-works.md', () => {
  const rows = [...howItWorks.matchAll(/^\| .* \| `(\S+)` \| `([^`]+)` \| `(\S+)` \|$/gm)];

  it('are a table', () => expect(rows.length).toBeGreaterThan(10));

  for (const [, property = '', scenario = '', bug = ''] of rows)
    it(`${property}: ${bug} in ${scenario}`, () => {
      const { name, set } = parsed(scenario);
      const found = mutations.find(({ id }) => id === bug)?.shown ?? [];
      const there = found.filter((one) => {
        const given = Object.entries(one.set ?? {}).map(([key, value]) => [key, String(value)]);
        return one.scenario === name && one.revision === 'v2p8' && one.breaks.includes(property) && sameSet(given, set);
      });
      expect(there.length).toBeGreaterThan(0);
    });
});

function sameSet(given: readonly (readonly string[])[], set: Readonly<Record<string, string>>): boolean {
  return given.length === Object.keys(set).length && given.every(([key = '', value]) => set[key] === value);
}

describe.each(pages)('%s', (page) => {
  const words = [...pageOf(page).matchAll(/`([a-z0-9-]+)`/g)].map(([, word = '']) => word);

  it('names properties that there are', () => {
    const ids = new Set(everyProperty.map(({ id }) => id));
    expect(words.filter((word) => /^[il]-/.test(word) && !ids.has(word))).toEqual([]);
  });

  it('names bugs that there are', () => {
    const ids = new Set(mutations.map(({ id }) => id));
    expect(words.filter((word) => /^(m-.*|[bn]\d+[a-g]?)$/.test(word) && !ids.has(word))).toEqual([]);
  });

  it('names scenarios that there are', () => {
    const named = [...pageOf(page).matchAll(/\(scenarios? `([a-z-]+)`/g)].map(([, name = '']) => name);
    expect(named.filter((name) => !scenarioNames.includes(name))).toEqual([]);
  });

  it('has no link to a heading that is not there', () => {
    const anchor = (heading: string): string =>
      heading
        .toLowerCase()
        .replaceAll(/[^\w -]/g, '')
        .replaceAll(' ', '-');
    const headingsOf = (name: string) => [...pageOf(name).matchAll(/^#+ (.*)$/gm)].map(([, one = '']) => anchor(one));
    const links = [...pageOf(page).matchAll(/\]\(([\w.-]*)#([\w-]+)\)/g)];
    const missing = links.filter(([, file, to = '']) => !headingsOf(file === '' ? page : `docs/${file}`).includes(to));
    expect(missing.map(([link]) => link)).toEqual([]);
  });
});
