// irqbypass run --inspect: the same run by real XState actors, as XState's inspection shows it, to a Stately inspector or a file.
import { closeSync, openSync, writeSync } from 'node:fs';
import { InputError } from '../../engine/input-error.ts';
import type { StatelyEvent } from '../../engine/world/inspection.ts';
import { StatelyInspection } from '../../engine/world/inspection.ts';
import { LiveHost } from '../../engine/world/live-host.ts';
import type { Scheduler } from '../../engine/world/schedulers.ts';
import type { World } from '../../engine/world/world.ts';
import { unwritable } from '../../scenarios/files/load.ts';
import { formatByEnding } from '../endings.ts';
import { UsageError } from '../exit-codes.ts';

/** Where the relay of @statelyai/inspect listens. */
const USUAL = 'ws://localhost:8080';
/** Standard output. */
export const STDOUT = '-';
const CONNECT_MS = 5000;
/** What waits to be sent, at most: a receiver that takes nothing. */
const WAITING_MAX = 256 * 2 ** 20;

/** Where events go. */
interface Sink {
  readonly send: (event: StatelyEvent) => void;
  /** When all of it is there. Throws InputError where not all of it got there. */
  readonly close: () => Promise<void>;
  /** Milliseconds that an event is stamped with. */
  readonly now: () => number;
}

/** A live run beside a scheduled one. */
export interface InspectedRun {
  /** The scheduler with the live run in lock step. */
  readonly scheduler: Scheduler;
  readonly close: () => Promise<void>;
  /** Events so far. */
  readonly events: () => number;
  readonly where: string;
}

/** Is this a place where inspection can go? Throws UsageError. */
export function inspectedPlace(given: string | true, isJson: boolean): string {
  const place = given === true ? USUAL : given;
  if (place === STDOUT) {
    if (isJson) throw new UsageError('--inspect - and --json: both would write to standard output');
    return place;
  }
  if (!/^\w+:\/\//.test(place)) {
    formatByEnding('--inspect', place, { '.ndjson': 'ndjson' }, `, or be ${STDOUT} or ${USUAL}`);
    return place;
  }
  const protocol = URL.parse(place)?.protocol;
  if (protocol !== 'ws:' && protocol !== 'wss:')
    throw new UsageError(`--inspect ${place}: expected ${USUAL}, wss://..., a .ndjson file, or ${STDOUT}`);
  return place;
}

/**
 * Starts real XState actors that take every step that the scheduler picks, and shows them.
 *
 * @param place - from `inspectedPlace`
 * @param world - the world that is run
 * @param scheduler - picks the steps
 * @throws InputError where nobody listens, or the file cannot be written
 */
export async function inspectedRun(place: string, world: World, scheduler: Scheduler): Promise<InspectedRun> {
  const sink = await sinkOf(place);
  let events = 0;
  // XState and the host take what an onlooker throws for the machine's: it is kept until the step is over.
  let failure: unknown;
  const inspection = new StatelyInspection(
    (event) => {
      events += 1;
      try {
        if (failure === undefined) sink.send(event);
      } catch (error) {
        failure = error;
      }
    },
    // The actors are started while the host is made.
    () => started?.sender ?? null,
    sink.now,
  );
  let started: LiveHost | undefined;
  const live = new LiveHost(world, inspection.next);
  started = live;
  return {
    scheduler: (row, choices) => {
      const taken = scheduler(row, choices);
      const choice = live.choices()[taken];
      if (choice === undefined || !live.row().every((value, column) => value === row[column]))
        throw new Error('the live run is not where the scheduled one is');
      live.take(choice);
      if (failure !== undefined) throw failure as Error;
      return taken;
    },
    close: async () => {
      live.stop();
      await sink.close();
    },
    events: () => events,
    where: place === STDOUT ? 'standard output' : place,
  };
}

/** Opens the place. In a file events are counted rather than timed: the same seed gives the same bytes. */
async function sinkOf(place: string): Promise<Sink> {
  if (/^wss?:/.test(place)) return { ...(await socketTo(place)), now: Date.now };
  let count = 0;
  const now = (): number => count++;
  if (place === STDOUT)
    return { now, send: (event) => void process.stdout.write(`${JSON.stringify(event)}\n`), close: async () => {} };
  return { ...fileOf(place), now };
}

function fileOf(file: string): Omit<Sink, 'now'> {
  const wrapped = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw unwritable(file, error);
    }
  };
  const opened = wrapped(() => openSync(file, 'w'));
  return {
    send: (event) => void wrapped(() => writeSync(opened, `${JSON.stringify(event)}\n`)),
    // oxlint-disable-next-line require-await -- a socket has to wait
    close: async () => wrapped(() => closeSync(opened)),
  };
}

const unreachable = (url: string, what: string): InputError =>
  new InputError('IRQB108', `${url}: ${what}`, {
    hint: 'start the inspector first: createInspectorServer() of @statelyai/inspect/server',
  });

const LOST = 'the connection ended before the run did';

/** A connection that is open. Throws InputError where nobody answers. */
async function socketTo(url: string): Promise<Omit<Sink, 'now'>> {
  const socket = new WebSocket(url);
  await new Promise<void>((resolve, reject) => {
    const give = (what: string): void => {
      reject(unreachable(url, what));
      socket.close();
    };
    const timer = setTimeout(() => give(`nobody answers within ${CONNECT_MS / 1000} s`), CONNECT_MS);
    socket.addEventListener('open', () => resolve(clearTimeout(timer)));
    socket.addEventListener('error', () => {
      clearTimeout(timer);
      give('nobody listens there, or it is no WebSocket');
    });
  });
  let isLost = false;
  const closed = new Promise<void>((resolve) =>
    socket.addEventListener('close', ({ wasClean }) => {
      isLost ||= !wasClean;
      resolve();
    }),
  );
  let isOver = false;
  socket.addEventListener('close', () => (isLost ||= !isOver));
  return {
    send: (event) => {
      if (socket.bufferedAmount > WAITING_MAX) throw unreachable(url, 'the inspector takes nothing any more');
      if (socket.readyState !== WebSocket.OPEN) throw unreachable(url, LOST);
      socket.send(JSON.stringify(event));
    },
    close: async () => {
      isOver = true;
      // Closing sends first what waits.
      socket.close();
      await closed;
      if (isLost) throw unreachable(url, LOST);
    },
  };
}
