// The one way in which a command is interrupted: SIGINT and SIGTERM ask the work to end; what was found by then is reported.

/** Runs something that SIGINT and SIGTERM interrupt; the work looks at the signal, or asks. */
export async function interruptible<T>(
  work: (isInterrupted: () => boolean, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const end = new AbortController();
  const interrupt = (): void => end.abort();
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  try {
    return await work(() => end.signal.aborted, end.signal);
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}
