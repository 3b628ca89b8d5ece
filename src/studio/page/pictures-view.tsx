// Pictures that the worker draws: the sequence of the steps around this one, and the two sets as trees.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { JSX } from 'preact';
import { fail, goTo, theLab } from './actions.ts';
import * as store from './store.ts';

/** Steps that are drawn at once: of a long path those around the one that is looked at. */
const WINDOW = 60;

interface DrawnProps {
  readonly svg: string;
  readonly label: string;
  readonly onStep?: (step: number) => void;
}

/** Drawn by our own code, which escapes every text. */
function Drawn({ svg, label, onStep }: DrawnProps): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (box.current === null) return;
    box.current.innerHTML = svg;
    box.current.querySelector('.current')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    box.current.querySelector('.current .arrow')?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [svg]);
  return (
    <div
      class="picture"
      ref={box}
      role="group"
      aria-label={label}
      onClick={({ target }) => {
        const step = target instanceof Element ? target.closest('[data-step]')?.getAttribute('data-step') : null;
        if (step !== null && step !== undefined) onStep?.(Number(step));
      }}
    />
  );
}

/** The window of steps around one: where it begins and ends. */
function windowAround(step: number, length: number): readonly [number, number] {
  const from = Math.max(0, Math.min(step - WINDOW / 2, length - WINDOW));
  return [from, Math.min(length, from + WINDOW)];
}

/** Who sends what to whom. */
export function SequenceView(): JSX.Element {
  const { value: steps } = store.lines;
  const { value: at } = store.cursor;
  const [drawn, setDrawn] = useState({ lanes: '', steps: '' });
  const [from, end] = windowAround(at, steps.length);
  useEffect(() => {
    let isWanted = true;
    void theLab()
      .sequence(from, end, at)
      .then((text) => {
        if (isWanted) setDrawn(text);
      }, fail);
    return () => {
      isWanted = false;
    };
  }, [steps, from, end, at]);
  if (steps.length === 0) return <p class="faint">no step was taken yet</p>;
  return (
    <div class="sequence">
      {end - from < steps.length ? <p class="faint">{`steps ${from + 1} to ${end} of ${steps.length}`}</p> : null}
      <div class="drawn" tabIndex={0} role="group" aria-label="sequence diagram">
        <div class="lanes">
          <Drawn svg={drawn.lanes} label="actors" />
        </div>
        <Drawn svg={drawn.steps} label="steps" onStep={(step) => void goTo(step)} />
      </div>
    </div>
  );
}

/** The two sets of the manager as the kernel keeps them. */
export function SetsView(): JSX.Element {
  const { value: position } = store.position;
  const [pictures, setPictures] = useState<readonly { readonly title: string; readonly svg: string }[]>([]);
  useEffect(() => {
    let isWanted = true;
    void theLab()
      .sets(store.cursor.value)
      .then((found) => {
        if (isWanted) setPictures(found);
      }, fail);
    return () => {
      isWanted = false;
    };
  }, [position]);
  if (pictures.length === 0) return <p class="faint">this world has no manager</p>;
  return (
    <div class="sets">
      {pictures.map(({ title, svg }) => (
        <figure key={title}>
          <Drawn svg={svg} label={title} />
        </figure>
      ))}
    </div>
  );
}
