// What list and xarray cost: sliders over the contention model, and the charts of docs/scale.md.
import { useEffect, useState } from 'preact/hooks';
import type { JSX } from 'preact';
import type { ContentionAnswer } from '../lab/contention.ts';
import type { ContestantId } from '../../scale/structures.ts';
import { isReport } from './embedded.ts';
import { fail, theLab } from './actions.ts';

const charts = [
  ['scale-waits', 'how long the mutex is waited for'],
  ['scale-cost', 'what one registration costs'],
  ['scale-memory', 'what an irqfd takes'],
  ['scale-opt-out', 'what opting out saves'],
] as const;

const units = [
  [1e9, 's'],
  [1e6, 'ms'],
  [1e3, 'µs'],
  [1, 'ns'],
] as const;

/** Nanoseconds as one reads them: `3.2 ms`. */
function time(nanoseconds: number): string {
  const [size, unit] = units.find(([one]) => nanoseconds >= one) ?? [1, 'ns'];
  return `${(nanoseconds / size).toPrecision(3)} ${unit}`;
}

/** Numbers of irqfds that the slider goes through, as powers. */
const irqfdsAt = (place: number): number => Math.round(10 ** (place / 10));

function Answers({ answers }: { readonly answers: readonly ContentionAnswer[] }): JSX.Element {
  return (
    <table class="scale">
      <thead>
        <tr>
          <th scope="col">structure</th>
          <th scope="col">waits, half</th>
          <th scope="col">99 of 100</th>
          <th scope="col">longest</th>
          <th scope="col">all done after</th>
          <th scope="col">found it taken</th>
        </tr>
      </thead>
      <tbody>
        {answers.map(({ index, title, elapsed, wait, contended }) => (
          <tr key={index}>
            <th scope="row">{title}</th>
            <td>{time(wait.p50)}</td>
            <td>{time(wait.p99)}</td>
            <td>{time(wait.max)}</td>
            <td>{time(elapsed)}</td>
            <td>{`${Math.round(contended * 100)} %`}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Sliders and charts. */
export function Scale(): JSX.Element {
  const [place, setPlace] = useState(30);
  const [cpus, setCpus] = useState(64);
  const [other, setOther] = useState<ContestantId>('xarray');
  const [structures, setStructures] = useState<readonly { readonly id: ContestantId; readonly title: string }[]>([]);
  const [answers, setAnswers] = useState<readonly ContentionAnswer[]>([]);
  const irqfds = irqfdsAt(place);
  useEffect(() => {
    void theLab().structures().then(setStructures, fail);
  }, []);
  useEffect(() => {
    let isWanted = true;
    const asked = [...new Set<ContestantId>(['list', other])].map((index) => ({ irqfds, cpus, index }));
    void theLab()
      .contention(asked)
      .then((found) => {
        if (isWanted && found !== null) setAnswers(found);
      }, fail);
    return () => {
      isWanted = false;
    };
  }, [irqfds, cpus, other]);
  return (
    <div class="scale">
      <p>
        In virtual time, with the registry's own machine: each CPU creates irqfds as fast as it can, all through the one
        mutex.
      </p>
      <div class="row">
        <label>
          <span>{`irqfds: ${irqfds.toLocaleString('en')}`}</span>
          <input
            id="irqfds"
            type="range"
            min={10}
            max={43}
            value={place}
            onInput={({ currentTarget }) => setPlace(Number(currentTarget.value))}
          />
        </label>
        <label>
          <span>{`CPUs: ${cpus}`}</span>
          <input
            id="cpus"
            type="range"
            min={1}
            max={256}
            value={cpus}
            onInput={({ currentTarget }) => setCpus(Number(currentTarget.value))}
          />
        </label>
        <label>
          <span>beside the list</span>
          <select value={other} onChange={({ currentTarget }) => setOther(currentTarget.value as ContestantId)}>
            {structures.map(({ id, title }) => (
              <option key={id} value={id}>
                {title}
              </option>
            ))}
          </select>
        </label>
      </div>
      <Answers answers={answers} />
      {(isReport() ? [] : charts).map(([file, title]) => (
        <figure key={file}>
          <img src={`figures/${file}.svg`} alt={title} loading="lazy" />
          <figcaption>{title}</figcaption>
        </figure>
      ))}
    </div>
  );
}
