// The first thread forgets the mutex that it would give back last.
import type { Program } from '../machines/manager/program.ts';
import type { Mutation } from './mutation.ts';
import { withFirstProgram } from './mutation.ts';

/** A program without its last step, where that gives a mutex back. */
function forgetful(program: Program): Program {
  const last = program.steps.at(-1);
  const isUnlock = last?.calls.some(({ op }) => op === 'mutex_unlock') === true;
  return isUnlock ? { ...program, steps: program.steps.slice(0, -1) } : program;
}

export const mLockLeft: Mutation = {
  id: 'm-lock-left',
  title: 'The first thread forgets to give a mutex back',
  source: 'invented: breaks i-lockheld',
  definition: (world) => withFirstProgram(world, forgetful),
  shown: [{ scenario: 'lock-order', revision: 'v2p8', breaks: ['i-lockheld', 'l-term'], steps: 17 }],
};
