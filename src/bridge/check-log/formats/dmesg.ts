// Kernel messages: what they say of irqbypass is evidence, no verdict.
import type { Evidence, LogFormat } from '../log-event.ts';
import { nanoseconds } from './task-lines.ts';

const STAMP = /^(?:<\d+>)?(?:\S+ \S+ kernel: )?\[\s*(\d+)\.(\d{6})\](?:\[[TC]\d+\])? ?(.*)$/;

/** What is known, the more particular first. */
const KNOWN: readonly (readonly [Evidence, RegExp])[] = [
  ['registration fails', /irq bypass (?:producer|consumer) \((?:token|eventfd) \S+ registration fails/],
  ['unregistration fails', /irq bypass (?:producer|consumer) \((?:token|eventfd) \S+ unregistration fails/],
  ['list corruption', /list_(?:add|del) corruption/],
  ['oops', /\b(?:Oops|BUG: (?:kernel NULL|unable to handle|KASAN)|general protection fault|Unable to handle kernel)/],
  ['workqueue lockup', /BUG: workqueue lockup/],
  ['hung task', /INFO: task \S+ blocked for more than/],
  ['lockdep', /WARNING: (?:possible|inconsistent|suspicious|bad)|BUG: (?:sleeping function|Invalid wait context)/],
  ['warning', /WARNING: CPU: /],
];

export const dmesg: LogFormat = {
  id: 'dmesg',
  recognises: (line) => STAMP.test(line) || KNOWN.some(([, pattern]) => pattern.test(line)),
  read(line) {
    const about = KNOWN.find(([, pattern]) => pattern.test(line))?.[0];
    if (about === undefined) return null;
    const [, seconds, fraction = '', text = line] = STAMP.exec(line) ?? [];
    const time = seconds === undefined ? null : nanoseconds(seconds, fraction);
    return { kind: 'message', time, cpu: null, about, text: text.trim() };
  },
};
