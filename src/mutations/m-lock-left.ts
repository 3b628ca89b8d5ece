// The first thread forgets the mutex that it would give back last.
import type { Program } from '../machines/manager/program.ts';
import type { Mutation } from './mutation.ts';

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
  definition: (world) => {
    const first = world.actors.find(({ machine, program }) => machine.id === 'thread' && program !== undefined);
    return {
      ...world,
      actors: world.actors.map((actor) =>
        actor === first ? { ...actor, program: forgetful(actor.program as Program) } : actor,
      ),
    };
  },
  shown: [{ scenario: 'lock-order', revision: 'v2p8', breaks: ['i-lockheld', 'l-term'] }],
};
