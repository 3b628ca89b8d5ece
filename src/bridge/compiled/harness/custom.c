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

/* Allocations: slots of one size, so that their contents are part of a state. */
#define SLOTS 8
#define SLOT_SIZE 128
static struct { char bytes[SLOT_SIZE]; } slots[SLOTS] __attribute__((aligned(64)));
static bool is_taken[SLOTS];

void *harness_allocate(size_t size)
{
	if (size > SLOT_SIZE || !harness_node())
		return NULL;
	for (int i = 0; i < SLOTS; i++)
		if (!is_taken[i]) {
			is_taken[i] = true;
			__asan_unpoison_memory_region(&slots[i], SLOT_SIZE);
			__builtin_memset(&slots[i], 0, SLOT_SIZE);
			if (size < SLOT_SIZE)
				__asan_poison_memory_region(slots[i].bytes + (size + 7) / 8 * 8, SLOT_SIZE - (size + 7) / 8 * 8);
			return &slots[i];
		}
	harness_bug("allocates more than 8 pieces");
}

void harness_free(const void *pointer)
{
	for (int i = 0; i < SLOTS; i++)
		if (pointer == &slots[i] && is_taken[i]) {
			is_taken[i] = false;
			__asan_unpoison_memory_region(&slots[i], SLOT_SIZE);
			__builtin_memset(&slots[i], 0, SLOT_SIZE);
			__asan_poison_memory_region(&slots[i], SLOT_SIZE);
			return;
		}
	if (pointer != NULL)
		harness_trouble("frees what is not allocated");
}

void custom_after_restore(void)
{
	for (int i = 0; i < SLOTS; i++)
		if (is_taken[i])
			__asan_unpoison_memory_region(&slots[i], SLOT_SIZE);
		else
			__asan_poison_memory_region(&slots[i], SLOT_SIZE);
}

/* XArray: pairs sorted by index. */
void xa_init(struct xarray *xa) { *xa = (struct xarray){ 0 }; }

static bool is_internal(const void *entry) { return ((unsigned long)entry & 3) == 2; }

static int place_of(const struct xarray *xa, unsigned long index)
{
	int i = 0;

	while (i < HARNESS_XARRAY_SLOTS && xa->slots[i].entry && xa->slots[i].index < index)
		i++;
	return i;
}

void *xa_load(struct xarray *xa, unsigned long index)
{
	int i = place_of(xa, index);

	return i < HARNESS_XARRAY_SLOTS && xa->slots[i].index == index ? xa->slots[i].entry : NULL;
}

void *xa_store(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp)
{
	int i = place_of(xa, index);
	void *old = xa_load(xa, index);

	(void)gfp;
	check_held();
	if (is_internal(entry)) {
		harness_warn();
		return ERR_PTR(-EINVAL);
	}
	if (old && entry) {
		xa->slots[i].entry = entry;
	} else if (old) {
		for (; i + 1 < HARNESS_XARRAY_SLOTS; i++)
			xa->slots[i] = xa->slots[i + 1];
		xa->slots[i] = (__typeof__(xa->slots[i])){ 0 };
	} else if (entry) {
		/* Only index 0 of an empty array is kept without a node. */
		if ((index != 0 || !xa_empty(xa)) && !harness_node())
			return ERR_PTR(-ENOMEM);
		if (xa->slots[HARNESS_XARRAY_SLOTS - 1].entry)
			harness_bug("stores more than 16 entries in one xarray");
		for (int at = HARNESS_XARRAY_SLOTS - 1; at > i; at--)
			xa->slots[at] = xa->slots[at - 1];
		xa->slots[i].index = index;
		xa->slots[i].entry = entry;
	}
	return old;
}

int xa_insert(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp)
{
	return xa_load(xa, index) ? -EBUSY : xa_err(xa_store(xa, index, entry, gfp));
}

void *xa_cmpxchg(struct xarray *xa, unsigned long index, void *old, void *entry, gfp_t gfp)
{
	void *now = xa_load(xa, index);

	return now == old ? xa_store(xa, index, entry, gfp) : now;
}

void *xa_erase(struct xarray *xa, unsigned long index) { return xa_store(xa, index, NULL, 0); }
void xa_destroy(struct xarray *xa) { xa_init(xa); }
bool xa_empty(const struct xarray *xa) { return xa->slots[0].entry == NULL; }

void *xa_find(struct xarray *xa, unsigned long *index, unsigned long max, unsigned int mark)
{
	int i = place_of(xa, *index);

	(void)mark;
	if (i == HARNESS_XARRAY_SLOTS || !xa->slots[i].entry || xa->slots[i].index > max)
		return NULL;
	*index = xa->slots[i].index;
	return xa->slots[i].entry;
}

void *xa_find_after(struct xarray *xa, unsigned long *index, unsigned long max, unsigned int mark)
{
	if (*index == ~0ul)
		return NULL;
	(*index)++;
	return xa_find(xa, index, max, mark);
}
