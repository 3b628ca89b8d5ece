/* Kernel symbols that do nothing here: what they do in a kernel cannot be seen by a caller of the manager. */
#ifndef IRQBYPASS_HARNESS_STUBS_H
#define IRQBYPASS_HARNESS_STUBS_H

#define MODULE_LICENSE(text) _Static_assert(1, "")
#define MODULE_DESCRIPTION(text) _Static_assert(1, "")
#define MODULE_AUTHOR(text) _Static_assert(1, "")
#define MODULE_VERSION(text) _Static_assert(1, "")
#define MODULE_INFO(tag, text) _Static_assert(1, "")
#define EXPORT_SYMBOL(symbol) _Static_assert(1, "")
#define EXPORT_SYMBOL_GPL(symbol) _Static_assert(1, "")
#define EXPORT_SYMBOL_NS_GPL(symbol, space) _Static_assert(1, "")
#define EXPORT_SYMBOL_FOR_MODULES(symbol, modules) _Static_assert(1, "")
#define module_init(function) static void *const harness_init_of_module __attribute__((used)) = (void *)(function)
#define module_exit(function) static void *const harness_exit_of_module __attribute__((used)) = (void *)(function)
#define late_initcall(function) module_init(function)

#define might_sleep() ((void)0)
#define cond_resched() ((void)0)
#define might_alloc(flags) ((void)(flags))
#define lockdep_assert_held(lock) ((void)(lock))
#define lockdep_is_held(lock) ((void)(lock), 1)

#define KERN_ERR ""
#define KERN_INFO ""
#define KERN_WARNING ""
#define harness_print(...) ((void)(0 ? harness_check_format(__VA_ARGS__) : 0))
static inline int __attribute__((format(printf, 1, 2))) harness_check_format(const char *format, ...)
{
	(void)format;
	return 0;
}
#define printk(...) harness_print(__VA_ARGS__)
#define pr_err(...) harness_print(__VA_ARGS__)
#define pr_warn(...) harness_print(__VA_ARGS__)
#define pr_info(...) harness_print(__VA_ARGS__)
#define pr_debug(...) harness_print(__VA_ARGS__)
#define pr_err_ratelimited(...) harness_print(__VA_ARGS__)
#define pr_warn_once(...) harness_print(__VA_ARGS__)
#define pr_info_once(...) harness_print(__VA_ARGS__)

#define __init
#define __exit
#define __user
#define __rcu
#define __force
#define __bitwise
#define __must_hold(lock)
#define __acquires(lock)
#define __releases(lock)
#define __must_check
#define __read_mostly
#define __printf(text, first) __attribute__((__format__(printf, text, first)))
#define __aligned(bytes) __attribute__((aligned(bytes)))
#define __maybe_unused __attribute__((unused))
#define __always_inline inline __attribute__((always_inline))
#define noinline __attribute__((noinline))
#define fallthrough __attribute__((fallthrough))
#define likely(x) (x)
#define unlikely(x) (x)
#define READ_ONCE(x) (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, value) (*(volatile __typeof__(x) *)&(x) = (value))
#define rcu_dereference(p) READ_ONCE(p)
#define rcu_dereference_raw(p) READ_ONCE(p)
#define rcu_dereference_check(p, condition) ((void)(condition), READ_ONCE(p))
#define rcu_dereference_protected(p, condition) ((void)(condition), (p))
#define rcu_access_pointer(p) READ_ONCE(p)
#define RCU_INIT_POINTER(p, value) WRITE_ONCE(p, value)
#define rcu_assign_pointer(p, value) WRITE_ONCE(p, value)

#endif
