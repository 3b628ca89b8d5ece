// The KUnit case of one counterexample: its calls, races staged by somebody who holds the mutex, and what callers may rely on
// afterwards. What is expected is of no revision: who is registered is connected, and nobody else; what is stopped is started;
// an eventfd is free when nobody is registered with it.
import type { Policy } from '../../machines/manager/policy.ts';
import type { Discipline } from '../../machines/manager/tokens.ts';
import type { StructDefinition } from '../../scenarios/define.ts';
import { accountFields, KEYS, managerCalls } from './kunit-prologue.ts';
import { CALLBACKS, callsOf, EXPECTATIONS, INIT, RACE, STRUCT } from './kunit-trace-parts.ts';
import type { KernelFiles } from './kunit.ts';
import { buildFiles } from './kunit.ts';
import type { StagedCall, Staging } from './staging.ts';

/** What a case is made of. */
export interface CounterexampleCase {
  /** `double_unregister_race`. */
  readonly name: string;
  /** What it shows, for the comment. */
  readonly about: readonly string[];
  readonly staging: Staging;
  /** Producers and consumers of the scenario. */
  readonly structs: readonly StructDefinition[];
  readonly discipline: Discipline;
}

const number = (name: string): number => Number(name.slice(1));
const half = (object: string): 'producer' | 'consumer' => (object.startsWith('p') ? 'producer' : 'consumer');

const keyOf = (call: StagedCall): number =>
  call.argument === undefined || call.argument === null ? -1 : number(call.argument);

function comment(lines: readonly string[]): string {
  return lines
    .flatMap((line) => {
      const indent = /^ */.exec(line)?.[0] ?? '';
      const rows: string[] = [];
      for (const word of line.trimStart().split(' ')) {
        const last = rows.at(-1);
        if (last === undefined) rows.push(`${indent}${word}`);
        else if (last.length + word.length > 74) rows.push(`${indent}${indent}${word}`);
        else rows[rows.length - 1] = `${last} ${word}`;
      }
      return rows;
    })
    .map((row) => ` *${row === '' ? '' : ` ${row.replaceAll('*/', '* /').replaceAll(/\p{Cc}/gu, ' ')}`}`)
    .join('\n');
}

function stageLines(calls: readonly StagedCall[], index: number): { readonly table: string; readonly lines: string[] } {
  const [only, ...others] = calls;
  if (only !== undefined && others.length === 0) {
    const { op, object } = only;
    const line =
      op === 'copy'
        ? `t->${half(object)}[${keyOf(only)}] = t->${half(object)}[${number(object)}];`
        : `call(${op.toUpperCase()}, ${number(object)}, ${keyOf(only)});`;
    return { table: '', lines: [`\t${line}`] };
  }
  const rows = calls.map(
    (one) => `\t\t{ .operation = ${one.op.toUpperCase()}, .i = ${number(one.object)}, .eventfd = ${keyOf(one)} },`,
  );
  return {
    table: `\tstatic struct call at_once_${index}[] = {\n${rows.join('\n')}\n\t};\n`,
    lines: [`\trace(test, at_once_${index}, ARRAY_SIZE(at_once_${index}));`],
  };
}

/** Callbacks that structs do without, and what add callbacks answer, in C. */
function setUpLines({ structs, staging }: CounterexampleCase): { readonly table: string; readonly lines: string[] } {
  const answers = Object.entries(staging.answers).filter(([, all]) => all.some((one) => one !== 0));
  return {
    table: answers
      .map(([struct, all]) => `\tstatic const int answers_${struct}[] = { ${[...all, 'END'].join(', ')} };\n`)
      .join(''),
    lines: [
      ...structs.flatMap(({ name, lacks = [] }) =>
        lacks.map((one) => `\tt->${half(name)}[${number(name)}].${one} = NULL;`),
      ),
      ...answers.map(([struct]) => `\tt->answers_${half(struct)}[${number(struct)}] = answers_${struct};`),
    ],
  };
}

