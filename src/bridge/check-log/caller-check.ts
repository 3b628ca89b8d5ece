// The calls around the manager's in a log: KVM's irqfds, VFIO's vectors, forwarding on arm64.
//
// Rules of one call and of what it calls, from the kernel's sources and from logs of real kernels. Each says what it needs to be seen.
import type { LoggedCall } from './nested-calls.ts';
import { argumentOf, numberOf } from './probe-names.ts';
import type { Reject } from './rejection.ts';

/** KVM_IRQFD_FLAG_DEASSIGN. */
const DEASSIGN = 1;

const called = ({ children }: LoggedCall, name: string): readonly LoggedCall[] =>
  children.filter((child) => child.function === name);

/** Checks calls when they are over. */
export class CallerCheck {
  readonly #traced: ReadonlySet<string>;
  readonly #reject: Reject;

  /**
   * @param traced - functions that the log has anywhere
   * @param reject - is told of lines that cannot be
   */
  constructor(traced: ReadonlySet<string>, reject: Reject) {
    this.#traced = traced;
    this.#reject = reject;
  }

  /** A call is over. */
  end(call: LoggedCall): void {
    if (!call.isReturnSeen) return;
    switch (call.function) {
      case 'kvm_irqfd':
        this.#irqfd(call);
        return;
      case 'irqfd_shutdown':
        this.#shutdown(call);
        return;
      case 'vfio_msi_set_vector_signal':
        this.#vector(call);
        return;
      case 'kvm_arch_irq_bypass_add_producer':
        this.#answersAs(call, 'kvm_vgic_v4_set_forwarding');
        return;
      case 'kvm_vgic_v4_set_forwarding':
        this.#answersAs(call, 'its_map_vlpi');
        return;
      default:
    }
  }

  /** KVM_IRQFD: registers one consumer as its last step, whatever comes of it; deassign registers none. */
  #irqfd(call: LoggedCall): void {
    const registered = called(call, 'irq_bypass_register_consumer').length;
    const flags = numberOf(argumentOf(call.arguments, 'flags'));
    if (!this.#traced.has('irq_bypass_register_consumer') || flags === undefined || call.result === undefined) return;
    const isAssign = (flags & DEASSIGN) === 0;
    if (isAssign && call.result === 0 && registered !== 1)
      this.#reject(
        `KVM_IRQFD succeeds with ${registered} registrations of a consumer`,
        'one irq_bypass_register_consumer',
      );
    if (isAssign && call.result !== 0 && registered > 0)
      this.#reject(
        `KVM_IRQFD fails with ${call.result} after it registered a consumer: that is its last step, and a failure is only logged`,
        '0',
      );
    if (!isAssign && registered > 0) this.#reject('a deassign registers a consumer', 'no irq_bypass_register_consumer');
  }

  /** The shutdown job unregisters the irqfd's consumer once. */
  #shutdown(call: LoggedCall): void {
    if (!this.#traced.has('irq_bypass_unregister_consumer')) return;
    const count = called(call, 'irq_bypass_unregister_consumer').length;
    if (count !== 1)
      this.#reject(`irqfd_shutdown unregisters ${count} consumers`, 'one irq_bypass_unregister_consumer');
  }

  /** A vector is first taken from its old eventfd, then given to the new one; a failing registration is only logged. */
  #vector(call: LoggedCall): void {
    const fd = numberOf(argumentOf(call.arguments, 'fd'));
    const registrations = called(call, 'irq_bypass_register_producer');
    const unregistrations = called(call, 'irq_bypass_unregister_producer');
    const [registration] = registrations;
    const [unregistration] = unregistrations;
    if (registrations.length > 1 || unregistrations.length > 1)
      this.#reject('one vector registers or unregisters two producers', 'one of each at most');
    if (registration !== undefined && unregistration !== undefined && registration.line < unregistration.line)
      this.#reject(
        'a vector registers its producer before it unregisters the old one',
        'irq_bypass_unregister_producer first',
      );
    if (fd === undefined || !this.#traced.has('irq_bypass_register_producer')) return;
    if (fd < 0 && registration !== undefined)
      this.#reject('a vector that is switched off registers a producer', 'no irq_bypass_register_producer');
    if (fd >= 0 && call.result === 0 && registration === undefined)
      this.#reject('a vector has got its eventfd and registers no producer', 'one irq_bypass_register_producer');
  }

  /** What fails in the call within is what this returns. */
  #answersAs(call: LoggedCall, inner: string): void {
    const within = called(call, inner).at(-1);
    if (call.result === undefined || within?.result === undefined) return;
    if (call.result !== within.result)
      this.#reject(
        `${call.function} returns ${call.result} after ${inner} returned ${within.result}`,
        String(within.result),
      );
  }
}
