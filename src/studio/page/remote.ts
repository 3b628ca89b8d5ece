// The worker, as the page talks to it.
import * as Comlink from 'comlink';
import type { WorkerLab } from '../lab/worker.ts';
import { passErrors } from '../lab/pass-errors.ts';
import { startWorker } from './embedded.ts';

passErrors();

/** The laboratory: every call is answered by a message. */
export type RemoteLab = Comlink.Remote<WorkerLab>;

/** Starts the worker: from its file, or in a report from the text that the page carries. */
export function startLab(onError: (message: string) => void): RemoteLab {
  const worker = startWorker();
  worker.addEventListener('error', ({ message }) => onError(message === '' ? 'the worker did not start' : message));
  return Comlink.wrap<WorkerLab>(worker);
}

export const { proxy } = Comlink;
