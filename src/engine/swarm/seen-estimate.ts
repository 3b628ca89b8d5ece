// How much of a state space a swarm has seen: an estimate from how much its jobs have seen twice.
//
// Each job keeps a sample: the states with the smallest fingerprints (bottom-k: Cohen and Kaplan, "Summarizing Data
// Using Bottom-k Sketches", PODC 2007). Below the smallest of the jobs' bounds, all jobs have kept everything, so that
// part of the fingerprints is a uniform sample of all states, whoever saw them.

/** States of a job: all whose fingerprint number is below `bound`. */
export interface StateSample {
  /** 2^53 where nothing was left out. */
  readonly bound: number;
  readonly fingerprints: readonly number[];
}

/** All fingerprint numbers are below this. */
export const FINGERPRINT_END: number = 2 ** 53;

/** Collects the sample of a job while it runs. */
export class StateSampler {
  readonly #most: number;
  #bound = FINGERPRINT_END;
  #kept = new Set<number>();

  /** Keeps at least `most` / 2 and at most `most` states, all of them where there are no more. */
  constructor(most: number) {
    this.#most = most;
  }

  add(fingerprint: number): void {
    if (fingerprint >= this.#bound) return;
    this.#kept.add(fingerprint);
    if (this.#kept.size <= this.#most) return;
    const sorted = this.#sorted();
    const half = Math.ceil(this.#most / 2);
    this.#bound = sorted[half] as number;
    this.#kept = new Set(sorted.slice(0, half));
  }

  get sample(): StateSample {
    return { bound: this.#bound, fingerprints: this.#sorted() };
  }

  #sorted(): number[] {
    return [...this.#kept].toSorted((one, other) => one - other);
  }
}

/** What is known of the size of a state space. */
export interface CoverageEstimate {
  /** Jobs that were compared. */
  readonly jobs: number;
  /** Different states that they have seen together: exact, or from the sample. */
  readonly seen: number;
  readonly isExact: boolean;
  /**
   * Chao's lower bound on how many states such jobs reach, and the share of it that was seen: no more than that is
   * covered. `unknown` where too few states were seen twice.
   */
  readonly reachable: number | 'unknown';
  readonly share: number | 'unknown';
  /** Share of what one more job would see that is known already (Good and Turing); `unknown` with the others. */
  readonly known: number | 'unknown';
}

/** Jobs to compare at least, and sampled states seen by exactly two of them: with less, the bound is noise. */
const LEAST_JOBS = 3;
const LEAST_TWICE = 10;

/**
 * Estimates from independent jobs, each job a sampling occasion.
 *
 * Chao2 (Chao, "Estimating the Population Size for Capture-Recapture Data with Unequal Catchability", Biometrics 43,
 * 1987): S = D + (m-1)/m * f1^2 / (2 f2) with D states seen by m jobs, f1 by exactly one, f2 by exactly two. It is a
 * lower bound: states that are hard to reach are missing from it, and states that no bounded job can reach count as if
 * they were not there. Good and Turing (Good, Biometrika 40, 1953): 1 - f1/n, with n sightings in all.
 */
export function estimateCoverage(samples: readonly StateSample[]): CoverageEstimate {
  const jobs = samples.length;
  const bound = Math.min(FINGERPRINT_END, ...samples.map((sample) => sample.bound));
  const sightings = new Map<number, number>();
  for (const { fingerprints } of samples) {
    for (const one of fingerprints) if (one < bound) sightings.set(one, (sightings.get(one) ?? 0) + 1);
  }
  const counts = [...sightings.values()];
  const once = counts.filter((count) => count === 1).length;
  const twice = counts.filter((count) => count === 2).length;
  const total = counts.reduce((sum, count) => sum + count, 0);
  const scale = FINGERPRINT_END / bound;
  const common = { jobs, seen: Math.round(counts.length * scale), isExact: bound === FINGERPRINT_END };
  const isEnough = jobs >= LEAST_JOBS && counts.length > 0 && (once === 0 || twice >= LEAST_TWICE);
  if (!isEnough) return { ...common, reachable: 'unknown', share: 'unknown', known: 'unknown' };
  const unseen = once === 0 ? 0 : (((jobs - 1) / jobs) * once * once) / (2 * twice);
  return {
    ...common,
    reachable: Math.round((counts.length + unseen) * scale),
    share: counts.length / (counts.length + unseen),
    known: 1 - once / total,
  };
}
