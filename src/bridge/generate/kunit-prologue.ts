// What generated KUnit suites begin with: structs, callbacks that log, calls as the revision's kernels have them.
import type { Policy } from '../../machines/manager/policy.ts';
import type { Discipline } from '../../machines/manager/tokens.ts';

/** A number for each eventfd, and the address that stands for it. */
export const KEYS = `/* The manager compares addresses, nobody looks at what is there. */
static void *key(int i)
{
	static struct {
		char bytes[64];
	} eventfds[STRUCTS] __aligned(64);

	return &eventfds[i];
}

`;

/** Callbacks that log what is called. */
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

static int note_add_consumer(struct irq_bypass_producer *p, struct irq_bypass_consumer *c)
{
	int error = current_ctx->add_consumer_error;

	current_ctx->add_consumer_error = 0;
	note("p%d.add_consumer(c%d)=%d", nr_producer(p), nr_consumer(c), error);
	return error;
}

static void note_del_consumer(struct irq_bypass_producer *p, struct irq_bypass_consumer *c)
{
	note("p%d.del_consumer(c%d)", nr_producer(p), nr_consumer(c));
}

static void note_stop_producer(struct irq_bypass_producer *p)
{
	note("p%d.stop", nr_producer(p));
}

static void note_start_producer(struct irq_bypass_producer *p)
{
	note("p%d.start", nr_producer(p));
}

static int note_add_producer(struct irq_bypass_consumer *c, struct irq_bypass_producer *p)
{
	int error = current_ctx->add_producer_error;

	current_ctx->add_producer_error = 0;
	note("c%d.add_producer(p%d)=%d", nr_consumer(c), nr_producer(p), error);
	return error;
}

static void note_del_producer(struct irq_bypass_consumer *c, struct irq_bypass_producer *p)
{
	note("c%d.del_producer(p%d)", nr_consumer(c), nr_producer(p));
}

static void note_stop_consumer(struct irq_bypass_consumer *c)
{
	note("c%d.stop", nr_consumer(c));
}

static void note_start_consumer(struct irq_bypass_consumer *c)
{
	note("c%d.start", nr_consumer(c));
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
		t->producer[i].add_consumer = note_add_consumer;
		t->producer[i].del_consumer = note_del_consumer;
		t->producer[i].stop = note_stop_producer;
		t->producer[i].start = note_start_producer;
		t->consumer[i].add_producer = note_add_producer;
		t->consumer[i].del_producer = note_del_producer;
		t->consumer[i].stop = note_stop_consumer;
		t->consumer[i].start = note_start_consumer;
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

/**
 * The four calls as the kernels of a revision have them: `register_producer(t, i, eventfd)` and so on.
 *
 * @param policy - of the revision
 * @param discipline - what a caller does with a token that is its own
 */
export function managerCalls(policy: Policy, discipline: Discipline = 'clean'): string {
  const isClean = policy.keyOwner === 'caller' && discipline === 'clean';
  const irq = policy.irq === 'argument' ? ', 32 + i' : '';
  const registers = (side: 'producer' | 'consumer'): string => {
    if (policy.keyOwner !== 'caller')
      return `	return irq_bypass_register_${side}(&t->${side}[i], eventfd${side === 'producer' ? irq : ''});`;
    if (!isClean)
      return `	t->${side}[i].token = eventfd;
	return irq_bypass_register_${side}(&t->${side}[i]);`;
    return `	int error;

	if (!t->is_registered_${side}[i])
		t->${side}[i].token = eventfd;
	error = irq_bypass_register_${side}(&t->${side}[i]);
	if (!error)
		t->is_registered_${side}[i] = true;
	else if (!t->is_registered_${side}[i])
		t->${side}[i].token = NULL;
	return error;`;
  };
  const unregisters = (side: 'producer' | 'consumer'): string =>
    isClean
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
  return `${calls('producer')}
${calls('consumer')}`;
}

/** Fields of a test in which a caller that clears its tokens keeps account; none where the manager does. */
export function accountFields(policy: Policy, size: string): string {
  if (policy.keyOwner !== 'caller') return '';
  return ['producer', 'consumer'].map((side) => `	bool is_registered_${side}[${size}];\n`).join('');
}

/** What both suites begin with: structs, callbacks that log, calls as this tree has them. */
export function prologue(title: string, policy: Policy, structs: number): string {
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
${accountFields(policy, 'STRUCTS')}	/* What the next callback of this name returns. */
	int add_consumer_error;
	int add_producer_error;
	char log[256];
};

/* Callbacks get their struct only. */
static struct irqbypass_test *current_ctx;

${CALLBACKS}${KEYS}${managerCalls(policy)}
${LIFE_OF_A_CASE}`;
}
