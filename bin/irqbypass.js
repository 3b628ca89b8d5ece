#!/usr/bin/env node
// Starts the command line: from source in a checkout, from dist where the package is installed.
import { existsSync } from 'node:fs';
import * as nodeModule from 'node:module';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(
    `irqbypass needs Node 22.18 or later, this is ${process.versions.node}. In a checkout use "npx irqbypass".\n`,
  );
  process.exit(2);
}
// A reader that has seen enough (`| head`) is no error; a disk that is full is one.
process.stdout.on('error', (error) => {
  if (error.code === 'EPIPE') process.exit();
  process.stderr.write(`irqbypass: IRQB102 standard output: cannot be written: ${error.message}\n`);
  process.exit(2);
});
// Compiled code and stripped types are kept between runs: half the start-up time.
nodeModule.enableCompileCache?.();
const source = new URL('../src/cli/main.ts', import.meta.url);
const { main } = await import(existsSync(source) ? source.href : new URL('../dist/cli/main.js', import.meta.url).href);
process.exitCode = await main(process.argv.slice(2));
