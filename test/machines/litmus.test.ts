// System worlds do what litmus sequences say that were written by hand from the kernel, before the machines.
import { describe, expect, it } from 'vitest';
import { ASSIGN } from './litmus/assign.ts';
import { ARM64 } from './litmus/arm64.ts';
import { EVENTFD_AND_IRQFD } from './litmus/eventfd-and-irqfd.ts';
import type { SystemLitmus } from './litmus/format.ts';
import { INTX } from './litmus/intx.ts';
import { POWERPC } from './litmus/powerpc.ts';
import { SVM } from './litmus/svm.ts';
import { VDPA } from './litmus/vdpa.ts';
import { VMX } from './litmus/vmx.ts';
import { returned, sees, SystemRun, threadOf } from './system-run.ts';

/** Runs a sequence; answers it with what happened in place of what should. */
function performed(litmus: SystemLitmus): unknown[] {
  const run = SystemRun.of(litmus, litmus.kernel === '6.12' ? 'base' : 'v2p8');
  return litmus.lines.map(({ call, state }) => {
    const steps = run.line(call);
    return {
      call,
      returns: returned(steps, threadOf(call)) ?? 0,
      sees: sees(steps, ['t0', 'v0', 'v1', 'v2']),
      ...(state === undefined ? {} : { state: run.state(state) }),
    };
  });
}

const expected = ({ lines }: SystemLitmus): unknown[] =>
  lines.map(({ call, returns = 0, sees: seen = '', state }) => ({
    call,
    returns,
    sees: seen,
    ...(state === undefined ? {} : { state }),
  }));

const tables = {
  assign: ASSIGN,
  vmx: VMX,
  svm: SVM,
  arm64: ARM64,
  powerpc: POWERPC,
  vdpa: VDPA,
  intx: INTX,
  eventfds: EVENTFD_AND_IRQFD,
};

describe.each(Object.entries(tables))('%s', (_, table) => {
  for (const litmus of table) {
    it(litmus.title, () => {
      expect(performed(litmus)).toEqual(expected(litmus));
    });
  }
});
