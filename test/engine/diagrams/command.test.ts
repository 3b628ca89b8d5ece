// Tests of src/cli/diagram.ts: whatever `list machines` names is drawn.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { called } from '../swarm/command.ts';

describe('irqbypass diagram', () => {
  it('draws every machine of irqbypass list machines, and says its name and the revision', async () => {
    const { stdout } = await called('list', 'machines', '--json');
    const machines = JSON.parse(stdout) as readonly { readonly id: string }[];
    expect(machines.length).toBeGreaterThan(5);
    for (const { id } of machines) {
      const drawn = await called('diagram', id);
      expect(drawn.stderr).toBe('');
      expect(drawn.stdout).toMatch(new RegExp(`^%% Machine ${id}, v2p8\\.\\n%% .*\\nstateDiagram-v2\\n`));
    }
  });

  it('draws a machine of another revision, as JSON, and into a file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'irqbypass-diagram-'));
    const file = join(folder, 'registry.mmd');
    const { stdout } = await called('diagram', 'registry', '--revision', 'base', '--json', '--out', file);
    const { text, ...rest } = JSON.parse(stdout) as { readonly text: string };
    expect(rest).toEqual({ machine: 'registry', revision: 'base', format: 'mermaid' });
    expect(text).toContain('registry_locked_inserting --> registry_corrupted : [isCorrupt]');
    expect(readFileSync(file, 'utf8')).toBe(text);
    expect((await called('diagram', 'registry', '--revision', 'v2p8')).stdout).not.toContain('registry_corrupted');
    rmSync(folder, { recursive: true });
  });
});
