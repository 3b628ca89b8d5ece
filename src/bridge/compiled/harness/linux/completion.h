#include "../kernel.h"
#include "../kunit/threads.h"

struct completion { int done; };
#define DECLARE_COMPLETION(name) struct completion name = { 0 }
static inline void init_completion(struct completion *x) { x->done = 0; }
static inline void reinit_completion(struct completion *x) { x->done = 0; }
static inline void complete(struct completion *x) { x->done++; }
#define HZ 100
#define wait_for_completion_timeout(x, jiffies) (wait_for_completion(x), (void)(jiffies), 1)
static inline void wait_for_completion(struct completion *x)
{
	while (!x->done)
		threads_wait(&x->done, true);
	x->done--;
}
