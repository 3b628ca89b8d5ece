// One self-contained file for a run: the page, the worker, the pictures, the user's script, and what the search found. It opens from disk.
import { createHash } from 'node:crypto';
import { svgOf } from '../../engine/diagrams/svg.ts';
import { chartKey } from '../../engine/diagrams/chart-key.ts';
import { chartOf } from '../../engine/diagrams/chart.ts';
import type { TraceStep } from '../../engine/world/trace.ts';
import type { Assembled } from '../../scenarios/assembled.ts';
import { linkText } from '../link/link.ts';
import { Session } from '../session/session.ts';
import { builtFiles } from './page-files.ts';
import type { UserScenario } from './user-scripts.ts';

/** What a report is of. */
export interface ReportedRun {
  readonly assembled: Assembled;
  /** What the search said, a sentence each. */
  readonly says: readonly string[];
  /** The run that is opened at its end; empty for the initial state. */
  readonly trace: readonly TraceStep[];
  /** The user's script, where the scenario came from one. */
  readonly own: UserScenario | null;
}

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** A file that the page carries: as a JSON text, in which nothing can end the element. */
function carried(name: string, content: unknown): string {
  const text = JSON.stringify(content).replaceAll('<', String.raw`\u003c`);
  return `<script type="application/json" data-file="${name}">${text}</script>`;
}

/** The pictures of the machines of a world, by the name that the page asks for. */
async function charts({ world }: Assembled): Promise<[string, string][]> {
  const files = builtFiles();
  const found: [string, string][] = [];
  for (const machine of world.machines) {
    const chart = chartOf(machine);
    const name = `charts/${chartKey(chart)}.svg`;
    const built = files.get(`/${name}`)?.body().toString();
    found.push([name, built ?? (await svgOf(chart))]);
  }
  return found;
}

/** The link to the last step of the run. Without fingerprints: those of the page are of its minified code. */
function hashFor({ assembled, trace }: ReportedRun): string {
  const { scenario, parameters, revision, mutation } = assembled;
  const session = new Session(assembled);
  for (const { choice } of trace) session.take(choice);
  const set = Object.fromEntries(Object.entries(parameters).map(([key, value]) => [key, String(value)]));
  return `#${linkText({
    scenario: scenario.id,
    revision: revision.id,
    ...(mutation === null ? {} : { mutation: mutation.id }),
    set,
    path: session.path(),
    ...(trace.length === 0 ? {} : { at: 'end' as const }),
    explore: false,
    embed: false,
  })}`;
}

/**
 * The file.
 *
 * @param run - what it is of
 * @returns HTML without a reference to anything outside of it; its Content-Security-Policy allows its own scripts and nothing else
 */
export async function reportPage(run: ReportedRun): Promise<string> {
  const files = builtFiles();
  const text = (name: string): string => files.get(`/${name}`)?.body().toString() ?? '';
  const page = text('page.js').replaceAll('</script', String.raw`<\/script`);
  const style = text('style.css');
  const setup = {
    scripts: run.own === null ? [] : [{ file: run.own.file, url: 'script' }],
    hash: hashFor(run),
    report: run.says,
  };
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(page)} blob:`,
    'worker-src blob:',
    `style-src ${hashOf(style)}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const carries = [
    carried('setup.json', JSON.stringify(setup)),
    carried('worker', text('worker.js')),
    ...(run.own === null ? [] : [carried('script', run.own.modules)]),
    ...(await charts(run.assembled)).map(([name, svg]) => carried(name, svg)),
  ];
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<title>irqbypass-lab</title>',
    `<style>${style}</style>`,
    '</head>',
    '<body>',
    '<div id="lab"></div>',
    ...carries,
    `<script type="module">${page}</script>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}
