// KUnit suites: a small one, of cases that are named after the rule that each tests, and one of every path.
//
// Conventions of Documentation/dev-tools/kunit/style.rst: virt/lib/tests/<suite>_kunit.c, one Kconfig entry each. Expectations
// are what the revision's machines did.
import type { Policy } from '../../machines/manager/policy.ts';
import { errno } from '../../machines/kernel/call.ts';
import type { CallObserved } from '../call-system.ts';
import type { ManagerCall } from '../manager-calls.ts';
import type { WalkStep } from './call-graph.ts';

/** A rule of the manager, and the calls that show it. */
export interface RuleCase {
  readonly name: string;
  /** What is tested, and which bug it would have caught. */
  readonly comment: string;
  readonly calls: readonly ManagerCall[];
}

/** Which files a suite has, by their path in a kernel tree. */
export type KernelFiles = Readonly<Record<string, string>>;

const register = (object: string, eventfd: string | null, fault?: ManagerCall['fault']): ManagerCall => ({
  op: object.startsWith('p') ? 'register_producer' : 'register_consumer',
  object,
  eventfd,
  ...(fault === undefined ? {} : { fault }),
});
const unregister = (object: string): ManagerCall => ({
  op: object.startsWith('p') ? 'unregister_producer' : 'unregister_consumer',
  object,
});

/** The small suite. Each is at most a dozen lines of C; none of them warns on a manager that does what 4.10 and later do. */
export const ruleCases: readonly RuleCase[] = [
  {
    name: 'producer_alone_is_not_connected',
    comment: 'Registering one side calls nobody.',
    calls: [register('p0', 'e0'), unregister('p0')],
  },
  {
    name: 'consumer_after_producer_is_connected',
    comment: 'Stops, adds and starts come in this order; starts in the order reverse to stops.',
    calls: [register('p0', 'e0'), register('c0', 'e0')],
  },
  {
    name: 'producer_after_consumer_is_connected',
    comment: 'Which side comes second makes no difference.',
    calls: [register('c0', 'e0'), register('p0', 'e0')],
  },
  {
    name: 'other_eventfd_is_not_connected',
    comment: 'The key decides.',
    calls: [register('p0', 'e0'), register('c0', 'e1')],
  },
  {
    name: 'producer_unregister_disconnects',
    comment: 'The consumer stays and is connected to the next producer.',
    calls: [register('p0', 'e0'), register('c0', 'e0'), unregister('p0'), register('p1', 'e0')],
  },
  {
    name: 'consumer_unregister_disconnects',
    comment: 'The producer stays and is connected to the next consumer.',
    calls: [register('p0', 'e0'), register('c0', 'e0'), unregister('c0'), register('c1', 'e0')],
  },
  {
    name: 'second_producer_is_refused',
    comment: 'One producer for each eventfd; the first one stays connected.',
    calls: [register('p0', 'e0'), register('c0', 'e0'), register('p1', 'e0')],
  },
  {
    name: 'second_consumer_is_refused',
    comment: 'One consumer for each eventfd; the first one stays connected.',
    calls: [register('p0', 'e0'), register('c0', 'e0'), register('c1', 'e0')],
  },
  {
    name: 'failed_add_consumer_starts_both_again',
    comment:
      'add_producer is not called, nor del_consumer; both are started (e44b49f623c7). The newcomer is not registered.',
    calls: [register('c0', 'e0'), register('p0', 'e0', 'add_consumer'), register('p1', 'e0')],
  },
  {
    name: 'failed_add_producer_is_rolled_back',
    comment: 'del_consumer undoes add_consumer, both are started again. The newcomer is not registered.',
    calls: [register('p0', 'e0'), register('c0', 'e0', 'add_producer'), register('c1', 'e0')],
  },
  {
    name: 'failed_registration_can_be_repeated',
    comment: 'After a failed connect the same struct can be registered.',
    calls: [register('c0', 'e0'), register('p0', 'e0', 'add_producer'), register('p0', 'e0')],
  },
  {
    name: 'unregister_twice_does_nothing',
    comment: 'The second call finds nothing to do, and others stay.',
    calls: [register('p0', 'e0'), register('c0', 'e0'), unregister('p0'), unregister('p0'), register('p1', 'e0')],
  },
  {
    name: 'unregister_before_register_does_nothing',
    comment: 'A zeroed struct is not registered.',
    calls: [unregister('p0'), unregister('c0')],
  },
];

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
  return [...fails, made, ...expectedCallbacks(observed)];
}

