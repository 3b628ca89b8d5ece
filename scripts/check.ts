// npm run check: everything that reads the source without running it, as many at once as there are cores.
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** The slowest first. */
const checks = ['typecheck', 'lint', 'layers', 'deadcode', 'format:check'];

/** Runs one script of package.json. Answers whether it succeeded, and prints what it said where it did not. */
async function passes(script: string): Promise<boolean> {
  const begin = performance.now();
  const child = spawn('npm', ['run', '--silent', script], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  const seconds = ((performance.now() - begin) / 1000).toFixed(1);
  process.stdout.write(`${code === 0 ? 'ok    ' : 'FAILED'} ${script.padEnd(12)} ${seconds} s\n`);
  if (code !== 0) process.stdout.write(said);
  return code === 0;
}

const waiting = [...checks];
let failed = 0;
await Promise.all(
  Array.from({ length: availableParallelism() }, async () => {
    for (let script = waiting.shift(); script !== undefined; script = waiting.shift())
      if (!(await passes(script))) failed += 1;
  }),
);
process.exitCode = failed === 0 ? 0 : 1;
