// For which irqfds there is a producer. By itself: what the command line offers is known before anything is measured.

export const producerShares = ['none', 'half', 'all'] as const;
/**
 * For which of the irqfds a producer is registered too: those of no VM, of every second one, of all. A VM has a device, and
 * then a producer for each of its irqfds, or none.
 */
export type ProducerShare = (typeof producerShares)[number];
