// The config eventfd of a vDPA device is swapped and put while the device changes its configuration.
import type { Scenario } from '../define.ts';
import { closeEventfd, invoke, step } from '../calls.ts';
import { defineScenario } from '../define.ts';
import { system, tornDown } from '../system.ts';

const setCall = (eventfd: string | null) => step(invoke('set_config_call', 'q0', { eventfd }));

export const vdpaConfig: Scenario = defineScenario({
  id: 'vdpa-config',
  title: 'The config eventfd of a vDPA device is swapped and put while its interrupt signals it',
  description:
    'The device changes its configuration while VHOST_VDPA_SET_CONFIG_CALL brings another eventfd, then a bad descriptor, and the VMM closes the old one.',
  parameters: { interrupts: 2 },
  script({ interrupts }) {
    const shape = system({ arch: 'vmx', vms: [], vectors: 0, irqfds: [], eventfds: 2 });
    return {
      ...shape,
      actors: [...shape.actors, { name: 'q0', machine: 'vdpa-config' }],
      ...tornDown(
        { arch: 'vmx' },
        {
          s0: [setCall('e0')],
          d0: Array.from({ length: interrupts }, () => step(invoke('config_interrupt', 'q0'))),
          v0: [setCall('e1'), step(closeEventfd('e0')), setCall('e0')],
        },
        { d0: ['s0'], v0: ['s0'] },
        invoke('set_config_call', 'q0', { eventfd: null }),
        closeEventfd('e1'),
      ),
    };
  },
});
