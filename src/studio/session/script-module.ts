// A module of a user's script on its way to the page: text, and between its parts the addresses of what it imports.

/** What a part of a module's text is followed by: the package, or another module of the script by its number. */
export type Imported = 'package' | number;

/** A module: its text in parts, an import between one and the next. The last part is followed by none. */
export interface ScriptModule {
  /** As the user calls it. */
  readonly file: string;
  readonly parts: readonly string[];
  readonly imports: readonly Imported[];
}

/**
 * The text of a module, with the addresses of what it imports.
 *
 * @param module - as `scriptModules` read it
 * @param addressOf - where the package is, and each module of the script
 */
export function moduleText({ parts, imports }: ScriptModule, addressOf: (imported: Imported) => string): string {
  return parts.map((part, i) => `${part}${i < imports.length ? addressOf(imports[i] ?? 'package') : ''}`).join('');
}
