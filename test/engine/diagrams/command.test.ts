// Tests of src/cli/diagram.ts: whatever `list machines` names is drawn.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const command = fileURLToPath(new URL('../../../bin/irqbypass.js', import.meta.url));

async function irqbypass(...args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
  return promisify(execFile)(process.execPath, [command, ...args], { encoding: 'utf8' });
}

describe('irqbypass diagram', () => {
  it('draws every machine of irqbypass list machines, and says its name and the revision', async () => {
    const { stdout } = await irqbypass('list', 'machines', '--json');
    const machines = JSON.parse(stdout) as readonly { readonly id: string }[];
    expect(machines.length).toBeGreaterThan(5);
    for (const { id } of machines) {
      const drawn = await irqbypass('diagram', id);
      expect(drawn.stderr).toBe('');
      expect(drawn.stdout).toMatch(new RegExp(`^%% Machine ${id}, v2p8\\.\\n%% .*\\nstateDiagram-v2\\n`));
    }
  });

  it('draws a machine of another revision, as JSON, and into a file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'irqbypass-diagram-'));
    const file = join(folder, 'registry.mmd');
    const { stdout } = await irqbypass('diagram', 'registry', '--revision', 'base', '--json', '--out', file);
    const { text, ...rest } = JSON.parse(stdout) as { readonly text: string };
    expect(rest).toEqual({ machine: 'registry', revision: 'base', format: 'mermaid' });
    expect(text).toContain('registry_locked_inserting --> registry_corrupted : [isCorrupt]');
    expect(readFileSync(file, 'utf8')).toBe(text);
    expect((await irqbypass('diagram', 'registry', '--revision', 'v2p8')).stdout).not.toContain('registry_corrupted');
    rmSync(folder, { recursive: true });
  });
});
