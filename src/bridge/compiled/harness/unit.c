/* The unit under test: the tree's irqbypass.c as it is, and the structs that are registered with it. */
#include "kernel.h"
/* In the scratch folder: a link to the tree's own file. */
#include "irqbypass.c"
#include <linux/xarray.h>

#include "harness.h"

struct eventfd_ctx;

/* Eventfds are keys only: their addresses are multiples of 64, as of a kmalloc-64 slab; all of them in one aligned piece, so that
 * there is no difference between them in the nodes of an xarray. */
struct eventfd_slot { char bytes[64]; };
static struct eventfd_slot unit_eventfds[MAX_STRUCTS]
	__attribute__((aligned(64 * MAX_STRUCTS), section(".harness_keys"))) = { { { 1 } } };

static struct irq_bypass_producer p0, p1, p2, p3;
static struct irq_bypass_consumer c0, c1, c2, c3;
static struct irq_bypass_producer *const producer_of[MAX_STRUCTS] = { &p0, &p1, &p2, &p3 };
static struct irq_bypass_consumer *const consumer_of[MAX_STRUCTS] = { &c0, &c1, &c2, &c3 };
/* Was a consumer's last add_producer with a producer successful, and not undone by del_producer? */
static signed char added[MAX_STRUCTS][MAX_STRUCTS] __attribute__((aligned(16)));

/* Which form the registrations of this tree have. */
#define FORM_BARE 1
#define FORM_KEY 2
#define FORM_KEY_IRQ 3
#define FORM_OF(struct_type, function) _Generic((function), \
	int (*)(struct struct_type *): FORM_BARE, \
	int (*)(struct struct_type *, void *): FORM_KEY, \
	int (*)(struct struct_type *, struct eventfd_ctx *): FORM_KEY, \
	int (*)(struct struct_type *, struct eventfd_ctx *, int): FORM_KEY_IRQ, \
	int (*)(struct struct_type *, struct eventfd_ctx *, unsigned int): FORM_KEY_IRQ, \
	default: 0)
enum {
	PRODUCER_FORM = FORM_OF(irq_bypass_producer, &irq_bypass_register_producer),
	CONSUMER_FORM = FORM_OF(irq_bypass_consumer, &irq_bypass_register_consumer),
};
_Static_assert(PRODUCER_FORM != 0, "irq_bypass_register_producer takes arguments that no known kernel has");
_Static_assert(CONSUMER_FORM != 0, "irq_bypass_register_consumer takes arguments that no known kernel has");
_Static_assert(sizeof(struct irq_bypass_producer) % 8 == 0 && sizeof(struct irq_bypass_consumer) % 8 == 0, "");

const int unit_form = PRODUCER_FORM;
/* The caller writes the key into the struct. */
#define KEYS_BY_CALLER (PRODUCER_FORM == FORM_BARE)

static int number_of_producer(const struct irq_bypass_producer *p)
{
	for (int i = 0; i < MAX_STRUCTS; i++)
		if (producer_of[i] == p)
			return i;
	return -1;
}

static int number_of_consumer(const struct irq_bypass_consumer *c)
{
	for (int i = 0; i < MAX_STRUCTS; i++)
		if (consumer_of[i] == c)
			return i;
	return -1;
}

static int on_add_consumer(struct irq_bypass_producer *p, struct irq_bypass_consumer *c)
{
	int answer = harness_answer(true);

	harness_callback(true, number_of_producer(p), ADD_CALLBACK, number_of_consumer(c), &answer);
	return answer;
}

static void on_del_consumer(struct irq_bypass_producer *p, struct irq_bypass_consumer *c)
{
	harness_callback(true, number_of_producer(p), DEL_CALLBACK, number_of_consumer(c), NULL);
}

static void on_stop_producer(struct irq_bypass_producer *p)
{
	harness_callback(true, number_of_producer(p), STOP_CALLBACK, -1, NULL);
}

static void on_start_producer(struct irq_bypass_producer *p)
{
	harness_callback(true, number_of_producer(p), START_CALLBACK, -1, NULL);
}

static int on_add_producer(struct irq_bypass_consumer *c, struct irq_bypass_producer *p)
{
	int answer = harness_answer(false);
	int ci = number_of_consumer(c), pi = number_of_producer(p);

	harness_callback(false, ci, ADD_CALLBACK, pi, &answer);
	if (answer == 0 && ci >= 0 && pi >= 0)
		added[ci][pi] = 1;
	return answer;
}

static void on_del_producer(struct irq_bypass_consumer *c, struct irq_bypass_producer *p)
{
	int ci = number_of_consumer(c), pi = number_of_producer(p);

	harness_callback(false, ci, DEL_CALLBACK, pi, NULL);
	if (ci >= 0 && pi >= 0)
		added[ci][pi] = 0;
}

