/* Memory, spinlocks and RCU of custom.h. Part of custom.c.
 *
 * An allocation is a slot: what it holds is part of a state, which slot it is is not (states.c). */

unsigned short custom_size[SLOTS] __attribute__((section(".harness_slots")));
int custom_taken __attribute__((section(".harness_slots")));
struct slot custom_slots[SLOTS] __attribute__((aligned(64), section(".harness_slots")));

void custom_take(int slot, size_t size)
{
	size_t rounded = (size + 7) / 8 * 8;

	custom_size[slot] = size;
	custom_taken++;
	__asan_unpoison_memory_region(&custom_slots[slot], rounded);
	__asan_poison_memory_region(custom_slots[slot].bytes + rounded, SLOT_SIZE - rounded);
}

void custom_release(int slot)
{
	size_t rounded = (custom_size[slot] + 7ul) / 8 * 8;

	__builtin_memset(&custom_slots[slot], 0, rounded);
	__asan_poison_memory_region(&custom_slots[slot], SLOT_SIZE);
	custom_size[slot] = 0;
	custom_taken--;
}

void custom_release_all(void)
{
	__asan_unpoison_memory_region(custom_slots, sizeof(custom_slots));
	__builtin_memset(custom_slots, 0, sizeof(custom_slots));
	__builtin_memset(custom_size, 0, sizeof(custom_size));
	custom_taken = 0;
	__asan_poison_memory_region(custom_slots, sizeof(custom_slots));
}

void *harness_allocate(size_t size)
{
	if (size == 0 || size > SLOT_SIZE || !harness_node())
		return NULL;
	for (int i = 0; i < SLOTS; i++)
		if (custom_size[i] == 0) {
			custom_take(i, size);
			return &custom_slots[i];
		}
	harness_bug("allocates more pieces than the harness has");
}

void harness_free(const void *pointer)
{
	size_t slot = ((const char *)pointer - custom_slots[0].bytes) / SLOT_SIZE;

	if (pointer == NULL)
		return;
	if (slot < SLOTS && pointer == &custom_slots[slot] && custom_size[slot] != 0)
		custom_release(slot);
	else
		harness_trouble("frees what is not allocated");
}

void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t flags)
{
	void *object = harness_allocate(cache->size);

	(void)flags;
	if (object && cache->constructor)
		cache->constructor(object);
	return object;
}

void spin_lock_init(spinlock_t *lock) { lock->held = 0; }

void spin_lock(spinlock_t *lock)
{
	if (harness_is_of_set(lock))
		check_held();
	if (lock->held)
		harness_bug("waits for a spinlock that nobody gives back");
	lock->held = 1;
}

int spin_trylock(spinlock_t *lock)
{
	if (lock->held)
		return 0;
	spin_lock(lock);
	return 1;
}

void spin_unlock(spinlock_t *lock)
{
	if (!lock->held)
		harness_trouble("unlocks a spinlock that it does not hold");
	lock->held = 0;
}

/* Readers, and what is to be done when there are none. */
static int readers;
static struct rcu_head *waiting;

static void end_grace_period(void)
{
	while (readers == 0 && waiting) {
		struct rcu_head *head = waiting;

		waiting = head->next;
		head->function(head);
	}
}

void rcu_read_lock(void) { readers++; }

void rcu_read_unlock(void)
{
	if (readers == 0) {
		harness_trouble("ends an RCU read-side critical section that it did not begin");
		return;
	}
	readers--;
	end_grace_period();
}

void call_rcu(struct rcu_head *head, void (*function)(struct rcu_head *head))
{
	head->function = function;
	head->next = waiting;
	waiting = head;
	end_grace_period();
}

void synchronize_rcu(void)
{
	if (readers != 0)
		harness_bug("waits for a grace period in an RCU read-side critical section");
}

void custom_end(void)
{
	if (readers != 0)
		harness_trouble("returns in an RCU read-side critical section");
}
