// Which literals Stryker leaves alone: texts for people. That they are what they should be is held by transcripts, not by worlds.
import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin';

/** The little that is asked of a node. */
interface Node {
  readonly type: string;
  readonly [part: string]: unknown;
}

interface Path {
  readonly node: Node;
}

/** Properties whose values are read by people only. */
const TEXTS = new Set(['title', 'kernel', 'source', 'description', 'hint', 'says']);

const nameOf = (node: unknown): string => {
  const { type, name, value, property } = node as Node;
  if (type === 'MemberExpression') return nameOf(property);
  return String(type === 'Identifier' ? name : value);
};

/** Is this a text, or an error with its text? */
function isText({ node }: Path): boolean {
  if (node.type === 'ObjectProperty') return TEXTS.has(nameOf(node['key']));
  return node.type === 'NewExpression' && nameOf(node['callee']).endsWith('Error');
}

export const strykerPlugins = [
  declareValuePlugin(PluginKind.Ignore, 'texts', {
    shouldIgnore: (path: unknown) => (isText(path as Path) ? 'a text for people' : undefined),
  }),
];
