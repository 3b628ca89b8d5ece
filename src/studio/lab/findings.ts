// What is open on today's kernel, one click away: the sections of docs/findings.md, each with the world that shows it.
import type { Selection } from '../link/link.ts';

/** A finding on the kernel as it is, without a bug put in. */
export interface OpenFinding {
  readonly title: string;
  /** What happens. */
  readonly what: string;
  /** How sure it is, and who has said so. */
  readonly status: string;
  readonly selection: Selection;
  /** What is violated there. */
  readonly property: string;
}

/** The findings, in the order of docs/findings.md. */
export const openFindings: readonly OpenFinding[] = [
  {
    title: 'SVM: off the ir_list before the IRTE is rewritten',
    what: 'a vCPU may sleep with an interrupt',
    status: 'derived from the code; nobody has reported it',
    selection: { scenario: 'block-and-wake', set: { arch: 'svm', unplug: 'true' } },
    property: 'l-wake',
  },
  {
    title: 'VMX: the last bypass irq goes while a vCPU blocks',
    what: 'a vCPU may sleep with an interrupt',
    status: 'derived from the code; nobody has reported it',
    selection: { scenario: 'block-and-wake', set: { unplug: 'true' } },
    property: 'l-wake',
  },
  {
    title: 'arm64: routing updates reach no architecture code',
    what: 'a vLPI keeps the old vCPU',
    status: 'public (RFC of 2026-06, withdrawn); seen on kernels',
    selection: { scenario: 'routing-race', set: { arch: 'arm64' } },
    property: 'i-irte',
  },
  {
    title: 'arm64: mapping under a live device',
    what: 'an interrupt is dropped',
    status: 'public, accepted: quiesce first',
    selection: { scenario: 'live-update', set: { quiesced: 'false' } },
    property: 'i-noloss',
  },
  {
    title: 'vDPA: the callback against the put of call_ctx',
    what: 'a signal to a freed eventfd, if a driver does not wait',
    status: 'not known',
    selection: { scenario: 'vdpa-config', mutation: 'n10a', set: {} },
    property: 'i-nocorrupt',
  },
  {
    title: 'The VMM: the order of routing and unmasking matters',
    what: 'an interrupt is dropped',
    status: 'public: a rule for VMMs',
    selection: { scenario: 'msix-mask', set: { order: 'route-first' } },
    property: 'i-noloss',
  },
  {
    title: 'The manager: a second unregister evicts a newcomer',
    what: 'unregister takes the entry of another producer',
    status: 'misuse; no caller in Linux does it',
    selection: { scenario: 'double-unregister-race', set: {} },
    property: 'i-owner',
  },
  {
    title: 'The manager: one producer registered twice at once',
    what: 'an entry is left behind under the old key',
    status: 'misuse; no caller in Linux does it',
    selection: { scenario: 'double-register-race', set: {} },
    property: 'i-keysync',
  },
];
