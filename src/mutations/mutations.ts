// The bug catalogue: every mutation that the models can express.
import { b1 } from './b1.ts';
import { b10 } from './b10.ts';
import { b13a } from './b13a.ts';
import { b2 } from './b2.ts';
import { b24a } from './b24a.ts';
import { b24b } from './b24b.ts';
import { b24d } from './b24d.ts';
import { b3a } from './b3a.ts';
import { b3b } from './b3b.ts';
import { b4a } from './b4a.ts';
import { b6 } from './b6.ts';
import { b7 } from './b7.ts';
import { b8 } from './b8.ts';
import { mAddProducerFirst } from './m-add-producer-first.ts';
import { mEexist } from './m-eexist.ts';
import { mForgetsNothing } from './m-forgets-nothing.ts';
import { mFreeEarly } from './m-free-early.ts';
import { mIrteHangs } from './m-irte-hangs.ts';
import { mKeepKey } from './m-keep-key.ts';
import { mLockLeft } from './m-lock-left.ts';
import { mLockOrder } from './m-lock-order.ts';
import { mLockKept } from './m-lock-kept.ts';
import { mNoBusyTest } from './m-no-busy-test.ts';
import { mNoDisconnect } from './m-no-disconnect.ts';
import { mNoRollBack } from './m-no-roll-back.ts';
import { mReentry } from './m-reentry.ts';
import { mStartNotAwaited } from './m-start-not-awaited.ts';
import { mUnbindOwn } from './m-unbind-own.ts';
import { mConsumerNotStopped } from './m-consumer-not-stopped.ts';
import { mDelConsumerFirst } from './m-del-consumer-first.ts';
import type { Mutation } from './mutation.ts';

/** All mutations, the historical ones first. */
export const mutations: readonly Mutation[] = [
  b1,
  b2,
  b3a,
  b3b,
  b4a,
  b6,
  b7,
  b8,
  b10,
  b13a,
  b24a,
  b24b,
  b24d,
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
];

/** Finds a mutation by id; undefined where there is none. */
export function findMutation(id: string): Mutation | undefined {
  return mutations.find((mutation) => mutation.id === id);
}
