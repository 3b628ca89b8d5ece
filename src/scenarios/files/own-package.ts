// A scenario script imports `irqbypass-lab`: whatever runs the script is what it gets, from source in a checkout, from dist
// where the package is installed, wherever the script is.
import { registerHooks } from 'node:module';

const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
const entries: ReadonlyMap<string, string> = new Map([
  ['irqbypass-lab', new URL(`../../index.${ending}`, import.meta.url).href],
  ['irqbypass-lab/engine', new URL(`../../engine/index.${ending}`, import.meta.url).href],
]);

let isProvided = false;

/** From now on modules of this process that import the package get the one that runs. */
export function provideOwnPackage(): void {
  if (isProvided) return;
  isProvided = true;
  registerHooks({
    resolve: (specifier, context, next) => {
      const url = entries.get(specifier);
      if (url !== undefined) return { url, shortCircuit: true };
      const found = next(specifier, context);
      // Where no package.json says what a script is, it is a module: Node would read it twice, and warn.
      const isUnsaid = (found.format ?? null) === null && found.url.endsWith('.ts');
      return isUnsaid ? { ...found, format: 'module-typescript' } : found;
    },
  });
}
