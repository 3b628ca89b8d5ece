// The C that the case of a counterexample is made of.
import type { Policy } from '../../machines/manager/policy.ts';

/** What a case knows: fields; it is closed by whoever uses it. */
export const STRUCT = `struct irqbypass_test {
	struct irq_bypass_producer producer[STRUCTS];
	struct irq_bypass_consumer consumer[STRUCTS];
	/* What callers know. */
	bool has_producer[STRUCTS];
	bool has_consumer[STRUCTS];
	void *producer_key[STRUCTS];
	void *consumer_key[STRUCTS];
	/* What callbacks were told: adds that succeeded, less dels; stops, less starts. */
	int added_consumer[STRUCTS][STRUCTS];
	int added_producer[STRUCTS][STRUCTS];
	int stopped_producer[STRUCTS];
	int stopped_consumer[STRUCTS];
	/* What add callbacks return, one call after the other. */
	const int *answers_producer[STRUCTS];
	const int *answers_consumer[STRUCTS];
`;

/** Callbacks keep account of what they are told. */
export const CALLBACKS = `static int nr_producer(struct irq_bypass_producer *p)
{
	return p - test_ctx.producer;
}

static int nr_consumer(struct irq_bypass_consumer *c)
{
	return c - test_ctx.consumer;
}

static int next_answer(const int **answers)
{
	if (!*answers || **answers == END)
		return 0;
	return *(*answers)++;
}

static int add_consumer(struct irq_bypass_producer *p, struct irq_bypass_consumer *c)
{
	int error = next_answer(&test_ctx.answers_producer[nr_producer(p)]);

	if (!error)
		test_ctx.added_consumer[nr_producer(p)][nr_consumer(c)]++;
	return error;
}

static void del_consumer(struct irq_bypass_producer *p, struct irq_bypass_consumer *c)
{
	test_ctx.added_consumer[nr_producer(p)][nr_consumer(c)]--;
}

static int add_producer(struct irq_bypass_consumer *c, struct irq_bypass_producer *p)
{
	int error = next_answer(&test_ctx.answers_consumer[nr_consumer(c)]);

	if (!error)
		test_ctx.added_producer[nr_consumer(c)][nr_producer(p)]++;
	return error;
}

static void del_producer(struct irq_bypass_consumer *c, struct irq_bypass_producer *p)
{
	test_ctx.added_producer[nr_consumer(c)][nr_producer(p)]--;
}

static void stop_producer(struct irq_bypass_producer *p)
{
	test_ctx.stopped_producer[nr_producer(p)]++;
}

static void start_producer(struct irq_bypass_producer *p)
{
	test_ctx.stopped_producer[nr_producer(p)]--;
}

static void stop_consumer(struct irq_bypass_consumer *c)
{
	test_ctx.stopped_consumer[nr_consumer(c)]++;
}

static void start_consumer(struct irq_bypass_consumer *c)
{
	test_ctx.stopped_consumer[nr_consumer(c)]--;
}

`;

/** A key that is the caller's is what the struct has: another thread may have written it in between. */
function accountOf({ keyOwner }: Policy): string {
  const key = (half: string): string => (keyOwner === 'caller' ? `t->${half}[call->i].token` : 'key_of(call->eventfd)');
  return `/* Keeps account of a call that has returned. */
static void account(const struct call *call)
{
	struct irqbypass_test *t = &test_ctx;

	switch (call->operation) {
	case REGISTER_PRODUCER:
		if (call->returned)
			break;
		t->has_producer[call->i] = true;
		t->producer_key[call->i] = ${key('producer')};
		break;
	case REGISTER_CONSUMER:
		if (call->returned)
			break;
		t->has_consumer[call->i] = true;
		t->consumer_key[call->i] = ${key('consumer')};
		break;
	case UNREGISTER_PRODUCER:
		t->has_producer[call->i] = false;
		break;
	case UNREGISTER_CONSUMER:
		t->has_consumer[call->i] = false;
		break;
	}
}

`;
}

/** Calls by number, as threads make them too, and the account of who is registered. */
export const callsOf = (
  policy: Policy,
): string => `enum operation { REGISTER_PRODUCER, UNREGISTER_PRODUCER, REGISTER_CONSUMER, UNREGISTER_CONSUMER };

struct call {
	enum operation operation;
	int i;
	/* -1 for NULL */
	int eventfd;
	int returned;
	struct completion done;
};

static void *key_of(int eventfd)
{
	return eventfd < 0 ? NULL : key(eventfd);
}

static void make(struct call *call)
{
	struct irqbypass_test *t = &test_ctx;

	switch (call->operation) {
	case REGISTER_PRODUCER:
		call->returned = register_producer(t, call->i, key_of(call->eventfd));
		break;
	case REGISTER_CONSUMER:
		call->returned = register_consumer(t, call->i, key_of(call->eventfd));
		break;
	case UNREGISTER_PRODUCER:
		unregister_producer(t, call->i);
		break;
	case UNREGISTER_CONSUMER:
		unregister_consumer(t, call->i);
		break;
	}
}

${accountOf(policy)}static void call(enum operation operation, int i, int eventfd)
{
	struct call one = { .operation = operation, .i = i, .eventfd = eventfd };

	make(&one);
	account(&one);
}

`;

