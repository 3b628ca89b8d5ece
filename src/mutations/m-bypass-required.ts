// A failed registration fails VFIO_DEVICE_SET_IRQS.
import type { Machine } from '../engine/actors/machine.ts';
import type { Return } from '../machines/kernel/call.ts';
import type { Mutation } from './mutation.ts';
import { changed } from './patching.ts';

/** What the ioctl returns is what the registration did. */
const fails = (machine: Machine) =>
  changed(machine, 'enabled', (effects, { event }) =>
    effects.map((effect) =>
      'message' in effect && effect.message.type === 'return'
        ? { ...effect, message: { ...effect.message, value: (event as Return).value } }
        : effect,
    ),
  );

export const mBypassRequired: Mutation = {
  id: 'm-bypass-required',
  title: 'A vector whose bypass registration fails is an error to user space, which asked for no bypass',
  source: 'invented: what "a failure is logged and nothing else" guards against',
  patches: { 'vfio-vector': (machine) => ({ handlers: { enabled: fails(machine) } }) },
  shown: [
    {
      scenario: 'reported-failure',
      revision: 'v2p8',
      set: { reports: false, reaction: 'go-on' },
      breaks: ['i-soft'],
      steps: 11,
    },
  ],
};
