// The real C code beside which ours stands: Linux 6.12 with its list, 6.17 with its xarray, -O2 in userspace, one thread.
//
// Taken once on a 2-core cloud machine (AMD Milan) shared with other work; run-to-run spread about 40 % for the xarray,
// 10 % for the list. Consumers only; the layouts are those of src/scale/layouts.ts.

/** Numbers of registered consumers in the columns below. */
export const sizes = [10, 100, 1_000, 10_000, 50_000, 174_000] as const;

/** Nanoseconds: one more consumer registered and unregistered while N are present. */
export const oneMore = {
  list: { dense: [31, 187, 2_700, 29_000, 650_000, 2_060_000], scattered: [32, 626, 15_800, 202_000, 7.5e6, 27e6] },
  xarray: {
    dense: [217, 326, 325, 330, 208, 341],
    pages: [523, 531, 512, 463, 460, 487],
    scattered: [525, 491, 485, 484, 417, 587],
  },
} as const;

/** Bytes an entry at N = 174 000. */
export const bytes = { list: 16, xarray: { dense: 585, pages: 601, scattered: 1583 } } as const;

/** Nanoseconds by number of registered consumers: a random one unregistered and registered again. */
export const random = {
  xarray: {
    dense: { 10: 253, 1_000: 304, 174_000: 1_250 },
    scattered: { 10: 520, 1_000: 477, 174_000: 2_432 },
  },
} as const;

/** Nanoseconds a consumer at N = 174 000: N registered into an empty manager, then all unregistered. */
export const fromEmpty = {
  list: { dense: { 174_000: 2_580_000 } },
  xarray: { dense: { 174_000: 450 }, pages: { 174_000: 851 }, scattered: { 174_000: 2_800 } },
} as const;
