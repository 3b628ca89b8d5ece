// Copies what tsc leaves behind into dist: data files that modules read.
import { copyFileSync } from 'node:fs';

copyFileSync(
  new URL('../src/scenarios/manifest.json', import.meta.url),
  new URL('../dist/scenarios/manifest.json', import.meta.url),
);