/** Calls at once: somebody holds the mutex until each has run its unlocked half and waits. */
export const RACE = `static DECLARE_COMPLETION(is_inside);
static DECLARE_COMPLETION(may_go);

static int hold_mutex(struct irq_bypass_consumer *c, struct irq_bypass_producer *p)
{
	complete(&is_inside);
	wait_for_completion(&may_go);
	return add_producer(c, p);
}

static int racer(void *data)
{
	struct call *one = data;

	make(one);
	complete(&one->done);
	return 0;
}

/*
 * Makes calls in this order of the mutex, with the unlocked halves of all before
 * the locked half of the first. The mutex is handed over in the order of waiting:
 * a callback of the holder keeps it until everybody waits.
 */
static void race(struct kunit *test, struct call *calls, int count)
{
	static struct call holder = {
		.operation = REGISTER_PRODUCER, .i = HOLDER, .eventfd = HOLDER
	};
	int started;
	int i;

	init_completion(&holder.done);
	reinit_completion(&is_inside);
	reinit_completion(&may_go);
	test_ctx.consumer[HOLDER].add_producer = hold_mutex;
	KUNIT_EXPECT_EQ(test, register_consumer(&test_ctx, HOLDER, key(HOLDER)), 0);
	if (IS_ERR(kthread_run(racer, &holder, "irqbypass-holder"))) {
		KUNIT_FAIL(test, "no thread for the holder");
		return;
	}
	if (!wait_for_completion_timeout(&is_inside, 10 * HZ))
		KUNIT_FAIL(test, "the holder is not connected");
	for (started = 0; started < count; started++) {
		init_completion(&calls[started].done);
		if (IS_ERR(kthread_run(racer, &calls[started], "irqbypass-%d", started))) {
			KUNIT_FAIL(test, "no thread for call %d", started);
			break;
		}
		msleep(20);
	}
	complete(&may_go);
	wait_for_completion(&holder.done);
	for (i = 0; i < started; i++) {
		wait_for_completion(&calls[i].done);
		account(&calls[i]);
	}
	unregister_producer(&test_ctx, HOLDER);
	unregister_consumer(&test_ctx, HOLDER);
}

`;

/** What callers may rely on, whatever came before. */
export const EXPECTATIONS = `/* Who is registered with one key is connected, and nobody else; what was stopped runs again. */
static void expect_connections(struct kunit *test)
{
	struct irqbypass_test *t = &test_ctx;
	int p, c;

	for (p = 0; p < STRUCTS; p++) {
		KUNIT_EXPECT_EQ_MSG(test, t->stopped_producer[p], 0, "p%d", p);
		KUNIT_EXPECT_EQ_MSG(test, t->stopped_consumer[p], 0, "c%d", p);
	}
	for (p = 0; p < STRUCTS; p++) {
		for (c = 0; c < STRUCTS; c++) {
			int is_pair = t->has_producer[p] && t->has_consumer[c] &&
				      t->producer_key[p] == t->consumer_key[c];

			if (t->producer[p].add_consumer && t->producer[p].del_consumer)
				KUNIT_EXPECT_EQ_MSG(test, t->added_consumer[p][c], is_pair,
						    "p%d c%d", p, c);
			KUNIT_EXPECT_EQ_MSG(test, t->added_producer[c][p], is_pair,
					    "c%d p%d", c, p);
		}
	}
}

static bool is_taken(const bool *has, void *const *keys, void *eventfd)
{
	int i;

	for (i = 0; i < STRUCTS; i++)
		if (has[i] && keys[i] == eventfd)
			return true;
	return false;
}

/* A newcomer is refused where somebody is registered, and nowhere else. */
static void expect_taken(struct kunit *test, int eventfd)
{
	struct irqbypass_test *t = &test_ctx;
	void *key = key_of(eventfd);
	int returned = register_producer(t, SPARE, key);

	/* NULL may be refused in any case. */
	if (key || returned != -EINVAL)
		KUNIT_EXPECT_EQ_MSG(test, returned != 0,
				    is_taken(t->has_producer, t->producer_key, key),
				    "producer of eventfd %d: %d", eventfd, returned);
	if (!returned)
		unregister_producer(t, SPARE);
	returned = register_consumer(t, SPARE, key);
	if (key || returned != -EINVAL)
		KUNIT_EXPECT_EQ_MSG(test, returned != 0,
				    is_taken(t->has_consumer, t->consumer_key, key),
				    "consumer of eventfd %d: %d", eventfd, returned);
	if (!returned)
		unregister_consumer(t, SPARE);
}

static void unregister_all(void)
{
	int i;

	for (i = 0; i < STRUCTS; i++) {
		if (test_ctx.has_producer[i])
			call(UNREGISTER_PRODUCER, i, -1);
		if (test_ctx.has_consumer[i])
			call(UNREGISTER_CONSUMER, i, -1);
	}
}

/* A struct that is not registered can be. */
static void expect_can_register(struct kunit *test, int i)
{
	KUNIT_EXPECT_EQ_MSG(test, register_producer(&test_ctx, i, key(SPARE)), 0, "p%d", i);
	unregister_producer(&test_ctx, i);
	KUNIT_EXPECT_EQ_MSG(test, register_consumer(&test_ctx, i, key(SPARE)), 0, "c%d", i);
	unregister_consumer(&test_ctx, i);
}

`;

/** Callbacks of every struct. */
export const INIT = `static int irqbypass_trace_test_init(struct kunit *test)
{
	int i;

	for (i = 0; i < STRUCTS; i++) {
		test_ctx.producer[i].add_consumer = add_consumer;
		test_ctx.producer[i].del_consumer = del_consumer;
		test_ctx.producer[i].stop = stop_producer;
		test_ctx.producer[i].start = start_producer;
		test_ctx.consumer[i].add_producer = add_producer;
		test_ctx.consumer[i].del_producer = del_producer;
		test_ctx.consumer[i].stop = stop_consumer;
		test_ctx.consumer[i].start = start_consumer;
	}
	return 0;
}
`;
