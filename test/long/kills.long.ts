// Fifty kills at random moments: the result of a search that was left alone.
import { expect, it } from 'vitest';
import { killedAndResumed, straight } from '../engine/checkpoint/kill-and-resume.ts';

it('50 SIGKILLs and resumes give the same result, with one thread and with two', async () => {
  const scenario = ['manager', '--set', 'producers=3', '--set', 'consumers=3', '--set', 'eventfds=3'];
  const search = [...scenario, '--no-symmetry', '--no-por'];
  const expected = await straight(search);
  const one = await killedAndResumed(search, 50, 1);
  expect(one).toEqual({ counts: expected, killed: 50 });
  const two = await killedAndResumed([...search, '--workers', '2'], 20, 2);
  expect(two).toEqual({ counts: expected, killed: 20 });
});