static void on_stop_consumer(struct irq_bypass_consumer *c)
{
	harness_callback(false, number_of_consumer(c), STOP_CALLBACK, -1, NULL);
}

static void on_start_consumer(struct irq_bypass_consumer *c)
{
	harness_callback(false, number_of_consumer(c), START_CALLBACK, -1, NULL);
}

void unit_begin(bool is_producer, int i, int lacks)
{
	if (is_producer) {
		producer_of[i]->add_consumer = lacks & LACKS_ADD ? NULL : on_add_consumer;
		producer_of[i]->del_consumer = lacks & LACKS_DEL ? NULL : on_del_consumer;
		producer_of[i]->stop = lacks & LACKS_STOP ? NULL : on_stop_producer;
		producer_of[i]->start = lacks & LACKS_START ? NULL : on_start_producer;
	} else {
		consumer_of[i]->add_producer = lacks & LACKS_ADD ? NULL : on_add_producer;
		consumer_of[i]->del_producer = lacks & LACKS_DEL ? NULL : on_del_producer;
		consumer_of[i]->stop = lacks & LACKS_STOP ? NULL : on_stop_consumer;
		consumer_of[i]->start = lacks & LACKS_START ? NULL : on_start_consumer;
	}
}

void *unit_struct(bool is_producer, int i)
{
	return is_producer ? (void *)producer_of[i] : (void *)consumer_of[i];
}

size_t unit_struct_size(bool is_producer)
{
	return is_producer ? sizeof(struct irq_bypass_producer) : sizeof(struct irq_bypass_consumer);
}

/* The compiler is told which of these the tree has. */
struct set unit_set(bool is_producer)
{
	struct set set = { SET_UNKNOWN, NULL, 0, -1 };
#ifdef HARNESS_SETS
#define KIND_OF(variable) _Generic(&(variable), struct list_head *: SET_LIST, struct xarray *: SET_XARRAY, default: SET_UNKNOWN)
	if (is_producer)
		set = (struct set){ KIND_OF(producers), &producers, sizeof(producers), -1 };
	else
		set = (struct set){ KIND_OF(consumers), &consumers, sizeof(consumers), -1 };
#ifdef HARNESS_NODE
	if (set.kind == SET_LIST)
		set.node = is_producer ? offsetof(struct irq_bypass_producer, HARNESS_NODE)
				       : offsetof(struct irq_bypass_consumer, HARNESS_NODE);
#endif
#ifdef HARNESS_TREE_XARRAY
	if (set.kind == SET_XARRAY)
		set.node = offsetof(struct xarray, xa_head);
#endif
#endif
	return set;
}

int unit_entries(bool is_producer, struct entry *into)
{
	struct set set = unit_set(is_producer);
	unsigned long index;
	void *entry;
	int n = 0;

	if (set.kind == SET_LIST) {
		const struct list_head *head = set.at;

		for (const struct list_head *at = head->next; at && at != head && n < MAX_ENTRIES; at = at->next) {
			into[n].key = NULL;
			into[n].object = (const char *)at - set.node;
			for (int i = 0; i < MAX_STRUCTS; i++)
				if (into[n].object == unit_struct(is_producer, i))
					into[n].key = unit_key(is_producer, i);
			n++;
		}
	} else if (set.kind == SET_XARRAY) {
		xa_for_each((struct xarray *)set.at, index, entry) {
			if (n == MAX_ENTRIES)
				break;
			into[n++] = (struct entry){ (const void *)index, entry };
		}
	}
	return n;
}

unsigned long unit_node_shape(const void *node)
{
#ifdef HARNESS_TREE_XARRAY
	const struct xa_node *one = node;
	unsigned long shape = one->shift << 16 | one->count << 8 | one->nr_values;

	for (int mark = 0; mark < XA_MAX_MARKS; mark++)
		for (unsigned long i = 0; i < XA_MARK_LONGS; i++)
			shape = shape << 8 | hweight_long(one->marks[mark][i]);
	return (shape ^ 0x9e37) * 0xff51afd7ed558ccdul >> 32;
#else
	(void)node;
	return 0;
#endif
}

void *unit_key(bool is_producer, int i)
{
	return is_producer ? (void *)producer_of[i]->HARNESS_KEY : (void *)consumer_of[i]->HARNESS_KEY;
}

void *unit_peer(bool is_producer, int i)
{
#ifdef HARNESS_PEERS
	return is_producer ? (void *)producer_of[i]->consumer : (void *)consumer_of[i]->producer;
#else
	(void)is_producer, (void)i;
	return NULL;
#endif
}

bool unit_has_peer(void)
{
#ifdef HARNESS_PEERS
	return true;
#else
	return false;
#endif
}

int unit_irq(int i)
{
	return producer_of[i]->irq;
}

int unit_added(int consumer, int producer)
{
	return added[consumer][producer];
}

const void *unit_all_added(void) { return added; }

