/* Runs a generated KUnit suite with a tree's irqbypass.c in user space, and prints KTAP. */
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "harness.h"
#include "kunit/suite.h"
#include "kunit/threads.h"

static struct kunit *running;
static sigjmp_buf out;

void kunit_failed(struct kunit *test, const char *file, int line, const char *what)
{
	const char *name = strrchr(file, '/');

	printf("    # %s: EXPECTATION FAILED at %s:%d: %s\n", test->name, name ? name + 1 : file, line, what);
	test->failed = true;
}

void kunit_expect_eq(struct kunit *test, const char *file, int line, const char *what, long long one, long long other)
{
	char text[400];

	if (one == other)
		return;
	snprintf(text, sizeof(text), "%s: %lld, expected %lld", what, one, other);
	kunit_failed(test, file, line, text);
}

void kunit_expect_streq(struct kunit *test, const char *file, int line, const char *what, const char *one, const char *other)
{
	char text[800];

	(void)what;
	if (strcmp(one, other) == 0)
		return;
	snprintf(text, sizeof(text), "\"%s\", expected \"%s\"", one, other);
	kunit_failed(test, file, line, text);
}

static void stop(const char *what)
{
	kunit_failed(running, "irqbypass.c", 0, what);
	siglongjmp(out, 1);
}

/* Warnings since they are suppressed; -1 where they are not. */
static int suppressed = -1;

int kunit_suppress(bool is_suppressing)
{
	suppressed = is_suppressing ? 0 : -1;
	return is_suppressing;
}

int kunit_suppressed(void) { return suppressed; }

/* What custom.c asks of its harness. */
void harness_warn(void)
{
	if (suppressed < 0)
		kunit_failed(running, "irqbypass.c", 0, "WARN");
	else
		suppressed++;
}
void harness_trouble(const char *what) { kunit_failed(running, "irqbypass.c", 0, what); }
void harness_bug(const char *what) { stop(what); _exit(1); }
void harness_corruption(const char *what) { stop(what); _exit(1); }
void harness_race(void) { }
void harness_contended(const int *held) { threads_wait(held, false); }
void threads_stuck(void) { stop("every thread waits"); }
bool harness_is_of_set(const void *at) { (void)at; return false; }
bool harness_node(void) { return true; }
bool harness_module_get_fails(void) { return false; }

void *kunit_kzalloc(struct kunit *test, size_t size, unsigned int gfp)
{
	(void)test, (void)gfp;
	return calloc(1, size);
}

static void on_fault(int signal)
{
	stop(signal == SIGALRM ? "does not return" : "page fault");
}

int main(void)
{
	struct sigaction action = { .sa_handler = on_fault, .sa_flags = SA_NODEFER };
	int number = 0, failed = 0, count = 0;

	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
	sigaction(SIGALRM, &action, NULL);
	while (harness_suite->test_cases[count].run_case)
		count++;
	printf("KTAP version 1\n1..1\n    KTAP version 1\n    # Subtest: %s\n    1..%d\n", harness_suite->name, count);
	for (struct kunit_case *one = harness_suite->test_cases; one->run_case; one++) {
		struct kunit test = { .name = one->name };
		bool has_stopped = false;

		running = &test;
		alarm(5);
		if (sigsetjmp(out, 1) == 0) {
			if (harness_suite->init)
				harness_suite->init(&test);
			one->run_case(&test);
			if (harness_suite->exit)
				harness_suite->exit(&test);
			if (custom_held)
				kunit_failed(&test, "irqbypass.c", 0, "the mutex is held");
			if (custom_references)
				kunit_failed(&test, "irqbypass.c", 0, "references on the module are left");
			custom_references = 0;
		} else {
			has_stopped = true;
		}
		printf("    %s %d %s\n", test.failed ? "not ok" : "ok", ++number, one->name);
		failed += test.failed;
		/* The manager's memory is not what it should be: nothing that comes now says anything. */
		if (has_stopped)
			break;
		free(test.priv);
	}
	printf("%s 1 %s\n", failed ? "not ok" : "ok", harness_suite->name);
	return failed ? 1 : 0;
}
