// A list of messages as a Mermaid sequence diagram.
import { escapeLabel } from './mermaid.ts';

/** One arrow of the diagram. */
export interface SequenceStep {
  readonly from: string;
  readonly to: string;
  readonly label: string;
  /** An answer to an earlier message: drawn dashed. */
  readonly reply?: boolean | undefined;
  /** Shown below the arrow, over both ends. */
  readonly note?: string | undefined;
}

/**
 * Draws messages as Mermaid `sequenceDiagram` text. Participants stand in the order in which they first send or receive.
 *
 * @param steps - the messages, first to last; names and labels may hold any characters
 * @returns the diagram's source, ending with a newline; without steps a diagram without participants
 */
export function sequenceDiagram(steps: readonly SequenceStep[]): string {
  const names = [...new Set(steps.flatMap(({ from, to }) => [from, to]))];
  // Names can be words of Mermaid's own (`end`), so they are only shown and the arrows use p1, p2, ...
  const ids = new Map(names.map((name, index) => [name, `p${String(index + 1)}`]));
  const arrows = steps.flatMap(({ from, to, label, reply = false, note }) => {
    const [source, target] = [ids.get(from) ?? '', ids.get(to) ?? ''];
    const over = source === target ? source : `${source},${target}`;
    return [
      `${source}${reply ? '-->>' : '->>'}${target}: ${escapeLabel(label)}`,
      ...(note === undefined ? [] : [`Note over ${over}: ${escapeLabel(note)}`]),
    ];
  });
  const participants = [...ids].map(([name, id]) => `participant ${id} as ${escapeLabel(name)}`);
  return ['sequenceDiagram', ...[...participants, ...arrows].map((line) => `  ${line}`), ''].join('\n');
}
