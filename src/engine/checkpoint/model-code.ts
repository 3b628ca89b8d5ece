// A hash of the code that a model is made of: guards, actions and properties are functions, which no definition shows.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The layers that say what a world does and what has to hold of it. */
const LAYERS = ['machines', 'registry', 'engine/actors', 'engine/world', 'properties', 'mutations', 'scenarios'];

/** SHA-256 of names and contents of all code below some folders, in hexadecimal; other files do not count. */
export function hashOfCode(folders: readonly string[]): string {
  const hash = createHash('sha256');
  for (const folder of folders) {
    const files = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /(?<!\.d)\.[jt]s$/.test(entry.name))
      .map(({ parentPath, name }) => join(parentPath, name));
    for (const file of files.toSorted()) {
      hash.update(`${relative(folder, file).split(sep).join('/')}\0`);
      hash.update(readFileSync(file));
      hash.update('\0');
    }
  }
  return hash.digest('hex');
}

let known: string | undefined;

/** The hash of the code that built-in models are made of: sources in a checkout, compiled code where the package is installed. */
export function modelCode(): string {
  known ??= hashOfCode(LAYERS.map((layer) => fileURLToPath(new URL(`../../${layer}`, import.meta.url))));
  return known;
}
