// The graph of calls: states that differ in names only are one, walks through it are calls that do what it says, and it has a limit.
import { describe, expect, it } from 'vitest';
import { CallModel } from '../../../src/bridge/call-model.ts';
import { CallGraph, TooManyCallsError } from '../../../src/bridge/generate/call-graph.ts';
import { coverArcs } from '../../../src/bridge/generate/covering-walks.ts';
import { revisionOf } from '../../../src/scenarios/assembled.ts';

const scope = { producers: 2, consumers: 2, eventfds: 2 };

describe.each(['base', 'v2p8'])('of %s', (revision) => {
  const { policy } = revisionOf(revision);
  const model = new CallModel(policy, scope, 'clean');

  it('has walks whose calls do what the graph says, whoever is who', () => {
    const graph = new CallGraph(model, { scope, onlyCallbackFaults: true, leavesOut: (_, { warn }) => warn });
    for (const walk of coverArcs(graph).walks) {
      let state = model.initial;
      for (const { call, observed } of graph.stepsOf(walk)) {
        const made = model.perform(state, call);
        expect(made.observed).toEqual(observed);
        state = made.state;
      }
    }
  });

  it('that is too large is refused, with what would be right', () => {
    const tooLarge = (): CallGraph => new CallGraph(model, { scope, mostCalls: 20 });
    expect(tooLarge).toThrow(TooManyCallsError);
    expect(tooLarge).toThrow('the graph of calls has more than 20 calls that lead on');
  });
});
