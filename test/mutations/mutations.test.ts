// Mutants must die: every mutation is found where it says, every property has a mutant that breaks it.
import { describe, expect, it } from 'vitest';
import { explore } from '../../src/engine/explorer/search/explore.ts';
import { checkLiveness } from '../../src/engine/explorer/liveness/liveness.ts';
import type { World } from '../../src/engine/world/world.ts';
import type { Mutation } from '../../src/mutations/mutation.ts';
import { mutations } from '../../src/mutations/mutations.ts';
import { livenessProperties } from '../../src/properties/liveness.ts';
import { properties } from '../../src/properties/properties.ts';
import { manifest } from '../../src/scenarios/manifest.ts';
import { assembled, whereText } from '../engine/assembled.ts';
import { isQuick, sample, SMALL } from '../sample.ts';

/** Properties of infinite runs that some run violates, of those that say something about the world: each with what it says. */
async function violatedByRuns(world: World): Promise<Readonly<Record<string, string>>> {
  const asked = livenessProperties.filter(({ needs }) => needs?.(world) ?? true);
  const { violations } = await checkLiveness(world, { properties: asked });
  return Object.fromEntries(violations.map(({ property, message }) => [property, message]));
}

/** Each world without a bug in which some bug is shown, once. */
const correctOnes = new Map(
  mutations.flatMap(({ shown }) =>
    shown.map(({ scenario, revision, set = {} }) => {
      const where = { scenario, revision, set };
      return [whereText(where), where] as const;
    }),
  ),
);

/** Properties that some bug breaks in a world. */
const namedIn = (where: string): ReadonlySet<string> =>
  new Set(mutations.flatMap(({ shown }) => shown.flatMap((row) => (whereText(row) === where ? [...row.breaks] : []))));

/** Properties whose occasion is the bug: a put, a call in atomic context, a free, an error that nobody else brings. */
const occasions: ReadonlySet<string> = new Set([
  'pairing i-keyref',
  'pairing i-ctx',
  'pairing i-deadobj',
  'restore i-err',
  'vdpa-swap i-irqexcl',
]);

/** Is a world without its bug small, of those whose size is on record? */
function isSmall({ scenario, revision, set = {} }: Mutation['shown'][number]): boolean {
  const { arch, ...others } = set;
  const rows = manifest[scenario] ?? {};
  const row = rows[arch === undefined ? revision : `arch=${String(arch)} ${revision}`] ?? rows[revision];
  return Object.keys(others).length === 0 && row !== undefined && row.states <= SMALL;
}

/** Where bugs are looked for: some of the bugs in npm test, in small worlds only where mutants are judged. */
const looked = (isQuick ? mutations : sample(mutations, 14, 3)).map((mutation) => ({
  ...mutation,
  shown: isQuick ? mutation.shown.filter(isSmall) : mutation.shown,
}));

describe('every mutation is caught, by as many steps as it says', () => {
  for (const { id, title, shown } of looked) {
    for (const { scenario, revision, set = {}, breaks, steps } of shown) {
      it(`${id} in ${whereText({ scenario, revision, set })}: ${title}`, async () => {
        const { world, properties: checked } = assembled(scenario, { revision, set, mutation: id });
        const found = await explore(world, { properties: checked });
        const byRuns = Object.keys(await violatedByRuns(world));
        const violated = [...found.violations.map(({ property }) => property), ...byRuns];
        expect(violated).toEqual(expect.arrayContaining([...breaks]));
        const first = found.violations.find(({ property }) => property === breaks[0]);
        expect(first?.path.length).toBe(steps);
      });
    }
  }
});

describe.skipIf(isQuick)('without a bug all holds where bugs are shown', () => {
  it.each(sample([...correctOnes], 14))('%s', async (_, { scenario, revision, set }) => {
    const { world, properties: checked } = assembled(scenario, { revision, set });
    const found = await explore(world, { properties: checked });
    expect([found.verdict, found.violations]).toEqual(['holds', []]);
    // What a bug breaks here says something without the bug, too.
    const named = namedIn(whereText({ scenario, revision, set }));
    expect(found.vacuous.filter((id) => named.has(id) && !occasions.has(`${scenario} ${id}`))).toEqual([]);
    expect(await violatedByRuns(world)).toEqual({});
  });
});

it('every property has a mutant', () => {
  const broken = new Set(mutations.flatMap(({ shown }) => shown.flatMap(({ breaks }) => breaks)));
  expect([...properties, ...livenessProperties].map(({ id }) => id).filter((id) => !broken.has(id))).toEqual([]);
});
