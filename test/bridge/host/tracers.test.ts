// What the guest traces: the same calls whatever traces them.
import { expect, it } from 'vitest';
import { bpftraceProbesOf, probeEventsOf } from '../../../src/bridge/generate/trace-setup.ts';
import { revisions } from '../../../src/registry/revisions.ts';

it.each(revisions.map((revision) => [revision.id, revision] as const))(
  'bpftrace has a probe for each kprobe event, with its values: %s',
  (_, revision) => {
    const events = probeEventsOf(revision).map((event) => {
      const [kind = '', probed = '', ...values] = event.split(' ');
      return `${kind.startsWith('r') ? 'kretprobe' : 'kprobe'}:${probed} ${values.map((value) => value.split('=')[0]).join(' ')}`;
    });
    const lines = bpftraceProbesOf(revision).map((line) => {
      const [probe = ''] = line.split(' ');
      const values = [.../ (\w+)=/g[Symbol.matchAll](line)].map(([, name]) => name);
      return `${probe} ${values.join(' ')}`;
    });
    expect(lines).toEqual(events);
  },
);
