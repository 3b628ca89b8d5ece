// Text in XML 1.0: escaped, and without the characters that XML cannot hold.
import { withoutEscapeSequences } from './escape-sequences.ts';

/** Control characters but tab, line feed and carriage return; the two that are no characters (XML 1.0, 2.2 Char). */
const forbidden = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\uFFFE\uFFFF]/gu; // oxlint-disable-line no-control-regex

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#13;' };
const attributeEntities: Readonly<Record<string, string>> = { ...entities, '"': '&quot;', '\n': '&#10;', '\t': '&#9;' };

/** Content of an element. Escape sequences of terminals and control characters are removed. */
export function xmlText(text: string): string {
  return clean(text).replaceAll(/[&<>\r]/g, (character) => entities[character] as string);
}

/** Content of an attribute in double quotes; line ends survive. */
export function xmlAttribute(text: string): string {
  return clean(text).replaceAll(/[&<>\r\n\t"]/g, (character) => attributeEntities[character] as string);
}

/** A start tag's inside: `name="value"` for each, without those that are undefined. */
export function xmlAttributes(values: Readonly<Record<string, string | number | undefined>>): string {
  return Object.entries(values)
    .flatMap(([name, value]) => (value === undefined ? [] : [` ${name}="${xmlAttribute(String(value))}"`]))
    .join('');
}

function clean(text: string): string {
  return withoutEscapeSequences(text).toWellFormed().replaceAll(forbidden, '');
}
