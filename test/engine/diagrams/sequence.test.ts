// Tests of src/engine/diagrams/sequence.ts: the exact text, and that Mermaid reads the same messages out of it.
//
// Mermaid's sanitizer wants a DOM even for parsing. (In happy-dom it loses the text before a label's first <br/>.)
// @vitest-environment jsdom
import mermaid from 'mermaid';
import { describe, expect, it } from 'vitest';
import type { SequenceStep } from '../../../src/engine/diagrams/sequence.ts';
import { sequenceDiagram } from '../../../src/engine/diagrams/sequence.ts';

const steps: SequenceStep[] = [
  { from: 'thread 1', to: 'P1', label: 'register, eventfd A' },
  { from: 'P1', to: 'registry', label: 'register_producer', note: 'takes the mutex' },
  { from: 'registry', to: 'P1', label: 'stop' },
  { from: 'P1', to: 'registry', label: '0', reply: true },
  { from: 'registry', to: 'registry', label: 'finish', note: 'gives it back' },
];

interface Message {
  readonly from?: string;
  readonly to?: string;
  readonly message: string;
  readonly type: number;
}
interface Reading {
  getActors(): Map<string, { readonly description: string }>;
  getMessages(): Message[];
}

/** What Mermaid understands of a diagram. (mermaidAPI is internal; nothing public shows the parsed messages.) */
async function read(text: string): Promise<Reading> {
  return (await mermaid.mermaidAPI.getDiagramFromText(text)).db as unknown as Reading;
}

describe('a sequence diagram', () => {
  it('is this text', () => {
    expect(sequenceDiagram(steps)).toBe(
      [
        'sequenceDiagram',
        '  participant p1 as thread 1',
        '  participant p2 as P1',
        '  participant p3 as registry',
        '  p1->>p2: register, eventfd A',
        '  p2->>p3: register_producer',
        '  Note over p2,p3: takes the mutex',
        '  p3->>p2: stop',
        '  p2-->>p3: 0',
        '  p3->>p3: finish',
        '  Note over p3: gives it back',
        '',
      ].join('\n'),
    );
  });

  it('is a sequence diagram to Mermaid, with these participants and messages', async () => {
    const text = sequenceDiagram(steps);
    await expect(mermaid.parse(text)).resolves.toMatchObject({ diagramType: 'sequence' });
    const db = await read(text);
    expect([...db.getActors().values()].map(({ description }) => description)).toEqual(['thread 1', 'P1', 'registry']);
    expect(db.getMessages().map(({ message }) => message)).toEqual([
      'register, eventfd A',
      'register_producer',
      'takes the mutex',
      'stop',
      '0',
      'finish',
      'gives it back',
    ]);
    const [call, , , , reply] = db.getMessages();
    expect(reply?.type).not.toBe(call?.type);
  });

  it('may use any sign and any word of Mermaid', async () => {
    const odd = 'end: a; #b "c" {d} %%e <f> -->> *g*\n`h`';
    const names = ['end', 'participant', 'loop', 'note over', 'a-->>b', odd];
    const text = sequenceDiagram(names.map((from) => ({ from, to: 'end', label: odd, note: odd })));
    const db = await read(text);
    expect(db.getActors().size).toBe(names.length);
    expect(db.getMessages()).toHaveLength(2 * names.length);
  });

  it('may have empty labels, or no steps', async () => {
    await expect(mermaid.parse(sequenceDiagram([{ from: 'a', to: 'b', label: '' }]))).resolves.toBeTruthy();
    expect(sequenceDiagram([])).toBe('sequenceDiagram\n');
    await expect(mermaid.parse(sequenceDiagram([]))).resolves.toBeTruthy();
  });

  it('is the same bytes twice', () => {
    expect(sequenceDiagram(structuredClone(steps))).toBe(sequenceDiagram(steps));
  });
});
