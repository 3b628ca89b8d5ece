/* Threads as contexts of one process: the same order each time. */
#include <stddef.h>
#include <ucontext.h>
#include "threads.h"

#define THREADS 24
#define STACK (64 * 1024)

static struct thread {
	ucontext_t context;
	int (*function)(void *data);
	void *data;
	/* What it waits for; `turn` is 0 for one that has ended, or never was. */
	const int *at;
	bool is_wanted;
	unsigned long turn;
	char stack[STACK] __attribute__((aligned(16)));
} threads[THREADS];
static struct thread *current = &threads[0];
static unsigned long turns;

static bool is_ready(const struct thread *thread)
{
	return thread->turn && (thread->at == NULL || (*thread->at != 0) == thread->is_wanted);
}

/* Whoever waits for something comes before those that only let others run. */
static struct thread *next(void)
{
	struct thread *found = NULL;

	for (struct thread *one = threads; one < threads + THREADS; one++) {
		if (!is_ready(one))
			continue;
		if (!found || (!found->at && one->at) || (!found->at == !one->at && one->turn < found->turn))
			found = one;
	}
	if (!found)
		threads_stuck();
	return found;
}

static void go_on(struct thread *from)
{
	current = next();
	current->turn = 0;
	if (current != from)
		swapcontext(&from->context, &current->context);
}

void threads_wait(const int *at, bool is_wanted)
{
	struct thread *self = current;

	self->at = at;
	self->is_wanted = is_wanted;
	self->turn = ++turns;
	go_on(self);
}

static void begin(void)
{
	struct thread *self = current;

	self->function(self->data);
	self->function = NULL;
	go_on(self);
}

bool threads_run(int (*function)(void *data), void *data)
{
	struct thread *self = current, *one = threads + 1;

	while (one < threads + THREADS && one->function)
		one++;
	if (one == threads + THREADS)
		return false;
	one->function = function;
	one->data = data;
	getcontext(&one->context);
	one->context.uc_stack.ss_sp = one->stack;
	one->context.uc_stack.ss_size = STACK;
	one->context.uc_link = NULL;
	makecontext(&one->context, begin, 0);
	/* Whoever starts it goes on when it waits, unless somebody waits for what is there. */
	self->at = NULL;
	self->turn = ++turns;
	current = one;
	swapcontext(&self->context, &one->context);
	return true;
}
