// English in messages.

/**
 * A noun with its article.
 *
 * @param noun - as it is written, in small letters
 * @returns `an irqfd`, `a vm`
 */
export function withArticle(noun: string): string {
  return `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`;
}
