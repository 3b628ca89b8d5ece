// The order in which states are entered into a new index: by where their slots are, roughly.
//
// In the order of their numbers every state would go to another page of memory, most of them for the first time. Sorted by
// stretches of the index (one pass of a radix sort) what is written to next is never far away.

/** So many states are sorted at a time, which takes 12 bytes a state: 12 MiB at the most. */
export const SORTED_STATES = 1 << 20;
/** Slots of a stretch: 2 to this power. */
const STRETCH_BITS = 16;

/** Hashes of the states from `first` on, each with the state's number plus one, by stretches of an index with this mask. */
export function sortedBySlot(hashes: Int32Array, first: number, mask: number): Int32Array {
  const starts = new Int32Array((mask >>> STRETCH_BITS) + 2);
  for (const hash of hashes) {
    const stretch = (hash & mask) >>> STRETCH_BITS;
    starts[stretch + 1] = (starts[stretch + 1] as number) + 1;
  }
  for (let s = 1; s < starts.length; s++) starts[s] = (starts[s] as number) + (starts[s - 1] as number);
  const sorted = new Int32Array(2 * hashes.length);
  for (let k = 0; k < hashes.length; k++) {
    const hash = hashes[k] as number;
    const stretch = (hash & mask) >>> STRETCH_BITS;
    const at = starts[stretch] as number;
    starts[stretch] = at + 1;
    sorted[2 * at] = hash;
    sorted[2 * at + 1] = first + k + 1;
  }
  return sorted;
}
