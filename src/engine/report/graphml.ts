// The explored graph as GraphML, line by line, because graphs get big.
//
// Brandes, Eiglsperger, Herman, Himsolt, Marshall, "GraphML Progress Report", GD 2001; schema 1.1 at
// http://graphml.graphdrawing.org. yEd, Gephi, NetworkX, igraph and Cytoscape read it.
import type { LtsEdge } from './lts-edge.ts';
import { xmlText } from './xml.ts';

/** Ends of lines are the caller's. */
const HEAD = [
  '<?xml version="1.0" encoding="UTF-8"?>',
  '<graphml xmlns="http://graphml.graphdrawing.org/xmlns" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://graphml.graphdrawing.org/xmlns http://graphml.graphdrawing.org/xmlns/1.1/graphml.xsd">',
  '  <key id="initial" for="node" attr.name="initial" attr.type="boolean"><default>false</default></key>',
  '  <key id="label" for="edge" attr.name="label" attr.type="string"/>',
];

/**
 * Lines of GraphML, without line ends, of a directed graph whose initial state is 0: node `n0` has `initial` true, every
 * edge has a `label`. Nodes come first, in order; memory does not grow with the graph. Throws RangeError at an edge that
 * leads to no state.
 */
export function* graphml(states: number, edges: Iterable<LtsEdge>): Generator<string, void, undefined> {
  yield* HEAD;
  yield '  <graph id="lts" edgedefault="directed" parse.nodeids="canonical" parse.order="nodesfirst">';
  for (let state = 0; state < states; state++)
    yield state === 0 ? '    <node id="n0"><data key="initial">true</data></node>' : `    <node id="n${state}"/>`;
  for (const { from, label, to } of edges) {
    for (const state of [from, to])
      if (!Number.isInteger(state) || state < 0 || state >= states)
        throw new RangeError(`edge from ${from} to ${to}: there are ${states} states, from 0 on`);
    yield `    <edge source="n${from}" target="n${to}"><data key="label">${xmlText(label)}</data></edge>`;
  }
  yield '  </graph>';
  yield '</graphml>';
}
