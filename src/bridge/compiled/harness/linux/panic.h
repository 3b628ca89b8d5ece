#include "../kernel.h"

/* A WARN fails the case by itself. */
#define TAINT_WARN 9
#define test_taint(flag) ((void)(flag), 0)
