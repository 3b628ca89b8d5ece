/* Kernel symbols whose behaviour is observed or decided by the harness: the mutex, the module's references, WARN, memory,
 * operations of lists (which are checked as CONFIG_DEBUG_LIST checks them), spinlocks and RCU. */
#ifndef IRQBYPASS_HARNESS_CUSTOM_H
#define IRQBYPASS_HARNESS_CUSTOM_H

#include "dup.h"

/* harness.c, kunit-runner.c */
void harness_warn(void);
void harness_bug(const char *what) __attribute__((noreturn));
bool harness_node(void);

/* Mutex: handed over by the harness, which makes the racing call of another thread while one waits for it. */
struct mutex { int held; };
#define __MUTEX_INITIALIZER(name) { 0 }
#define DEFINE_MUTEX(name) struct mutex name = __MUTEX_INITIALIZER(name)
void mutex_init(struct mutex *lock);
void mutex_lock(struct mutex *lock);
int mutex_trylock(struct mutex *lock);
void mutex_unlock(struct mutex *lock);
#define mutex_lock_interruptible(lock) (mutex_lock(lock), 0)
#define mutex_lock_killable(lock) (mutex_lock(lock), 0)
#define mutex_lock_nested(lock, subclass) mutex_lock(lock)
static inline bool mutex_is_locked(struct mutex *lock) { return lock->held != 0; }

typedef struct mutex *harness_class_mutex;
static inline harness_class_mutex harness_class_mutex_constructor(struct mutex *lock) { mutex_lock(lock); return lock; }
static inline void harness_class_mutex_destructor(harness_class_mutex *lock) { if (*lock) mutex_unlock(*lock); }
#define HARNESS_JOIN(a, b) a##b
#define HARNESS_UNIQUE(a, b) HARNESS_JOIN(a, b)
#define guard(class) \
	__attribute__((unused, cleanup(harness_class_##class##_destructor))) harness_class_##class \
	HARNESS_UNIQUE(harness_guard_, __COUNTER__) = harness_class_##class##_constructor
#define scoped_guard(class, argument) \
	for (__attribute__((cleanup(harness_class_##class##_destructor))) harness_class_##class harness_scope = \
		     harness_class_##class##_constructor(argument), *harness_once = (void *)1; \
	     harness_once; harness_once = NULL)

/* The module's own references. */
struct module;
#define THIS_MODULE ((struct module *)0)
bool try_module_get(struct module *module);
void __module_get(struct module *module);
void module_put(struct module *module);

/* Splats: a condition that is true is noted each time, printed or not. */
#define WARN_ON(condition) ({ bool harness_is = !!(condition); if (harness_is) harness_warn(); harness_is; })
#define WARN_ON_ONCE(condition) WARN_ON(condition)
#define WARN(condition, ...) ({ harness_print(__VA_ARGS__); WARN_ON(condition); })
#define WARN_ONCE(condition, ...) WARN(condition, __VA_ARGS__)
#define VM_WARN_ON_ONCE(condition) WARN_ON(condition)
#define BUG_ON(condition) do { if (condition) harness_bug("BUG_ON"); } while (0)
#define BUG() harness_bug("BUG")
#define KVM_BUG_ON(condition, kvm) WARN_ON(condition)

/* Lists, with the checks of lib/list_debug.c. */
void list_add(struct list_head *node, struct list_head *head);
void list_add_tail(struct list_head *node, struct list_head *head);
void list_del(struct list_head *node);
void list_del_init(struct list_head *node);
void list_move(struct list_head *node, struct list_head *head);
void hlist_add_head(struct hlist_node *node, struct hlist_head *head);
void hlist_del(struct hlist_node *node);
void hlist_del_init(struct hlist_node *node);
#define list_add_rcu list_add
#define list_del_rcu list_del

/* Spinlocks: that of a set is taken to change it, under the manager's mutex. */
typedef struct spinlock { int held; } spinlock_t;
#define __SPIN_LOCK_UNLOCKED(name) { 0 }
#define DEFINE_SPINLOCK(name) spinlock_t name = __SPIN_LOCK_UNLOCKED(name)
void spin_lock_init(spinlock_t *lock);
void spin_lock(spinlock_t *lock);
int spin_trylock(spinlock_t *lock);
void spin_unlock(spinlock_t *lock);
#define spin_lock_nested(lock, subclass) spin_lock(lock)
#define spin_lock_bh spin_lock
#define spin_unlock_bh spin_unlock
#define spin_lock_bh_nested(lock, subclass) spin_lock(lock)
#define spin_lock_irq spin_lock
#define spin_unlock_irq spin_unlock
#define spin_lock_irq_nested(lock, subclass) spin_lock(lock)
#define spin_lock_irqsave(lock, flags) ((void)((flags) = 0), spin_lock(lock))
#define spin_lock_irqsave_nested(lock, flags, subclass) spin_lock_irqsave(lock, flags)
#define spin_unlock_irqrestore(lock, flags) ((void)(flags), spin_unlock(lock))

/* RCU: a grace period ends as soon as nobody reads. */
struct rcu_head { struct rcu_head *next; void (*function)(struct rcu_head *head); };
void rcu_read_lock(void);
void rcu_read_unlock(void);
void call_rcu(struct rcu_head *head, void (*function)(struct rcu_head *head));
void synchronize_rcu(void);

/* Memory: every allocation is asked of the harness. */
void *harness_allocate(size_t size);
void harness_free(const void *pointer);
#define kmalloc(size, flags) ((void)(flags), harness_allocate(size))
#define kzalloc(size, flags) ((void)(flags), harness_allocate(size))
#define kzalloc_obj(object, ...) harness_allocate(sizeof(object))
#define kmalloc_obj(object, ...) harness_allocate(sizeof(object))
#define kfree(pointer) harness_free(pointer)
#define kvfree(pointer) harness_free(pointer)
struct list_lru;
struct kmem_cache { size_t size; void (*constructor)(void *object); };
void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t flags);
#define kmem_cache_zalloc(cache, flags) kmem_cache_alloc(cache, flags)
#define kmem_cache_alloc_lru(cache, lru, flags) ((void)(lru), kmem_cache_alloc(cache, flags))
#define kmem_cache_free(cache, pointer) ((void)(cache), harness_free(pointer))

#endif
