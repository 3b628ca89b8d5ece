// How much is looked at: `npm test` takes a sample where every case would take minutes, `npm run test:long` takes them all.

/** Is this `npm run test:long`? */
export const isLong: boolean = process.env['IRQBYPASS_TESTS'] === 'long';

/** Are mutants judged by these tests (`npm run test:mutants`)? Each is asked thousands of times: small worlds only. */
export const isQuick: boolean = process.env['IRQBYPASS_TESTS'] === 'quick';

/** States of a world that is small. */
export const SMALL = 700;

/**
 * Every case in `test:long`, one in `of` in `npm test`. Tests that go over two lists give the place in the other one as `turn`, so
 * that each element of both is met.
 */
export function sample<T>(all: readonly T[], of: number, turn = 0): readonly T[] {
  return isLong ? all : all.filter((_, i) => (i + turn) % of === 0);
}
