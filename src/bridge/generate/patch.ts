// Files for a kernel tree as one patch, as git format-patch writes it: for `git am`.
import type { KernelFiles } from './kunit.ts';

/** A change of a file that the tree has: what is put at its end. */
export interface Appended {
  readonly path: string;
  /** What is there now. */
  readonly before: string;
  /** Lines that are added, each with its end. */
  readonly added: string;
}

const CONTEXT = 3;
/** A patch that is made again is the same. */
const DATE = 'Thu, 1 Jan 1970 00:00:00 +0000';

const linesOf = (text: string): string[] => text.replace(/\n$/, '').split('\n');

function created(path: string, text: string): string {
  const lines = linesOf(text);
  return `diff --git a/${path} b/${path}
new file mode 100644
--- /dev/null
+++ b/${path}
@@ -0,0 +1,${lines.length} @@
${lines.map((line) => `+${line}`).join('\n')}
`;
}

function appended({ path, before, added }: Appended): string {
  const old = linesOf(before);
  const context = old.slice(-CONTEXT);
  const first = old.length - context.length + 1;
  const more = linesOf(added);
  return `diff --git a/${path} b/${path}
--- a/${path}
+++ b/${path}
@@ -${first},${context.length} +${first},${context.length + more.length} @@
${[...context.map((line) => ` ${line}`), ...more.map((line) => `+${line}`)].join('\n')}
`;
}

/**
 * One patch.
 *
 * @param subject - its first line
 * @param body - what is said of it, in lines of at most 75 characters
 * @param files - that it creates, by their path
 * @param changes - of files that are there
 */
export function patchOf(
  subject: string,
  body: readonly string[],
  files: KernelFiles,
  changes: readonly Appended[],
): string {
  const diffs = [
    ...changes.map(({ path, ...change }) => ({ path, text: appended({ path, ...change }) })),
    ...Object.entries(files).map(([path, text]) => ({ path, text: created(path, text) })),
  ].toSorted((a, b) => (a.path < b.path ? -1 : 1));
  return `From 0000000000000000000000000000000000000000 Mon Sep 17 00:00:00 2001
From: irqbypass-lab <irqbypass-lab@localhost>
Date: ${DATE}
Subject: [PATCH] ${subject}

${body.join('\n')}
---
${diffs.map(({ path }) => ` ${path}`).join('\n')}

${diffs.map(({ text }) => text).join('')}-- 
irqbypass-lab
`;
}
