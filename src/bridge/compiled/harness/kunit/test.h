/* KUnit, as far as the generated suites use it: expectations note a failure, cases run one after the other. */
#ifndef IRQBYPASS_HARNESS_KUNIT_H
#define IRQBYPASS_HARNESS_KUNIT_H

#include <linux/string.h>

#include "suite.h"

#define KUNIT_CASE(function) { .run_case = function, .name = #function }

void *kunit_kzalloc(struct kunit *test, size_t size, gfp_t gfp);
void kunit_failed(struct kunit *test, const char *file, int line, const char *what);
void kunit_expect_eq(struct kunit *test, const char *file, int line, const char *what, long long one, long long other);
void kunit_expect_streq(struct kunit *test, const char *file, int line, const char *what, const char *one, const char *other);

#define KUNIT_EXPECT_EQ(test, one, other) kunit_expect_eq(test, __FILE__, __LINE__, #one " == " #other, one, other)
#define KUNIT_EXPECT_STREQ(test, one, other) kunit_expect_streq(test, __FILE__, __LINE__, #one " == " #other, one, other)
#define KUNIT_EXPECT_EQ_MSG(test, one, other, ...) KUNIT_EXPECT_EQ(test, one, other)
#define KUNIT_EXPECT_STREQ_MSG(test, one, other, ...) KUNIT_EXPECT_STREQ(test, one, other)
#define KUNIT_EXPECT_FALSE_MSG(test, condition, ...) KUNIT_EXPECT_EQ(test, !!(condition), 0)
#define KUNIT_ASSERT_FALSE(test, condition) KUNIT_EXPECT_EQ(test, !!(condition), 0)
#define KUNIT_FAIL(test, ...) kunit_failed(test, __FILE__, __LINE__, #__VA_ARGS__)
#define kunit_info(test, ...) ((void)(test))
#define KUNIT_ASSERT_NOT_NULL(test, pointer) ((void)((pointer) || (kunit_failed(test, __FILE__, __LINE__, #pointer), 0)))

/* Warnings of the block are counted, and fail nothing. */
int kunit_suppress(bool is_suppressing);
int kunit_suppressed(void);
#define kunit_warning_suppress(test) \
	for (int harness_on = kunit_suppress(true); harness_on; harness_on = kunit_suppress(false))
#define KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, count) KUNIT_EXPECT_EQ(test, kunit_suppressed(), count)

#define kunit_test_suites(suite) struct kunit_suite *const harness_suite = suite

#endif
