// unregister does not clear the key.
import type { State } from '../engine/actors/chart.ts';
import { many } from '../engine/actors/chart.ts';
import { changeState } from '../engine/actors/machine.ts';
import type { Mutation } from './mutation.ts';

/** The registry's chart without the clearing of keys in unregister. */
export const keepsKey = (chart: State): State =>
  changeState(chart, 'locked.erasing', (state) => ({
    ...state,
    entry: many(state.entry).filter((action) => action !== 'clearKey'),
  }));

export const mKeepKey: Mutation = {
  id: 'm-keep-key',
  title: 'unregister does not clear the key',
  source: 'invented: breaks i-keysync',
  requires: { keyOwner: 'manager' },
  patches: { registry: () => ({ chart: keepsKey }) },
  shown: [{ scenario: 'pairing', revision: 'v2p8', breaks: ['i-keysync'], steps: 4 }],
};
