// A checkpoint knows the code of its model.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { hashOfCode, modelCode } from '../../../src/engine/checkpoint/model-code.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'irqbypass-code-'));
  mkdirSync(join(folder, 'guards'));
  writeFileSync(join(folder, 'guards', 'busy.ts'), 'export const isBusy = () => true;\n');
  writeFileSync(join(folder, 'machine.js'), 'export {};\n');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('changes with the text of a guard, however deep, and with its name', () => {
  const before = hashOfCode([folder]);
  expect(hashOfCode([folder])).toBe(before);
  writeFileSync(join(folder, 'guards', 'busy.ts'), 'export const isBusy = () => false;\n');
  const after = hashOfCode([folder]);
  rmSync(join(folder, 'guards', 'busy.ts'));
  writeFileSync(join(folder, 'guards', 'idle.ts'), 'export const isBusy = () => false;\n');
  expect(new Set([before, after, hashOfCode([folder])]).size).toBe(3);
});

it('does not change with what is no code', () => {
  const before = hashOfCode([folder]);
  writeFileSync(join(folder, 'manifest.json'), '{}');
  writeFileSync(join(folder, 'machine.d.ts'), 'export {};\n');
  expect(hashOfCode([folder])).toBe(before);
});

it('of the built-in models is that of their layers', () => {
  expect(modelCode()).toMatch(/^[0-9a-f]{64}$/);
});
