// Worker processes: each runs one job at a time, and is replaced when it dies.
import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { InputErrorDetails } from '../input-error.ts';
import { InputError } from '../input-error.ts';
import type { JobResult, SwarmJob } from './swarm-job.ts';
import { jobResult } from './swarm-job.ts';

/** What worker processes run, and how long a job may take. */
export interface ProcessPoolOptions {
  /** The module that a process runs: it answers each job that it is sent (`JobAnswer`). */
  readonly entry: URL;
  /** Its arguments: files of models that jobs may name. */
  readonly modelFiles: readonly string[];
  /** A process that takes longer for a job is ended. */
  readonly jobSecondsMax?: number;
}

/** A job that ended without a result: what the process said, or how it died. */
export class JobFailedError extends Error {
  override readonly name = 'JobFailedError';
}

const JOB_SECONDS_MAX = 600;

/** So much of what a process writes to stderr is kept, to say why it died. */
const STDERR_KEPT = 2000;

/** What a worker process answers; `input` where the error is the user's. */
export type JobAnswer =
  | { readonly result: unknown }
  | {
      readonly error: string;
      readonly input?: { readonly code: string } & Pick<InputErrorDetails, 'where' | 'hint'>;
    };

/** Processes that run jobs, started when there is something to do; as many as jobs are run at once. */
export class ProcessPool {
  readonly #options: ProcessPoolOptions;
  readonly #idle: ChildProcess[] = [];
  readonly #all = new Set<ChildProcess>();
  #isClosed = false;

  constructor(options: ProcessPoolOptions) {
    this.#options = options;
  }

  /** Runs a job in a process of its own for that time. Throws JobFailedError, or InputError where the model is wrong. */
  async run(job: SwarmJob): Promise<JobResult> {
    if (this.#isClosed) throw new JobFailedError('the worker processes were ended');
    const child = this.#idle.pop() ?? this.#start();
    const answer = await this.#ask(child, job);
    if (this.#all.has(child)) this.#idle.push(child);
    if ('error' in answer) {
      const { error, input } = answer;
      throw input === undefined ? new JobFailedError(error) : new InputError(input.code, error, input);
    }
    const parsed = jobResult.safeParse(answer.result);
    if (!parsed.success) throw new JobFailedError('the worker process answered with something that is no result');
    return parsed.data;
  }

  /** Ends all processes; jobs under way fail. */
  close(): void {
    this.#isClosed = true;
    for (const child of this.#all) child.kill('SIGKILL');
  }

  #start(): ChildProcess {
    const { entry, modelFiles } = this.#options;
    const child = fork(fileURLToPath(entry), modelFiles, {
      execArgv: [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#all.add(child);
    child.once('exit', () => {
      this.#all.delete(child);
      const at = this.#idle.indexOf(child);
      if (at >= 0) this.#idle.splice(at, 1);
    });
    return child;
  }

  #ask(child: ChildProcess, job: SwarmJob): Promise<JobAnswer> {
    const { jobSecondsMax = JOB_SECONDS_MAX } = this.#options;
    return new Promise((resolve) => {
      let said = '';
      let isLate = false;
      const timer = setTimeout(() => {
        isLate = true;
        child.kill('SIGKILL');
      }, jobSecondsMax * 1000);
      const settle = (answer: JobAnswer): void => {
        clearTimeout(timer);
        child.off('message', onMessage).off('close', onClose).off('error', onError);
        child.stderr?.off('data', onData);
        resolve(answer);
      };
      const onMessage = (answer: unknown): void => settle(answer as JobAnswer);
      const onData = (chunk: Buffer): void => {
        said = (said + chunk.toString()).slice(-STDERR_KEPT);
      };
      const onClose = (code: number | null, signal: string | null): void => {
        const how = isLate
          ? `took more than ${jobSecondsMax} s and was ended`
          : `died (${signal ?? `exit code ${String(code)}`})`;
        const last = said
          .trim()
          .split('\n')
          .findLast((line) => /error|abort|fatal/i.test(line));
        settle({ error: `the worker process ${how}${last === undefined ? '' : `: ${last.trim()}`}` });
      };
      const onError = (error: Error): void =>
        settle({ error: `the worker process cannot be reached: ${error.message}` });
      child.once('message', onMessage).once('close', onClose).once('error', onError);
      child.stderr?.on('data', onData);
      child.send(job, (error) => {
        // A process that is gone is told of by `close`.
        if (error !== null && child.exitCode === null && child.signalCode === null) onError(error);
      });
    });
  }
}
