// The bug catalogue: every mutation that the models can express.
import { b1 } from './b1.ts';
import { b10 } from './b10.ts';
import { b11a } from './b11a.ts';
import { b11b } from './b11b.ts';
import { b12a } from './b12a.ts';
import { b12b } from './b12b.ts';
import { b12c } from './b12c.ts';
import { b13a } from './b13a.ts';
import { b13b } from './b13b.ts';
import { b14 } from './b14.ts';
import { b15a } from './b15a.ts';
import { b15b } from './b15b.ts';
import { b16 } from './b16.ts';
import { b17 } from './b17.ts';
import { b18a } from './b18a.ts';
import { b18b } from './b18b.ts';
import { b18c } from './b18c.ts';
import { b19 } from './b19.ts';
import { b2 } from './b2.ts';
import { b20 } from './b20.ts';
import { b21a } from './b21a.ts';
import { b22a } from './b22a.ts';
import { b22b } from './b22b.ts';
import { b22d } from './b22d.ts';
import { b22e } from './b22e.ts';
import { b22f } from './b22f.ts';
import { b23 } from './b23.ts';
import { b24a } from './b24a.ts';
import { b24b } from './b24b.ts';
import { b24d } from './b24d.ts';
import { b25 } from './b25.ts';
import { b26 } from './b26.ts';
import { b27 } from './b27.ts';
import { b28 } from './b28.ts';
import { b29a } from './b29a.ts';
import { b29b } from './b29b.ts';
import { b29c } from './b29c.ts';
import { b30a } from './b30a.ts';
import { b30b } from './b30b.ts';
import { b3a } from './b3a.ts';
import { b3b } from './b3b.ts';
import { b3c } from './b3c.ts';
import { b4a } from './b4a.ts';
import { b4b } from './b4b.ts';
import { b5 } from './b5.ts';
import { b6 } from './b6.ts';
import { b7 } from './b7.ts';
import { b8 } from './b8.ts';
import { b9 } from './b9.ts';
import { mAddProducerFirst } from './m-add-producer-first.ts';
import { mConsumerNotStopped } from './m-consumer-not-stopped.ts';
import { mDelConsumerFirst } from './m-del-consumer-first.ts';
import { mEexist } from './m-eexist.ts';
import { mForgetsNothing } from './m-forgets-nothing.ts';
import { mFreeEarly } from './m-free-early.ts';
import { mIrteHangs } from './m-irte-hangs.ts';
import { mKeepKey } from './m-keep-key.ts';
import { mLockKept } from './m-lock-kept.ts';
import { mLockLeft } from './m-lock-left.ts';
import { mLockOrder } from './m-lock-order.ts';
import { mNoBusyTest } from './m-no-busy-test.ts';
import { mNoDisconnect } from './m-no-disconnect.ts';
import { mNoRollBack } from './m-no-roll-back.ts';
import { mReentry } from './m-reentry.ts';
import { mStartNotAwaited } from './m-start-not-awaited.ts';
import { mUnbindOwn } from './m-unbind-own.ts';
import type { Mutation } from './mutation.ts';
import { n1 } from './n1.ts';
import { n2 } from './n2.ts';
import { n8a } from './n8a.ts';
import { n8b } from './n8b.ts';
import { n8d } from './n8d.ts';
import { n8e } from './n8e.ts';
import { n8g } from './n8g.ts';
import { n10a } from './n10a.ts';
import { n10b } from './n10b.ts';
import { mBypassRequired } from './m-bypass-required.ts';
import { mReportSwallowed } from './m-report-swallowed.ts';
import { mSyncInReader } from './m-sync-in-reader.ts';
import { mOptOutIgnored } from './m-opt-out-ignored.ts';
import { mCountKept } from './m-count-kept.ts';

/** All mutations, the historical ones first. */
export const mutations: readonly Mutation[] = [
  b1,
  b2,
  b3a,
  b3b,
  b3c,
  b4a,
  b4b,
  b5,
  b6,
  b7,
  b8,
  b9,
  b10,
  b11a,
  b11b,
  b12a,
  b12b,
  b12c,
  b13a,
  b13b,
  b14,
  b15a,
  b15b,
  b16,
  b17,
  b18a,
  b18b,
  b18c,
  b19,
  b20,
  b21a,
  b22a,
  b22b,
  b22d,
  b22e,
  b22f,
  b23,
  b24a,
  b24b,
  b24d,
  b25,
  b26,
  b27,
  b28,
  b29a,
  b29b,
  b29c,
  b30a,
  b30b,
  n1,
  n2,
  n8a,
  n8b,
  n8d,
  n8e,
  n8g,
  n10a,
  n10b,
  mKeepKey,
  mNoBusyTest,
  mUnbindOwn,
  mNoDisconnect,
  mForgetsNothing,
  mFreeEarly,
  mAddProducerFirst,
  mNoRollBack,
  mStartNotAwaited,
  mReentry,
  mEexist,
  mLockKept,
  mConsumerNotStopped,
  mDelConsumerFirst,
  mIrteHangs,
  mLockOrder,
  mLockLeft,
  mBypassRequired,
  mReportSwallowed,
  mSyncInReader,
  mCountKept,
  mOptOutIgnored,
];

/** Finds a mutation by id; undefined where there is none. */
export function findMutation(id: string): Mutation | undefined {
  return mutations.find((mutation) => mutation.id === id);
}
