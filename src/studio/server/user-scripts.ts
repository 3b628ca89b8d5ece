// The scripts that were named on the command line, as files of the page.
import { svgOf } from '../../engine/diagrams/svg.ts';
import { chartKey } from '../../engine/diagrams/chart-key.ts';
import type { Chart } from '../../engine/diagrams/chart.ts';
import { chartOf } from '../../engine/diagrams/chart.ts';
import { assemble } from '../../scenarios/assemble.ts';
import type { Scenario } from '../../scenarios/define.ts';
import { loadScenario } from '../../scenarios/files/load.ts';
import type { PageFile } from './page-files.ts';
import { madeFile } from './page-files.ts';
import type { Imported, ScriptModule } from '../session/script-module.ts';
import { moduleText } from '../session/script-module.ts';
import { scriptModules } from './script-modules.ts';

/** A user's scenario for the page: its modules, and the pictures of the machines that it brings. */
export interface UserScenario {
  readonly file: string;
  readonly scenario: Scenario;
  /** The last one is the script. */
  readonly modules: readonly ScriptModule[];
  /** SVG by chart key. */
  readonly charts: ReadonlyMap<string, string>;
}

/** A scenario file (YAML, JSON) as a module: what it says is data. */
function fileModule(file: string, scenario: Scenario): ScriptModule {
  const { script, ...rest } = scenario;
  const said = JSON.stringify({ ...rest, script: null }).replace('"script":null', '');
  const text = `export default { ...${said.replace(/,}$/, '}')}, script: () => (${JSON.stringify(script(scenario.parameters))}) };\n`;
  return { file, parts: [text], imports: [] };
}

/** The charts of a scenario and of each of its own bugs. */
function chartsOf(scenario: Scenario): Chart[] {
  const bugs = [null, ...(scenario.mutations ?? []).map(({ id }) => id)];
  return bugs.flatMap((mutation) => {
    try {
      return assemble({ scenario, mutation }).world.machines.map(chartOf);
    } catch {
      // What is wrong with it is said when it is opened; a machine that cannot be drawn is shown as a list.
      return [];
    }
  });
}

/**
 * Reads a scenario of the user's for the page.
 *
 * @param file - script or scenario file
 * @param known - keys of the pictures that there are
 * @throws InputError as `irqbypass run` has it for the same file, and where a page cannot load it
 */
export async function userScenario(file: string, known: ReadonlySet<string>): Promise<UserScenario> {
  const scenario = await loadScenario(file);
  const isScript = /\.m?[jt]s$/.test(file);
  const modules = isScript ? await scriptModules(file) : [fileModule(file, scenario)];
  const charts = new Map<string, string>();
  for (const chart of chartsOf(scenario)) {
    const key = chartKey(chart);
    if (!known.has(key) && !charts.has(key)) charts.set(key, await svgOf(chart));
  }
  return { file, scenario, modules, charts };
}

/** The files of a user's scenario: `/script/N/M.js`, and `/charts/KEY.svg`. */
export function filesOf({ modules, charts }: UserScenario, number: number): [string, PageFile][] {
  const address = (imported: Imported): string =>
    imported === 'package' ? '/worker.js' : `/script/${number}/${imported}.js`;
  return [
    ...modules.map((module, i): [string, PageFile] => [address(i), madeFile('.js', moduleText(module, address))]),
    ...[...charts].map(([key, svg]): [string, PageFile] => [`/charts/${key}.svg`, madeFile('.svg', svg)]),
  ];
}
