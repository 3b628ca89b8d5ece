// The first thread takes the last two mutexes of a nest in the opposite order.
import type { Program, ProgramStep } from '../machines/manager/program.ts';
import type { Mutation } from './mutation.ts';
import { withFirstProgram } from './mutation.ts';

const isLock = ({ calls }: ProgramStep): boolean => calls.some(({ op }) => op === 'mutex_lock');

/** Exchanges the last two steps that take a mutex, where they follow each other. */
function exchanged(program: Program): Program {
  const last = program.steps.findLastIndex(isLock);
  const [one, other] = [program.steps[last - 1], program.steps[last]];
  if (one === undefined || other === undefined || !isLock(one)) return program;
  return { ...program, steps: program.steps.with(last - 1, other).with(last, one) };
}

export const mLockOrder: Mutation = {
  id: 'm-lock-order',
  title: 'The first thread takes two mutexes in the opposite order',
  source: 'invented: breaks i-lockorder where nobody hangs',
  definition: (world) => withFirstProgram(world, exchanged),
  shown: [{ scenario: 'lock-order', revision: 'v2p8', breaks: ['i-lockorder'], steps: 5 }],
};
