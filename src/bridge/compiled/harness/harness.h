/* What the unit (the tree's file with the structs that are registered), the custom symbols and the main loop share. */
#ifndef IRQBYPASS_HARNESS_H
#define IRQBYPASS_HARNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MAX_STRUCTS 4
#define MAX_CALLBACKS 16

enum operation { REGISTER_PRODUCER, UNREGISTER_PRODUCER, REGISTER_CONSUMER, UNREGISTER_CONSUMER };
enum fault { NO_FAULT, ADD_CONSUMER_FAILS, ADD_PRODUCER_FAILS, ALLOCATION_FAILS, MODULE_GET_FAILS };
enum callback_kind { ADD_CALLBACK, DEL_CALLBACK, STOP_CALLBACK, START_CALLBACK };

struct call {
	int operation;
	int object;
	/* -1 for NULL */
	int eventfd;
	int fault;
	/* The call of another thread while this one waits for the mutex; NULL for none. */
	const struct call *race;
	/* The same without fault and race. */
	const struct call *plain;
};

/* What a callback could see of a struct: who and which by number, or one of these. */
#define SEES_NULL (-1)
#define SEES_OTHER (-2)
struct sight {
	signed char key, peer;
	/* Is the struct in its set? SEES_OTHER where that cannot be seen. */
	signed char is_in;
	int irq;
};

/* One callback of a struct: its own sight, and that of the struct that it was given. */
struct callback {
	bool is_producer;
	signed char object, peer;
	unsigned char kind;
	int answer;
	struct sight own, other;
};

/* What was seen of a call. */
struct seen {
	int value;
	bool returns;
	bool warns;
	bool races;
	int callbacks;
	struct callback callback[MAX_CALLBACKS];
};

/* A set of the tree. */
enum set_kind { SET_UNKNOWN, SET_LIST, SET_XARRAY };
struct set {
	enum set_kind kind;
	void *at;
	size_t size;
	/* Of the node in the struct, for a list; of the word that leads to the nodes, for an xarray of the tree; -1 for none. */
	long node;
};

/* An entry of a set. */
struct entry { const void *key, *object; };
#define MAX_ENTRIES 16

/* unit.c */
/* Arguments of irq_bypass_register_producer: the struct; and a key; and an irq. */
extern const int unit_form;
/* Which callbacks a struct does without. */
#define LACKS_ADD 1
#define LACKS_DEL 2
#define LACKS_STOP 4
#define LACKS_START 8
void unit_begin(bool is_producer, int i, int lacks);
void *unit_struct(bool is_producer, int i);
size_t unit_struct_size(bool is_producer);
struct set unit_set(bool is_producer);
/* Entries of a set in its order, at most MAX_ENTRIES. Runs code of the tree where the set is one of its xarrays. */
int unit_entries(bool is_producer, struct entry *into);
/* A number for what a node of an xarray of the tree is, other than where it is and what it leads to; 0 for no such node. */
unsigned long unit_node_shape(const void *node);
void *unit_key(bool is_producer, int i);
/* The partner that the struct points to; NULL where it points to none, or has no such field. */
void *unit_peer(bool is_producer, int i);
bool unit_has_peer(void);
void unit_look(bool is_producer, int i, int eventfds, struct sight *into);
int unit_added(int consumer, int producer);
/* MAX_STRUCTS rows of as many bytes: those of a consumer. */
const void *unit_all_added(void);
void *unit_eventfd(int i);
int unit_irq(int i);
/* A bare call: its return value, 0 for the void functions. */
int unit_call(const struct call *call, bool is_clean, int irq);

/* custom.c */
extern int custom_held;
extern int custom_references;
extern bool custom_has_references;
/* No call is under way any more. */
void custom_end(void);
/* Allocations: a slot each, in which unused bytes are 0. */
#define SLOTS 96
#define SLOT_SIZE 640
/* Size of what a slot holds; 0 for a free one. */
extern unsigned short custom_size[SLOTS];
extern int custom_taken;
extern struct slot { char bytes[SLOT_SIZE]; } custom_slots[SLOTS];
void custom_take(int slot, size_t size);
void custom_release(int slot);
/* Makes all slots free, whatever was written to them. */
void custom_release_all(void);

/* harness.c, kunit-runner.c */
void harness_callback(bool is_producer, int i, enum callback_kind kind, int peer, const int *answer);
int harness_answer(bool is_producer);
void harness_race(void);
/* A mutex is held: returns when it may be tried again, if ever. */
void harness_contended(const int *held);
/* Is this part of a set of the manager? */
bool harness_is_of_set(const void *at);
void harness_trouble(const char *what);
void harness_corruption(const char *what) __attribute__((noreturn));
bool harness_module_get_fails(void);

#endif