/** Callbacks in lines of less than 80 columns. */
function expectedCallbacks({ callbacks }: CallObserved): string[] {
  if (callbacks.length === 0) return ['\tEXPECT_CALLBACKS("");'];
  const lines: string[] = [];
  for (const one of callbacks) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + one.length < 44) lines[lines.length - 1] = `${last} ${one}`;
    else lines.push(one);
  }
  const strings = lines.map((line, i) => `"${line}${i < lines.length - 1 ? ' ' : ''}"`);
  return [`\tEXPECT_CALLBACKS(${strings.join('\n\t\t\t ')});`];
}

/** Does each step do without a WARN? */
const isSilent = (steps: readonly WalkStep[]): boolean => steps.every(({ observed }) => !observed.warn);

/** Callbacks that log what is called, and the keys. */
const CALLBACKS = `static void note(const char *format, ...) __printf(1, 2);
static void note(const char *format, ...)
{
	size_t used = strlen(current_ctx->log);
	va_list args;

	if (used && used + 1 < sizeof(current_ctx->log))
		current_ctx->log[used++] = ' ';
	va_start(args, format);
	vsnprintf(current_ctx->log + used, sizeof(current_ctx->log) - used, format, args);
	va_end(args);
}

static int nr_producer(struct irq_bypass_producer *p)
{
	return p - current_ctx->producer;
}

static int nr_consumer(struct irq_bypass_consumer *c)
{
	return c - current_ctx->consumer;
}

static int add_consumer(struct irq_bypass_producer *p, struct irq_bypass_consumer *c)
{
	int error = current_ctx->add_consumer_error;

	current_ctx->add_consumer_error = 0;
	note("p%d.add_consumer(c%d)=%d", nr_producer(p), nr_consumer(c), error);
	return error;
}

static void del_consumer(struct irq_bypass_producer *p, struct irq_bypass_consumer *c)
{
	note("p%d.del_consumer(c%d)", nr_producer(p), nr_consumer(c));
}

static void stop_producer(struct irq_bypass_producer *p)
{
	note("p%d.stop", nr_producer(p));
}

static void start_producer(struct irq_bypass_producer *p)
{
	note("p%d.start", nr_producer(p));
}

static int add_producer(struct irq_bypass_consumer *c, struct irq_bypass_producer *p)
{
	int error = current_ctx->add_producer_error;

	current_ctx->add_producer_error = 0;
	note("c%d.add_producer(p%d)=%d", nr_consumer(c), nr_producer(p), error);
	return error;
}

static void del_producer(struct irq_bypass_consumer *c, struct irq_bypass_producer *p)
{
	note("c%d.del_producer(p%d)", nr_consumer(c), nr_producer(p));
}

static void stop_consumer(struct irq_bypass_consumer *c)
{
	note("c%d.stop", nr_consumer(c));
}

static void start_consumer(struct irq_bypass_consumer *c)
{
	note("c%d.start", nr_consumer(c));
}

/* The manager compares addresses, nobody looks at what is there. */
static void *key(int i)
{
	static struct {
		char bytes[64];
	} eventfds[STRUCTS] __aligned(64);

	return &eventfds[i];
}

`;