void *unit_eventfd(int i)
{
	return &unit_eventfds[i];
}

/* Through a volatile pointer: a branch of another form than the tree's is compiled, and never taken. */
#define CALL_FORM(function, types, arguments) ({ \
	int (*volatile harness_function) types = (int (*) types)(void *)(function); \
	harness_function arguments; })

static int register_producer(struct irq_bypass_producer *p, void *key, int irq)
{
	if (PRODUCER_FORM == FORM_BARE)
		return CALL_FORM(irq_bypass_register_producer, (struct irq_bypass_producer *), (p));
	if (PRODUCER_FORM == FORM_KEY)
		return CALL_FORM(irq_bypass_register_producer, (struct irq_bypass_producer *, void *), (p, key));
	return CALL_FORM(irq_bypass_register_producer, (struct irq_bypass_producer *, void *, int), (p, key, irq));
}

static int register_consumer(struct irq_bypass_consumer *c, void *key)
{
	if (CONSUMER_FORM == FORM_BARE)
		return CALL_FORM(irq_bypass_register_consumer, (struct irq_bypass_consumer *), (c));
	return CALL_FORM(irq_bypass_register_consumer, (struct irq_bypass_consumer *, void *), (c, key));
}

/* Is a struct in a list? An array is not asked: where the key is the caller's the sets are lists. */
static bool is_listed(bool is_producer, int i)
{
	struct set set = unit_set(is_producer);
	const struct list_head *head = set.at;
	int n = 0;

	if (set.kind == SET_LIST)
		for (const struct list_head *at = head->next; at != head && n < MAX_ENTRIES; at = at->next, n++)
			if ((const char *)at == (const char *)unit_struct(is_producer, i) + set.node)
				return true;
	return false;
}

void unit_look(bool is_producer, int i, int eventfds, struct sight *into)
{
	const void *key = unit_key(is_producer, i), *peer = unit_peer(is_producer, i);
	struct set set = unit_set(is_producer);

	into->irq = is_producer ? unit_irq(i) : 0;
	into->key = key ? SEES_OTHER : SEES_NULL;
	into->peer = peer ? SEES_OTHER : SEES_NULL;
	for (int other = 0; other < MAX_STRUCTS; other++) {
		if (key == unit_eventfd(other))
			into->key = other;
		if (peer == unit_struct(!is_producer, other))
			into->peer = other;
	}
	into->is_in = set.kind == SET_UNKNOWN ? SEES_OTHER : 0;
	if (set.kind == SET_LIST)
		into->is_in = is_listed(is_producer, i);
	else if (set.kind == SET_XARRAY)
		/* Nobody registers under another key: to look for them is less work than to walk. */
		for (int other = -1; other < eventfds; other++)
			if (xa_load(set.at, other < 0 ? 0 : (unsigned long)unit_eventfd(other)) == unit_struct(is_producer, i))
				into->is_in = 1;
}

static bool writes_key(const struct call *call, bool is_producer, bool is_clean)
{
	return KEYS_BY_CALLER && !(is_clean && is_listed(is_producer, call->object));
}

static bool clears_key(const struct call *call, bool is_producer, bool is_clean, int returned)
{
	return KEYS_BY_CALLER && is_clean && returned && !is_listed(is_producer, call->object);
}

/* Where the key is the caller's: one that is clean writes it only into a struct that is not registered, and clears it when its
 * struct is not; any other writes it before each registration and leaves it. The irq is written by the caller where it is no argument. */
int unit_call(const struct call *call, bool is_clean, int irq)
{
	void *key = call->eventfd < 0 ? NULL : unit_eventfd(call->eventfd);
	struct irq_bypass_producer *p = producer_of[call->object];
	struct irq_bypass_consumer *c = consumer_of[call->object];
	int returned = 0;

	switch (call->operation) {
	case REGISTER_PRODUCER:
		if (writes_key(call, true, is_clean))
			p->HARNESS_KEY = key;
		if (PRODUCER_FORM != FORM_KEY_IRQ)
			p->irq = irq;
		returned = register_producer(p, key, irq);
		if (clears_key(call, true, is_clean, returned))
			p->HARNESS_KEY = NULL;
		break;
	case REGISTER_CONSUMER:
		if (writes_key(call, false, is_clean))
			c->HARNESS_KEY = key;
		returned = register_consumer(c, key);
		if (clears_key(call, false, is_clean, returned))
			c->HARNESS_KEY = NULL;
		break;
	case UNREGISTER_PRODUCER:
		irq_bypass_unregister_producer(p);
		if (KEYS_BY_CALLER && is_clean)
			p->HARNESS_KEY = NULL;
		break;
	case UNREGISTER_CONSUMER:
		irq_bypass_unregister_consumer(c);
		if (KEYS_BY_CALLER && is_clean)
			c->HARNESS_KEY = NULL;
		break;
	}
	return returned;
}
