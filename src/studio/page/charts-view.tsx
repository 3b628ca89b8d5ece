// The statecharts of the actors, with the active states lit. Pictures were laid out when the page was built.
import { signal } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { JSX } from 'preact';
import type { Chart, ChartState } from '../../engine/diagrams/chart.ts';
import { placed, transitionText } from '../../engine/diagrams/chart.ts';
import { fileText } from './embedded.ts';
import * as store from './store.ts';

/** Are charts as wide as the panel, rather than as large as they can be read? */
const isFitted = signal(false);

/** Pictures by key; null where there is none. */
const pictures = new Map<string, Promise<string | null>>();

function pictureOf(key: string): Promise<string | null> {
  const known = pictures.get(key) ?? fileText(`charts/${key}.svg`);
  pictures.set(key, known);
  return known;
}

/** The states of a chart as a list: for machines without a picture, and for who does not see one. */
function StateList({
  state,
  active,
}: {
  readonly state: ChartState;
  readonly active: ReadonlySet<string>;
}): JSX.Element {
  return (
    <li class={active.has(state.path) ? 'active' : ''}>
      <span class="key">{state.key}</span>
      {placed(state).map((one, i) => (
        <div key={i} class="way">
          {transitionText(one) || 'always'}
          {one.transition.target === null ? '' : ` → ${one.transition.target}`}
        </div>
      ))}
      {state.states.length === 0 ? null : (
        <ul>
          {state.states.map((inner) => (
            <StateList key={inner.path} state={inner} active={active} />
          ))}
        </ul>
      )}
    </li>
  );
}

function Picture({
  chartKey,
  chart,
  active,
}: {
  readonly chartKey: string;
  readonly chart: Chart | undefined;
  readonly active: readonly string[];
}): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const [svg, setSvg] = useState<string | null | undefined>();
  useEffect(() => {
    let isWanted = true;
    setSvg(undefined);
    void pictureOf(chartKey).then((text) => {
      if (isWanted) setSvg(text);
    });
    return () => {
      isWanted = false;
    };
  }, [chartKey]);
  useEffect(() => {
    if (box.current === null || typeof svg !== 'string') return;
    // Our own picture, laid out at build time: no text of a user's is in it that was not escaped there.
    box.current.innerHTML = svg;
  }, [svg]);
  const lit = active.join(' ');
  useEffect(() => {
    const on = new Set(lit.split(' '));
    for (const state of box.current?.querySelectorAll('[data-state]') ?? [])
      state.classList.toggle('active', on.has(state.getAttribute('data-state') ?? ''));
    const all = [...(box.current?.querySelectorAll('.state.active') ?? [])];
    const paths = all.map((state) => state.getAttribute('data-state') ?? '');
    for (const [i, state] of all.entries())
      state.classList.toggle('innermost', !paths.some((path) => path.startsWith(`${paths[i] ?? ''}.`)));
    all.at(-1)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [svg, lit]);
  if (svg === null || svg === undefined) {
    if (svg === undefined || chart === undefined) return <p class="faint">loading the picture</p>;
    return (
      <ul class="chart-list">
        <StateList state={chart.root} active={new Set(active)} />
      </ul>
    );
  }
  return (
    <div
      class="chart picture"
      ref={box}
      tabIndex={0}
      role="group"
      aria-label={`statechart of ${chart?.machine ?? ''}`}
    />
  );
}

/** The chart of one actor, and where it stands. */
export function ChartsView(): JSX.Element | null {
  const { value: world } = store.world;
  const { value: position } = store.position;
  if (world === null || position === null) return null;
  const actor = world.actors.find(({ name }) => name === store.chosenActor.value) ?? world.actors[0];
  if (actor === undefined) return null;
  const active = position.active[actor.name] ?? [];
  return (
    <div class={`charts${isFitted.value ? ' fitted' : ''}`}>
      <label>
        <span>actor</span>
        <select
          id="actor"
          value={actor.name}
          onChange={({ currentTarget }) => {
            store.chosenActor.value = currentTarget.value;
          }}
        >
          {world.actors.map(({ name, machine }) => (
            <option key={name} value={name}>{`${name}: ${machine}`}</option>
          ))}
        </select>
      </label>
      <label class="check">
        <input
          type="checkbox"
          checked={isFitted.value}
          onChange={({ currentTarget }) => {
            isFitted.value = currentTarget.checked;
          }}
        />
        fit to width
      </label>
      <p>{`${actor.name} is in ${active.length === 0 ? 'its only state' : active.join(', ')}`}</p>
      <Picture chartKey={actor.chart} chart={world.charts[actor.chart]} active={active} />
    </div>
  );
}
