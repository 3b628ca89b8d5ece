// What the bench scripts share: a table as Markdown, the machine, ratios.
import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';

/** The machine that figures were taken on. */
export function machine(): string {
  const [first] = cpus();
  const gib = Math.round(totalmem() / 2 ** 30);
  return `${first?.model.trim() ?? 'unknown'}, ${cpus().length} cores, ${gib} GiB; Node ${process.versions.node}`;
}

/** A Markdown table; the first column to the left, the others to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}

/** A ratio: `0.33 of`, `3.10 times`. */
export const ratio = (one: number, other: number): string => (one / other).toFixed(2);

/** Peak resident memory of this process, MiB. */
export const peakMiB = (): number => Math.round(process.resourceUsage().maxRSS / 1024);

/** Runs another bench script in a process of its own and answers the JSON that it prints. */
export function inProcess(script: string, ...args: readonly string[]): unknown {
  const text = execFileSync(process.execPath, [script, '--json', ...args], { encoding: 'utf8', maxBuffer: 1 << 28 });
  return JSON.parse(text) as unknown;
}
