/* The symbols of custom.h. */
#include "kernel.h"
#include "harness.h"
#ifdef HARNESS_NO_SANITIZER
#define __asan_poison_memory_region(at, size) ((void)(at), (void)(size))
#define __asan_unpoison_memory_region(at, size) ((void)(at), (void)(size))
#else
#include <sanitizer/asan_interface.h>
#endif

/* Mutexes that are held, of all there are. */
int custom_held;
int custom_references;
bool custom_has_references;

void mutex_init(struct mutex *lock) { lock->held = 0; }

void mutex_lock(struct mutex *lock)
{
	harness_race();
	while (lock->held)
		harness_contended(&lock->held);
	lock->held = 1;
	custom_held++;
}

int mutex_trylock(struct mutex *lock)
{
	harness_race();
	if (lock->held)
		return 0;
	lock->held = 1;
	custom_held++;
	return 1;
}

void mutex_unlock(struct mutex *lock)
{
	if (!lock->held) {
		harness_trouble("unlocks a mutex that it does not hold");
		return;
	}
	lock->held = 0;
	custom_held--;
}

bool try_module_get(struct module *module)
{
	(void)module;
	custom_has_references = true;
	if (harness_module_get_fails())
		return false;
	custom_references++;
	return true;
}

void __module_get(struct module *module)
{
	(void)module;
	custom_has_references = true;
	custom_references++;
}

void module_put(struct module *module)
{
	(void)module;
	custom_references--;
}

#define POISON1 ((void *)0xdead000000000100)
#define POISON2 ((void *)0xdead000000000122)

/* Lists and xarrays are the manager's sets here: whoever changes one holds its mutex. */
static void check_held(void)
{
	if (custom_held == 0)
		harness_trouble("changes a set without the mutex");
}

static void check_add(const struct list_head *node, const struct list_head *prev, const struct list_head *next)
{
	if (prev == NULL || next == NULL)
		harness_corruption("list_add: beside NULL");
	if (next->prev != prev || prev->next != next)
		harness_corruption("list_add: the neighbours do not point to each other");
	if (node == prev || node == next)
		harness_corruption("list_add: the node is there already");
}

static void insert(struct list_head *node, struct list_head *prev, struct list_head *next)
{
	check_held();
	check_add(node, prev, next);
	next->prev = node;
	node->next = next;
	node->prev = prev;
	prev->next = node;
}

void list_add(struct list_head *node, struct list_head *head) { insert(node, head, head->next); }
void list_add_tail(struct list_head *node, struct list_head *head) { insert(node, head->prev, head); }

static void unlink_node(struct list_head *node)
{
	struct list_head *next = node->next, *prev = node->prev;

	check_held();
	if (next == NULL || prev == NULL)
		harness_corruption("list_del: the node was never in a list");
	if (next == POISON1 || prev == POISON2)
		harness_corruption("list_del: the node was deleted before");
	if (prev->next != node || next->prev != node)
		harness_corruption("list_del: the neighbours do not point to the node");
	next->prev = prev;
	prev->next = next;
}

void list_del(struct list_head *node)
{
	unlink_node(node);
	node->next = POISON1;
	node->prev = POISON2;
}

void list_del_init(struct list_head *node)
{
	unlink_node(node);
	INIT_LIST_HEAD(node);
}

void list_move(struct list_head *node, struct list_head *head)
{
	unlink_node(node);
	list_add(node, head);
}

void hlist_add_head(struct hlist_node *node, struct hlist_head *head)
{
	struct hlist_node *first = head->first;

	check_held();
	node->next = first;
	if (first)
		first->pprev = &node->next;
	head->first = node;
	node->pprev = &head->first;
}

static void hlist_unlink(struct hlist_node *node)
{
	check_held();
	*node->pprev = node->next;
	if (node->next)
		node->next->pprev = node->pprev;
}

void hlist_del(struct hlist_node *node)
{
	hlist_unlink(node);
	node->next = POISON1;
	node->pprev = POISON2;
}

void hlist_del_init(struct hlist_node *node)
{
	if (node->pprev == NULL)
		return;
	hlist_unlink(node);
	INIT_HLIST_NODE(node);
}

#include "custom-memory.c"
#ifndef HARNESS_TREE_XARRAY
#include "xarray-shim.c"
#endif
