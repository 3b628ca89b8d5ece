// KUnit suites: a small one, of cases that are named after the rule that each tests, and one of every path.
//
// Conventions of Documentation/dev-tools/kunit/style.rst: virt/lib/tests/<suite>_kunit.c, one Kconfig entry each. Expectations
// are what the revision's machines did.
import type { Policy } from '../../machines/manager/policy.ts';
import { errno } from '../../machines/kernel/call.ts';
import type { Lacks } from '../call-model.ts';
import type { CallObserved } from '../call-system.ts';
import type { ManagerCall } from '../manager-calls.ts';
import type { WalkStep } from './call-graph.ts';
import { prologue } from './kunit-prologue.ts';
import type { RuleCase } from './rule-cases.ts';

/** A sequence of calls, of structs that do without some callbacks. */
export interface Walk {
  readonly lacks: Lacks;
  readonly steps: readonly WalkStep[];
}

/** Which files a suite has, by their path in a kernel tree. */
export type KernelFiles = Readonly<Record<string, string>>;

const text = (value: number): string => {
  const found = Object.entries(errno).find(([, number]) => number === -value);
  return value === 0 ? '0' : found === undefined ? String(value) : `-${found[0]}`;
};

const number = (name: string): string => name.slice(1);
const keyOf = (eventfd: string | null | undefined): string =>
  eventfd === null || eventfd === undefined ? 'NULL' : `key(${number(eventfd)})`;

/** A call in C, as the suite's own helpers make it. */
function callOf({ op, object, eventfd }: ManagerCall): string {
  return op.startsWith('register') ? `${op}(t, ${number(object)}, ${keyOf(eventfd)})` : `${op}(t, ${number(object)})`;
}

function expectations({ call, observed }: WalkStep): string[] {
  const fails =
    call.fault === 'add_consumer' || call.fault === 'add_producer' ? [`\tt->${call.fault}_error = -EIO;`] : [];
  const made =
    observed.returns === null
      ? `\t${callOf(call)};`
      : `\tKUNIT_EXPECT_EQ(test, ${callOf(call)}, ${text(observed.returns)});`;
  const warning = [
    '\tkunit_warning_suppress(test) {',
    `\t${made}`,
    '\t\tKUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 1);',
    '\t}',
  ];
  return [...fails, ...(observed.warn ? warning : [made]), ...expectedCallbacks(observed)];
}

/** Callbacks in one string, that a search finds; where it is long, in a line of its own. */
function expectedCallbacks({ callbacks }: CallObserved): string[] {
  const string = `"${callbacks.join(' ')}"`;
  return [string.length < 50 ? `\tEXPECT_CALLBACKS(${string});` : `\tEXPECT_CALLBACKS(\n\t\t${string});`];
}

/** Does each step do without a WARN? */
const isSilent = (steps: readonly WalkStep[]): boolean => steps.every(({ observed }) => !observed.warn);

/** What only kernels have in which a test can suppress the backtrace of a warning. */
const suppressing = (text: string, otherwise = ''): string =>
  `#ifdef kunit_warning_suppress\n${text}${otherwise === '' ? '' : `#else\n${otherwise}`}#endif\n`;

const caseLines = (names: readonly string[]): string => names.map((name) => `\tKUNIT_CASE(${name}),\n`).join('');

function epilogue(suite: string, cases: string): string {
  return `
static struct kunit_case ${suite}_test_cases[] = {
${cases}	{}
};

static struct kunit_suite ${suite}_test_suite = {
	.name = "${suite}",
	.init = irqbypass_test_init,
	.exit = irqbypass_test_exit,
	.test_cases = ${suite}_test_cases,
};

kunit_test_suites(&${suite}_test_suite);

MODULE_DESCRIPTION("KUnit tests for the IRQ bypass manager");
MODULE_LICENSE("GPL");
`;
}

/** Callbacks that structs do without. */
function clearedLines(lacks: Lacks = {}): string {
  return Object.entries(lacks)
    .flatMap(([struct, callbacks]) =>
      callbacks.map(
        (one) => `\tt->${struct.startsWith('p') ? 'producer' : 'consumer'}[${number(struct)}].${one} = NULL;\n`,
      ),
    )
    .join('');
}

