// The page of all properties: what each says, and which bugs break it.
import { mutations } from '../../src/mutations/mutations.ts';
import { everyProperty } from '../../src/properties/properties.ts';
import type { Page } from './page.ts';
import { cell, plain, table } from './page.ts';

/** Generates the page. */
export function propertyPage(): Page {
  const rows = everyProperty.map(({ id, title }) => {
    const broken = mutations.filter(({ shown }) => shown.some(({ breaks }) => breaks.includes(id)));
    return [`\`${id}\``, cell(plain(title)), broken.map((bug) => `[${bug.id}](/bugs/${bug.id}.html)`).join(', ')];
  });
  const text = [
    '# Properties',
    '',
    'What must hold in every interleaving: `i-` of a state or a step, `l-` of infinite runs (`--liveness`). Each has a bug that breaks it.',
    '',
    ...table(['property', 'what it says', 'broken by'], rows),
    '',
  ];
  return { path: 'properties.md', text: text.join('\n') };
}