/** Numbers of structs and eventfds that a case needs. */
function sizesOf({ staging, structs }: CounterexampleCase): {
  readonly structs: number;
  readonly eventfds: readonly number[];
} {
  const calls = staging.stages.flatMap((stage) => stage.calls);
  const named = [...structs.map((struct) => struct.name), ...calls.map(({ object }) => object)];
  const keys = calls.filter(({ op }) => op.startsWith('register')).map(keyOf);
  return {
    structs: Math.max(...named.map(number), ...keys) + 1,
    eventfds: [...new Set(keys)].toSorted((a, b) => a - b),
  };
}

/** The case itself: its calls, then what is expected, then everybody unregisters, and the same is expected again. */
function caseText(one: CounterexampleCase, eventfds: readonly number[]): string {
  const setUp = setUpLines(one);
  const stages = one.staging.stages.map((stage, i) => stageLines(stage.calls, i));
  const lines = [...setUp.lines, ...(setUp.lines.length === 0 ? [] : ['']), ...stages.flatMap((stage) => stage.lines)];
  const tables = [setUp.table, ...stages.map(({ table }) => table)].join('');
  const struct = lines.some((line) => line.includes('t->')) ? '\tstruct irqbypass_test *t = &test_ctx;\n' : '';
  const probes = eventfds.map((eventfd) => `\texpect_taken(test, ${eventfd});`).join('\n');
  const warned = '\tKUNIT_EXPECT_FALSE_MSG(test, !was_tainted && test_taint(TAINT_WARN), "it warned");';
  return `
static void ${one.name}(struct kunit *test)
{
${tables}${struct}	bool was_tainted = test_taint(TAINT_WARN);
	int i;

	if (was_tainted)
		kunit_info(test, "this kernel has warned before: a warning of this case fails nothing\\n");
${lines.join('\n')}

${warned}
	expect_connections(test);
${probes}
	unregister_all();
	expect_connections(test);
${probes}
	for (i = 0; i < SPARE; i++)
		expect_can_register(test, i);
${warned}
}
`;
}

/** The file of a counterexample. */
export function traceSuite(policy: Policy, one: CounterexampleCase): string {
  const { structs, eventfds } = sizesOf(one);
  const isRaced = one.staging.stages.some((stage) => stage.calls.length > 1);
  const { name, about, discipline } = one;
  return `// SPDX-License-Identifier: GPL-2.0
/*
${comment(about)}
 *
 * Generated by irqbypass-lab. Where it fails the manager may be left as it should
 * not be: nothing that comes after it is sure.
 */
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/irqbypass.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/panic.h>
#include <linux/string.h>

#define SPARE ${structs}
#define HOLDER ${structs + 1}
#define STRUCTS ${structs + 2}
/* After the last answer. */
#define END 1

${STRUCT}${accountFields(policy, 'STRUCTS')}};

/* Not on the heap: what a broken manager still knows stays where it is. */
static struct irqbypass_test test_ctx;

${CALLBACKS}${KEYS}${managerCalls(policy, discipline)}
${callsOf(policy)}${isRaced ? RACE : ''}${EXPECTATIONS}${INIT}${caseText(one, eventfds)}
static struct kunit_case irqbypass_trace_test_cases[] = {
	KUNIT_CASE(${name}),
	{}
};

static struct kunit_suite irqbypass_trace_test_suite = {
	.name = "irqbypass_trace",
	.init = irqbypass_trace_test_init,
	.test_cases = irqbypass_trace_test_cases,
};

kunit_test_suites(&irqbypass_trace_test_suite);

MODULE_DESCRIPTION("A counterexample of the IRQ bypass manager");
MODULE_LICENSE("GPL");
`;
}

/** The files of a counterexample's case, by their path in a kernel tree. */
export function traceFiles(policy: Policy, one: CounterexampleCase): KernelFiles {
  return { 'virt/lib/tests/irqbypass_trace_kunit.c': traceSuite(policy, one), ...buildFiles('trace') };
}