/** The small suite: a case for each rule. */
export function smallSuite(
  policy: Policy,
  cases: readonly (RuleCase & { readonly steps: readonly WalkStep[] })[],
): string {
  const bodyOf = ({ name, comment, steps, lacks }: (typeof cases)[number]): string => `${commentOf(comment)}
static void ${name}(struct kunit *test)
{
	struct irqbypass_test *t = test->priv;

${clearedLines(lacks)}${steps.flatMap(expectations).join('\n')}
}
`;
  const inKernels = ({ steps }: (typeof cases)[number], lines: string): string =>
    isSilent(steps) ? lines : suppressing(lines);
  const bodies = cases.map((one) => `\n${inKernels(one, bodyOf(one))}`);
  const names = cases.map((one) => inKernels(one, caseLines([one.name])));
  return `${prologue('KUnit tests for the IRQ bypass manager', policy, 2)}${bodies.join('')}${epilogue('irqbypass', names.join(''))}`;
}

function commentOf(comment: string): string {
  const words = comment.split(' ');
  const lines: string[] = [''];
  for (const word of words) {
    const last = lines.at(-1) ?? '';
    if (last.length + word.length > 70) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines.length === 1 ? `/* ${lines[0] ?? ''} */` : `/*\n${lines.map((line) => ` * ${line}`).join('\n')}\n */`;
}

/** The irq that was given is in the struct. */
const IRQ = `		if (step->operation == REGISTER_PRODUCER && !returned)
			KUNIT_EXPECT_EQ_MSG(test, t->producer[step->i].irq, 32 + step->i, "step %zu", i);
`;

/** Takes the steps of a table. */
const walk = ({ irq }: Policy): string => `
enum operation { REGISTER_PRODUCER, UNREGISTER_PRODUCER, REGISTER_CONSUMER, UNREGISTER_CONSUMER };

struct step {
	enum operation operation;
	int i;
	/* -1 for NULL */
	int eventfd;
	int add_consumer_error;
	int add_producer_error;
	int returns;
	const char *callbacks;
	int warnings;
};

static int take(struct irqbypass_test *t, const struct step *step)
{
	void *eventfd = step->eventfd < 0 ? NULL : key(step->eventfd);

	switch (step->operation) {
	case REGISTER_PRODUCER:
		return register_producer(t, step->i, eventfd);
	case REGISTER_CONSUMER:
		return register_consumer(t, step->i, eventfd);
	case UNREGISTER_PRODUCER:
		unregister_producer(t, step->i);
		break;
	case UNREGISTER_CONSUMER:
		unregister_consumer(t, step->i);
		break;
	}
	return 0;
}

static void walk(struct kunit *test, const struct step *steps, size_t count)
{
	struct irqbypass_test *t = test->priv;
	size_t i;

	for (i = 0; i < count; i++) {
		const struct step *step = &steps[i];
		int returned;

		t->add_consumer_error = step->add_consumer_error;
		t->add_producer_error = step->add_producer_error;
#ifdef kunit_warning_suppress
		kunit_warning_suppress(test) {
			returned = take(t, step);
			KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, step->warnings);
		}
#else
		returned = take(t, step);
#endif
		KUNIT_EXPECT_EQ_MSG(test, returned, step->returns, "step %zu", i);
${irq === 'argument' ? IRQ : ''}		KUNIT_EXPECT_STREQ_MSG(test, t->log, step->callbacks, "step %zu", i);
		t->log[0] = '\\0';
		t->add_consumer_error = 0;
		t->add_producer_error = 0;
	}
}
`;

/** Walks as tables of steps, a case for each. */
function pathCases(walks: readonly Walk[]): string {
  const operation = ({ op }: ManagerCall): string => op.toUpperCase();
  const row = ({ call, observed }: WalkStep): string => {
    const fails =
      call.fault === 'add_consumer'
        ? '.add_consumer_error = -EIO, '
        : call.fault === 'add_producer'
          ? '.add_producer_error = -EIO, '
          : '';
    const eventfd = call.op.startsWith('register')
      ? `.eventfd = ${call.eventfd === null ? '-1' : number(call.eventfd ?? '')}, `
      : '';
    const warnings = observed.warn ? ', .warnings = 1' : '';
    return `\t{ ${operation(call)}, ${number(call.object)}, ${eventfd}${fails}.returns = ${text(observed.returns ?? 0)}${warnings},
\t  .callbacks =
\t  "${observed.callbacks.join(' ')}"
\t},`;
  };
  const tables = walks.map(({ lacks, steps }, i) => {
    const setUp = clearedLines(lacks);
    return `
static const struct step path${i}[] = {
${steps.map(row).join('\n')}
};

static void path_${i}(struct kunit *test)
{
${setUp === '' ? '' : `\tstruct irqbypass_test *t = test->priv;\n\n${setUp}`}\twalk(test, path${i}, ARRAY_SIZE(path${i}));
}
`;
  });
  return tables.join('');
}

/**
 * The suite of every path.
 *
 * @param policy - whose calls are made
 * @param walks - that warn nowhere
 * @param warning - those instead where a test can suppress warnings; none where nothing warns
 * @param structs - how many of each half, and eventfds
 */
export function pathSuite(
  policy: Policy,
  walks: readonly Walk[],
  warning: readonly Walk[] | null,
  structs: number,
): string {
  const names = (some: readonly Walk[]): string => caseLines(some.map((_, i) => `path_${i}`));
  const either = (text: (some: readonly Walk[]) => string): string =>
    warning === null ? text(walks) : suppressing(text(warning), text(walks));
  const title = 'Every path through the calls of the IRQ bypass manager';
  return `${prologue(title, policy, structs)}${walk(policy)}${either(pathCases)}${epilogue('irqbypass_paths', either(names))}`;
}

/** Lines at the end of files of the tree that lead to the tests. */
export const treeLines: Readonly<Record<string, string>> = {
  'virt/lib/Kconfig': '\nsource "virt/lib/tests/Kconfig"\n',
  'virt/lib/Makefile': '\nobj-y += tests/\n',
};

/** Kconfig and Makefile, the same for all suites, and the configuration that runs the ones at hand. */
export function buildFiles(which: 'suites' | 'trace'): KernelFiles {
  const enabled = which === 'trace' ? ['TRACE_KUNIT_TEST'] : ['KUNIT_TEST', 'PATHS_KUNIT_TEST'];
  return {
    'virt/lib/tests/Makefile': `# SPDX-License-Identifier: GPL-2.0-only
obj-$(CONFIG_IRQBYPASS_KUNIT_TEST) += irqbypass_kunit.o
obj-$(CONFIG_IRQBYPASS_PATHS_KUNIT_TEST) += irqbypass_paths_kunit.o
obj-$(CONFIG_IRQBYPASS_TRACE_KUNIT_TEST) += irqbypass_trace_kunit.o
`,
    'virt/lib/tests/Kconfig': KCONFIG,
    [`virt/lib/tests/${which === 'trace' ? 'trace' : ''}.kunitconfig`]: `CONFIG_KUNIT=y
CONFIG_IRQBYPASS_ENABLE_FOR_KUNIT=y
${enabled.map((one) => `CONFIG_IRQBYPASS_${one}=y\n`).join('')}`,
  };
}

const KCONFIG = `# SPDX-License-Identifier: GPL-2.0-only
config IRQBYPASS_KUNIT_TEST
	tristate "KUnit tests for the IRQ bypass manager" if !KUNIT_ALL_TESTS
	depends on KUNIT && IRQ_BYPASS_MANAGER
	default KUNIT_ALL_TESTS
	help
	  Builds unit tests for the IRQ bypass manager, which connects
	  producers and consumers of interrupts.

	  For more information on KUnit and unit tests in general please refer
	  to the KUnit documentation in Documentation/dev-tools/kunit/.

	  If unsure, say N.

config IRQBYPASS_PATHS_KUNIT_TEST
	tristate "KUnit tests of every path of the IRQ bypass manager"
	depends on KUNIT && IRQ_BYPASS_MANAGER
	help
	  Builds generated tests: every pair of calls that can follow each
	  other.

	  If unsure, say N.

config IRQBYPASS_TRACE_KUNIT_TEST
	tristate "KUnit test of one counterexample of the IRQ bypass manager"
	depends on KUNIT && IRQ_BYPASS_MANAGER
	help
	  Builds a generated test: one interleaving, and what callers may rely
	  on after it.

	  If unsure, say N.

config IRQBYPASS_ENABLE_FOR_KUNIT
	bool "Enable the IRQ bypass manager for KUnit tests"
	depends on KUNIT
	select IRQ_BYPASS_MANAGER
	help
	  The manager has no prompt of its own. This enables it where KVM and
	  VFIO are not.
`;

/** The suites with Kconfig, Makefile and .kunitconfig, by their path in a tree. */
export function kunitFiles(small: string, paths: string): KernelFiles {
  return {
    'virt/lib/tests/irqbypass_kunit.c': small,
    'virt/lib/tests/irqbypass_paths_kunit.c': paths,
    ...buildFiles('suites'),
  };
}