/** What a case begins and ends with. */
const LIFE_OF_A_CASE = `#define EXPECT_CALLBACKS(expected)				\\
do {								\\
	KUNIT_EXPECT_STREQ(test, t->log, expected);		\\
	t->log[0] = '\\0';					\\
	t->add_consumer_error = 0;				\\
	t->add_producer_error = 0;				\\
} while (0)

static int irqbypass_test_init(struct kunit *test)
{
	struct irqbypass_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	int i;

	if (!t)
		return -ENOMEM;
	for (i = 0; i < STRUCTS; i++) {
		t->producer[i].add_consumer = add_consumer;
		t->producer[i].del_consumer = del_consumer;
		t->producer[i].stop = stop_producer;
		t->producer[i].start = start_producer;
		t->consumer[i].add_producer = add_producer;
		t->consumer[i].del_producer = del_producer;
		t->consumer[i].stop = stop_consumer;
		t->consumer[i].start = start_consumer;
	}
	current_ctx = t;
	test->priv = t;
	return 0;
}

/* Nothing is left to the next case. */
static void irqbypass_test_exit(struct kunit *test)
{
	struct irqbypass_test *t = test->priv;
	int i;

	if (!t)
		return;
	for (i = 0; i < STRUCTS; i++) {
		unregister_producer(t, i);
		unregister_consumer(t, i);
	}
}
`;

/** What both suites begin with: structs, callbacks that log, calls as this tree has them. */
function prologue(title: string, policy: Policy, structs: number): string {
  const byCaller = policy.keyOwner === 'caller';
  const irq = policy.irq === 'argument' ? ', 32 + i' : '';
  const registers = (side: 'producer' | 'consumer'): string =>
    byCaller
      ? `	int error;

	if (!t->is_registered_${side}[i])
		t->${side}[i].token = eventfd;
	error = irq_bypass_register_${side}(&t->${side}[i]);
	if (!error)
		t->is_registered_${side}[i] = true;
	else if (!t->is_registered_${side}[i])
		t->${side}[i].token = NULL;
	return error;`
      : `	return irq_bypass_register_${side}(&t->${side}[i], eventfd${side === 'producer' ? irq : ''});`;
  const unregisters = (side: 'producer' | 'consumer'): string =>
    byCaller
      ? `	irq_bypass_unregister_${side}(&t->${side}[i]);
	t->${side}[i].token = NULL;
	t->is_registered_${side}[i] = false;`
      : `	irq_bypass_unregister_${side}(&t->${side}[i]);`;
  const calls = (
    side: 'producer' | 'consumer',
  ): string => `static int register_${side}(struct irqbypass_test *t, int i, void *eventfd)
{
${registers(side)}
}

static void unregister_${side}(struct irqbypass_test *t, int i)
{
${unregisters(side)}
}
`;
  return `// SPDX-License-Identifier: GPL-2.0
/*
 * ${title}
 *
 * Generated by irqbypass-lab.
 */
#include <kunit/test.h>
#include <linux/irqbypass.h>
#include <linux/module.h>
#include <linux/string.h>

#define STRUCTS ${structs}

struct irqbypass_test {
	struct irq_bypass_producer producer[STRUCTS];
	struct irq_bypass_consumer consumer[STRUCTS];
${byCaller ? '	bool is_registered_producer[STRUCTS];\n	bool is_registered_consumer[STRUCTS];\n' : ''}	/* What the next callback of this name returns. */
	int add_consumer_error;
	int add_producer_error;
	char log[256];
};

/* Callbacks get their struct only. */
static struct irqbypass_test *current_ctx;

${CALLBACKS}${calls('producer')}
${calls('consumer')}
${LIFE_OF_A_CASE}`;
}

function epilogue(suite: string, cases: readonly string[]): string {
  return `
static struct kunit_case ${suite}_test_cases[] = {
${cases.map((name) => `\tKUNIT_CASE(${name}),`).join('\n')}
	{}
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

/** The small suite: a case for each rule. */
export function smallSuite(
  policy: Policy,
  cases: readonly (RuleCase & { readonly steps: readonly WalkStep[] })[],
): string {
  const silent = cases.filter(({ steps }) => isSilent(steps));
  const bodies = silent.map(
    ({ name, comment, steps }) => `
${commentOf(comment)}
static void ${name}(struct kunit *test)
{
	struct irqbypass_test *t = test->priv;

${steps.flatMap(expectations).join('\n')}
}
`,
  );
  const names = silent.map(({ name }) => name);
  return `${prologue('KUnit tests for the IRQ bypass manager', policy, 2)}${bodies.join('')}${epilogue('irqbypass', names)}`;
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

/** Takes the steps of a table. */
const WALK = `
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
};

