/* What the unit (the tree's file with the structs that are registered), the custom symbols and the main loop share. */
#ifndef IRQBYPASS_HARNESS_H
#define IRQBYPASS_HARNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MAX_STRUCTS 4

enum operation { REGISTER_PRODUCER, UNREGISTER_PRODUCER, REGISTER_CONSUMER, UNREGISTER_CONSUMER };
enum fault { NO_FAULT, ADD_CONSUMER_FAILS, ADD_PRODUCER_FAILS, ALLOCATION_FAILS, MODULE_GET_FAILS };

struct call {
	int operation;
	int object;
	/* -1 for NULL */
	int eventfd;
	int fault;
	/* The call of another thread while this one waits for the mutex; NULL for none. */
	const struct call *race;
};

/* What was seen of a call. */
struct seen {
	bool returns;
	int value;
	bool warns;
	bool races;
	int callbacks;
	char callback[16][40];
};

/* A set of the tree. */
enum set_kind { SET_UNKNOWN, SET_LIST, SET_XARRAY };
struct set {
	enum set_kind kind;
	void *at;
	size_t size;
	/* Of the node in the struct, for a list. */
	size_t node;
};

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
void *unit_key(bool is_producer, int i);
/* The partner that the struct points to; NULL where it points to none, or has no such field. */
void *unit_peer(bool is_producer, int i);
bool unit_has_peer(void);
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
void custom_after_restore(void);

/* harness.c */
void harness_callback(bool is_producer, int i, const char *callback, int peer, const int *answer);
int harness_answer(bool is_producer);
void harness_race(void);
/* A mutex is held: returns when it may be tried again, if ever. */
void harness_contended(const int *held);
void harness_trouble(const char *what);
void harness_corruption(const char *what) __attribute__((noreturn));
bool harness_module_get_fails(void);

#endif
