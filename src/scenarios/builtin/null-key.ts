// Registering under a NULL eventfd.
import type { Scenario } from '../define.ts';
import { producerThread } from '../calls.ts';
import { defineScenario } from '../define.ts';

export const nullKey: Scenario = defineScenario({
  id: 'null-key',
  title: 'Registering under a NULL eventfd',
  description:
    'Refused with -EINVAL before v1p3. From v1p3 on nothing tests the key: the producer is entered, but its key reads as not registered, so nobody can ever unregister it.',
  callers:
    'None in Linux 6.17 passes NULL: vfio_msi_set_vector_signal() and kvm_irqfd_assign() have an eventfd by then, and vhost_vdpa_setup_vq_irq() returns where there is none.',
  parameters: {},
  script: () => ({
    producers: ['p0'],
    eventfds: [],
    threads: { t0: producerThread('p0', null) },
  }),
});
