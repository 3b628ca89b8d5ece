// The page: the lab in the browser. The engine runs in a worker; this is what is seen of it.
import { render } from 'preact';
import type { JSX } from 'preact';
import { fail, openLink, useLab, choose } from './actions.ts';
import { ChartsView } from './charts-view.tsx';
import { Choices } from './choices.tsx';
import { CompareView } from './compare-view.tsx';
import { Dialogs } from './dialogs.tsx';
import type { UserScript } from './embedded.ts';
import { pageSetup, scriptSource } from './embedded.ts';
import { Header } from './header.tsx';
import { listenToKeys } from './keyboard.ts';
import { CoverageView, Locks, Properties } from './panels.tsx';
import { SequenceView, SetsView } from './pictures-view.tsx';
import type { RemoteLab } from './remote.ts';
import { startLab } from './remote.ts';
import { StateView } from './state-view.tsx';
import { Scrubber, Steps } from './steps.tsx';
import * as store from './store.ts';
import { Tabs } from './tabs.tsx';

const middle = { steps: 'steps', sequence: 'sequence', compare: 'beside another' } as const;
const right = {
  state: 'state',
  charts: 'charts',
  sets: 'sets',
  locks: 'locks',
  properties: 'properties',
  coverage: 'coverage',
} as const;
const middleViews = { steps: Steps, sequence: SequenceView, compare: CompareView } as const;
const rightViews = {
  state: StateView,
  charts: ChartsView,
  sets: SetsView,
  locks: Locks,
  properties: Properties,
  coverage: CoverageView,
} as const;

function Page(): JSX.Element {
  const Middle = middleViews[store.middleTab.value];
  const Right = rightViews[store.rightTab.value];
  return (
    <>
      <Header />
      <main class={store.wide.value === null ? '' : `wide-${store.wide.value}`}>
        <Choices />
        <div class="middle">
          <Tabs
            label="run"
            part="middle"
            names={middle}
            chosen={store.middleTab.value}
            choose={(tab) => {
              store.middleTab.value = tab;
            }}
          >
            <Middle />
          </Tabs>
          <Scrubber />
        </div>
        <Tabs
          label="at this step"
          part="right"
          names={right}
          chosen={store.rightTab.value}
          choose={(tab) => {
            store.rightTab.value = tab;
          }}
        >
          <Right />
        </Tabs>
      </main>
      <Dialogs />
      <p class="spoken" aria-live="polite">
        {store.spoken.value}
      </p>
    </>
  );
}

/** Loads the user's scripts into the worker. Answers the scenarios that they bring. */
async function loadScripts(lab: RemoteLab, scripts: readonly UserScript[]): Promise<string[]> {
  const ids: string[] = [];
  for (const script of scripts) ids.push(await lab.script(scriptSource(script), script.file));
  return ids;
}

async function start(): Promise<void> {
  const lab = startLab((message) => fail(new Error(message)));
  useLab(lab);
  const setup = await pageSetup();
  store.report.value = setup.report;
  let own: string[] = [];
  try {
    own = await loadScripts(lab, setup.scripts);
  } catch (error) {
    fail(error);
  }
  store.catalogue.value = await lab.catalogue();
  const hash = location.hash.length > 1 ? location.hash : setup.hash;
  const [first = 'manager'] = own;
  if (hash !== '') await openLink(hash);
  // Where the link leads nowhere, the page says so over a world that does.
  const said = store.notice.value;
  if (store.world.value === null) await choose({ scenario: first, set: {} });
  store.notice.value = said;
  document.documentElement.dataset['ready'] = 'true';
}

try {
  const theme = localStorage.getItem('theme');
  if (theme === 'dark' || theme === 'light') document.documentElement.dataset['theme'] = theme;
} catch {
  // No storage in a frame or a file: the system's theme.
}
const root = document.querySelector('#lab');
if (root !== null) render(<Page />, root);
listenToKeys();
addEventListener('popstate', () => void openLink(location.hash));
start().catch(fail);
