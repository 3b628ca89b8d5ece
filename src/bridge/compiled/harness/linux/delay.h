#include "../kernel.h"
#include "../kunit/threads.h"

#define msleep(milliseconds) ((void)(milliseconds), threads_wait(NULL, true))
