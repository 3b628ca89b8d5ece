// Facts that a search gathers, and what they show together.
//
// What a property says of facts (`GatheredClaim`) no single run need show. So each fact is kept with a run whose last step shows
// it; a counterexample is the run of the fact that was missing, and the runs of the others that it takes.
import type { GatheredClaim, Property, ShownStep } from '../../world/property.ts';
import type { Violation } from '../../world/violation.ts';

type Path = readonly number[];

/** A fact as a snapshot keeps it: property, fact, a path whose last step shows it. */
export type KeptFact = readonly [property: string, fact: string, path: Path];

interface Claim extends GatheredClaim {
  readonly property: string;
  readonly known: Map<string, Path>;
}

/** Keeps facts by property. */
export class Gathered {
  readonly #claims: readonly Claim[];

  constructor(properties: readonly Property[]) {
    this.#claims = properties.flatMap(({ id, gathered }): Claim[] =>
      gathered === undefined ? [] : [{ ...gathered, property: id, known: new Map() }],
    );
  }

  /** Does a step show anything? */
  shows(step: ShownStep): boolean {
    return this.#claims.some(({ facts }) => facts(step).length > 0);
  }

  /** Does a step show anything that is not known yet? */
  isNew(step: ShownStep): boolean {
    return this.#claims.some(({ facts, known }) => facts(step).some((fact) => !known.has(fact)));
  }

  /**
   * Notes what the last step of a run shows. Answers what is violated by it: where a violation is wanted, the fewest facts that
   * show it are looked for.
   */
  note(step: ShownStep, pathOf: () => Path, wants: (property: string) => boolean): Violation[] {
    return this.#claims.flatMap((claim): Violation[] => {
      const fresh = new Set(claim.facts(step).filter((fact) => !claim.known.has(fact)));
      if (fresh.size === 0) return [];
      const path = pathOf();
      for (const fact of fresh) claim.known.set(fact, path);
      if (!wants(claim.property) || claim.check([...claim.known.keys()]) === null) return [];
      const needed = fewest(claim, fresh);
      const message = claim.check(needed);
      if (message === null || !needed.some((fact) => fresh.has(fact))) return [];
      const runs = longest(
        needed.map((fact) => claim.known.get(fact) ?? path),
        path,
      );
      return [{ property: claim.property, message, path, ...(runs.length === 0 ? {} : { alongside: runs }) }];
    });
  }

  /** Everything known, for a snapshot. */
  get kept(): KeptFact[] {
    return this.#claims.flatMap(({ property, known }) =>
      [...known].map(([fact, path]): KeptFact => [property, fact, path]),
    );
  }

  adopt(kept: readonly KeptFact[]): void {
    for (const [property, fact, path] of kept)
      this.#claims.find((claim) => claim.property === property)?.known.set(fact, path);
  }
}

/** Facts of which none can be left out; those that are not fresh go first. */
function fewest({ known, check }: Claim, fresh: ReadonlySet<string>): string[] {
  let needed = [...known.keys()];
  for (const fact of [...needed.filter((one) => !fresh.has(one)), ...fresh]) {
    const fewer = needed.filter((one) => one !== fact);
    if (check(fewer) !== null) needed = fewer;
  }
  return needed;
}

/** Runs that neither `path` nor another one of them begins with. */
function longest(runs: readonly Path[], path: Path): Path[] {
  const kept: Path[] = [path];
  for (const run of runs.toSorted((one, other) => other.length - one.length))
    if (!kept.some((one) => run.every((index, i) => one[i] === index))) kept.push(run);
  return kept.slice(1);
}
