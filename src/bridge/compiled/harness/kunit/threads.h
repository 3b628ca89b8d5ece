/* Threads of generated suites: one runs until it waits, then the one goes on that has waited longest for what is there now. */
#ifndef IRQBYPASS_HARNESS_THREADS_H
#define IRQBYPASS_HARNESS_THREADS_H

#include <stdbool.h>

/* Runs a function at once, in a thread of its own, until it waits or ends. Answers false where there are too many. */
bool threads_run(int (*function)(void *data), void *data);
/* Lets others run until an int is not 0 (or is, where it is not wanted); with NULL until all others wait for something. */
void threads_wait(const int *at, bool is_wanted);
/* kunit-runner.c: nobody can go on. */
void threads_stuck(void) __attribute__((noreturn));

#endif
