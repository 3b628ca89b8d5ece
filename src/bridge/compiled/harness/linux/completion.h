#include "../kernel.h"
#include "../kunit/threads.h"

struct completion { int done; };
#define DECLARE_COMPLETION(name) struct completion name = { 0 }
static inline void init_completion(struct completion *x) { x->done = 0; }
static inline void reinit_completion(struct completion *x) { x->done = 0; }
static inline void complete(struct completion *x) { x->done++; }
static inline void wait_for_completion(struct completion *x)
{
	while (!x->done)
		threads_wait(&x->done, true);
	x->done--;
}
