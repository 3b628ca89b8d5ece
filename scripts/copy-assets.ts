// Copies what tsc leaves behind into dist: data files that modules read.
import { copyFileSync, cpSync } from 'node:fs';

copyFileSync(
  new URL('../src/scenarios/manifest.json', import.meta.url),
  new URL('../dist/scenarios/manifest.json', import.meta.url),
);
// The C that irqbypass.c of somebody is compiled with.
cpSync(
  new URL('../src/bridge/compiled/harness', import.meta.url),
  new URL('../dist/bridge/compiled/harness', import.meta.url),
  { recursive: true },
);
// What a guest of `irqbypass host` plays.
cpSync(new URL('../src/bridge/host/guest', import.meta.url), new URL('../dist/bridge/host/guest', import.meta.url), {
  recursive: true,
});
