// What a self-contained report carries in its page, where the served page has files.
import type { ScriptModule } from '../session/script-module.ts';

/** A file that the page carries; undefined where it is served. */
function carried(name: string): unknown {
  const text = document.querySelector(`script[data-file="${name}"]`)?.textContent;
  return text === undefined || text === null ? undefined : JSON.parse(text);
}

/** Is this page a report, with everything in it? */
export const isReport = (): boolean => document.querySelector('script[data-file="worker"]') !== null;

/**
 * What starts the worker of a report. A page from disk has no origin that its worker shares: the worker makes the address of its module
 * itself. What is sent before the module listens is kept for it.
 */
const bootstrap = (text: string): string => `
const early = [];
const keep = ({ data }) => early.push(data);
addEventListener('message', keep);
const module = new Blob([${JSON.stringify(text)}], { type: 'text/javascript' });
import(URL.createObjectURL(module)).then(
  () => {
    removeEventListener('message', keep);
    for (const data of early) dispatchEvent(new MessageEvent('message', { data }));
  },
  (error) => setTimeout(() => { throw error; }),
);
`;

/** Starts the worker: of its file, or of what the page carries. */
export function startWorker(): Worker {
  const name = 'irqbypass-lab';
  const text = carried('worker');
  if (typeof text !== 'string') return new Worker('worker.js', { type: 'module', name });
  const blob = new Blob([bootstrap(text)], { type: 'text/javascript' });
  return new Worker(URL.createObjectURL(blob), { name });
}

/** A file beside the page as text: carried or served. Null where there is none. */
export async function fileText(name: string): Promise<string | null> {
  const text = carried(name);
  if (typeof text === 'string') return text;
  if (isReport()) return null;
  const answer = await fetch(name);
  return answer.ok ? answer.text() : null;
}

/** A script of the user's: where its module is, and what the user calls it. */
export interface UserScript {
  readonly file: string;
  readonly url: string;
}

/** A script for the worker: the address of its module, or the modules that the page carries. */
export function scriptSource({ url }: UserScript): string | readonly ScriptModule[] {
  return (carried(url) as readonly ScriptModule[] | undefined) ?? new URL(url, location.href).href;
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
