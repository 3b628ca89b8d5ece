// irq_set_vcpu_affinity() never returns: whoever asks for it keeps irqfds.lock.
import type { Mutation } from './mutation.ts';

export const mIrteHangs: Mutation = {
  id: 'm-irte-hangs',
  title: 'irq_set_vcpu_affinity() never returns: whoever asks for it keeps irqfds.lock',
  source: 'invented: breaks l-irqfds-lock, while interrupts go on so that nothing is deadlocked',
  needs: 'system',
  definition: (definition) => ({
    ...definition,
    producers: definition.producers.map((producer) => {
      const { embeddedIn } = producer;
      const deaf = definition.system?.actors.find(({ machine }) => machine === 'eventfd')?.name;
      if (embeddedIn?.machine !== 'vfio-vector' || deaf === undefined) return producer;
      // The request goes to one that never takes it.
      return { ...producer, embeddedIn: { ...embeddedIn, wiring: { ...embeddedIn.wiring, irq: deaf } } };
    }),
  }),
  shown: [{ scenario: 'assign', revision: 'v2p8', breaks: ['l-irqfds-lock', 'l-unlock'] }],
};