static void walk(struct kunit *test, const struct step *steps, size_t count)
{
	struct irqbypass_test *t = test->priv;
	size_t i;

	for (i = 0; i < count; i++) {
		const struct step *step = &steps[i];
		void *eventfd = step->eventfd < 0 ? NULL : key(step->eventfd);
		int returned = 0;

		t->add_consumer_error = step->add_consumer_error;
		t->add_producer_error = step->add_producer_error;
		switch (step->operation) {
		case REGISTER_PRODUCER:
			returned = register_producer(t, step->i, eventfd);
			break;
		case REGISTER_CONSUMER:
			returned = register_consumer(t, step->i, eventfd);
			break;
		case UNREGISTER_PRODUCER:
			unregister_producer(t, step->i);
			break;
		case UNREGISTER_CONSUMER:
			unregister_consumer(t, step->i);
			break;
		}
		KUNIT_EXPECT_EQ_MSG(test, returned, step->returns, "step %zu", i);
		KUNIT_EXPECT_STREQ_MSG(test, t->log, step->callbacks, "step %zu", i);
		t->log[0] = '\\0';
		t->add_consumer_error = 0;
		t->add_producer_error = 0;
	}
}
`;

/** The suite of every path: walks as tables of steps, a case for each. */
export function pathSuite(policy: Policy, walks: readonly (readonly WalkStep[])[], structs: number): string {
  const silent = walks.filter(isSilent);
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
    return `\t{ ${operation(call)}, ${number(call.object)}, ${eventfd}${fails}.returns = ${text(observed.returns ?? 0)},\n\t  .callbacks = "${observed.callbacks.join(' ')}" },`;
  };
  const tables = silent.map(
    (steps, i) => `
static const struct step path${i}[] = {
${steps.map(row).join('\n')}
};

static void path_${i}(struct kunit *test)
{
	walk(test, path${i}, ARRAY_SIZE(path${i}));
}
`,
  );
  return `${prologue('Every path through the calls of the IRQ bypass manager', policy, structs)}${WALK}${tables.join('')}${epilogue(
    'irqbypass_paths',
    silent.map((_, i) => `path_${i}`),
  )}`;
}

/** Kconfig, Makefile and .kunitconfig of the suites, and the suites, by their path in a tree. */
export function kunitFiles(small: string, paths: string): KernelFiles {
  return {
    'virt/lib/tests/irqbypass_kunit.c': small,
    'virt/lib/tests/irqbypass_paths_kunit.c': paths,
    'virt/lib/tests/Makefile': `# SPDX-License-Identifier: GPL-2.0-only
obj-$(CONFIG_IRQBYPASS_KUNIT_TEST) += irqbypass_kunit.o
obj-$(CONFIG_IRQBYPASS_PATHS_KUNIT_TEST) += irqbypass_paths_kunit.o
`,
    'virt/lib/tests/Kconfig': `# SPDX-License-Identifier: GPL-2.0-only
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

config IRQBYPASS_ENABLE_FOR_KUNIT
	bool "Enable the IRQ bypass manager for KUnit tests"
	depends on KUNIT
	select IRQ_BYPASS_MANAGER
	help
	  The manager has no prompt of its own. This enables it where KVM and
	  VFIO are not.
`,
    'virt/lib/tests/.kunitconfig': `CONFIG_KUNIT=y
CONFIG_IRQBYPASS_ENABLE_FOR_KUNIT=y
CONFIG_IRQBYPASS_KUNIT_TEST=y
CONFIG_IRQBYPASS_PATHS_KUNIT_TEST=y
`,
  };
}
