// What a self-contained report carries in its page, where the served page has files.

/** A file as text that the page carries; null where it is served. */
export function embedded(name: string): string | null {
  return document.querySelector(`script[data-file="${name}"]`)?.textContent ?? null;
}

/** An address for a module whose text is at hand. */
export function moduleUrl(text: string): string {
  return URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
}

/** A file beside the page as text: carried or served. Null where there is none. */
export async function fileText(name: string): Promise<string | null> {
  const carried = embedded(name);
  if (carried !== null) return carried;
  if (embedded('worker') !== null) return null;
  const answer = await fetch(name);
  return answer.ok ? answer.text() : null;
}

/** A script of the user's: where its module is, and what the user calls it. */
export interface UserScript {
  readonly file: string;
  readonly url: string;
}

/** What the server, or the report, has for this page beside the laboratory itself. */
export interface PageSetup {
  readonly scripts: readonly UserScript[];
  /** The hash that is opened where the address has none. */
  readonly hash: string;
  /** What a report says first, of the run that it was made of. */
  readonly report: readonly string[];
}

const nothing: PageSetup = { scripts: [], hash: '', report: [] };

/** Reads the set-up: a plain file server has none. */
export async function pageSetup(): Promise<PageSetup> {
  const text = await fileText('setup.json');
  if (text === null) return nothing;
  return { ...nothing, ...(JSON.parse(text) as Partial<PageSetup>) };
}
