#include "../kernel.h"
#include "../kunit/threads.h"

#define kthread_run(function, data, ...) (threads_run(function, data) ? (struct task_struct *)1 : ERR_PTR(-ENOMEM))
