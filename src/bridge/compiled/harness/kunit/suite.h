/* What a suite is: for the generated suites, and for what runs them, which has the headers of this machine. */
#ifndef IRQBYPASS_HARNESS_SUITE_H
#define IRQBYPASS_HARNESS_SUITE_H

#include <stdbool.h>

struct kunit { void *priv; const char *name; bool failed; };
struct kunit_case { void (*run_case)(struct kunit *test); const char *name; };
struct kunit_suite {
	const char name[64];
	int (*init)(struct kunit *test);
	void (*exit)(struct kunit *test);
	struct kunit_case *test_cases;
};
extern struct kunit_suite *const harness_suite;

#endif
