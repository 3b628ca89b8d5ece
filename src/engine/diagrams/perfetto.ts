// Traces for ui.perfetto.dev: the Chrome trace event format, one track per thread and object, one microsecond a step.

/** A step as a track shows it. */
export interface TrackEvent {
  /** Track: the thread or object. */
  readonly track: string;
  readonly name: string;
  /** Details that the page shows on a click. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** A trace event document. Steps follow one another, each one microsecond long. */
export function toPerfetto(events: readonly TrackEvent[], title: string): string {
  const tracks = [...new Set(events.map((event) => event.track))];
  const traceEvents = [
    { ph: 'M', pid: 1, name: 'process_name', args: { name: title } },
    ...tracks.map((name, tid) => ({ ph: 'M', pid: 1, tid, name: 'thread_name', args: { name } })),
    ...events.map(({ track, name, details }, ts) => ({
      ph: 'X',
      pid: 1,
      tid: tracks.indexOf(track),
      ts,
      dur: 1,
      name,
      args: details,
    })),
  ];
  return `${JSON.stringify({ displayTimeUnit: 'ns', traceEvents }, null, 1)}\n`;
}
