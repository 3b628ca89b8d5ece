// A distribution of times: average, extremes and percentiles.

/** Nanoseconds. */
export interface Distribution {
  readonly count: number;
  readonly avg: number;
  readonly min: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** Summarises samples; percentiles are samples themselves (nearest rank). All zeros where there are none. */
export function distributionOf(samples: Float64Array): Distribution {
  const sorted = samples.toSorted();
  const rank = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  const sum = sorted.reduce((total, sample) => total + sample, 0);
  return {
    count: sorted.length,
    avg: sorted.length === 0 ? 0 : sum / sorted.length,
    min: sorted[0] ?? 0,
    p50: rank(0.5),
    p95: rank(0.95),
    p99: rank(0.99),
    max: sorted.at(-1) ?? 0,
  };
}

/** Counts of samples in bins of equal width on a logarithmic scale: `perDecade` bins for each factor of ten. */
export function logHistogram(
  samples: Float64Array,
  perDecade: number,
): { readonly from: number; readonly count: number }[] {
  const counts = new Map<number, number>();
  for (const sample of samples) {
    const bin = Math.floor(Math.log10(Math.max(1, sample)) * perDecade);
    counts.set(bin, (counts.get(bin) ?? 0) + 1);
  }
  return [...counts].sort(([a], [b]) => a - b).map(([bin, count]) => ({ from: 10 ** (bin / perDecade), count }));
}
