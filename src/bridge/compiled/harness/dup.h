/* Kernel symbols that do here what they do in a kernel: types, errors, container_of, walks of lists. */
#ifndef IRQBYPASS_HARNESS_DUP_H
#define IRQBYPASS_HARNESS_DUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;
typedef unsigned int gfp_t;

#define ENOENT 2
#define EIO 5
#define ENOMEM 12
#define EBUSY 16
#define EEXIST 17
#define ENODEV 19
#define EINVAL 22
#define EOPNOTSUPP 95

#define GFP_KERNEL 0x1u
#define GFP_KERNEL_ACCOUNT 0x3u
#define GFP_NOWAIT 0x4u
#define GFP_ATOMIC 0x8u

#define MAX_ERRNO 4095
#define IS_ERR_VALUE(x) ((unsigned long)(void *)(x) >= (unsigned long)-MAX_ERRNO)
static inline void *ERR_PTR(long error) { return (void *)error; }
static inline long PTR_ERR(const void *p) { return (long)p; }
static inline bool IS_ERR(const void *p) { return IS_ERR_VALUE(p); }
static inline bool IS_ERR_OR_NULL(const void *p) { return p == NULL || IS_ERR_VALUE(p); }

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define container_of(pointer, type, member) ((type *)((char *)(pointer) - offsetof(type, member)))

struct list_head { struct list_head *next, *prev; };
struct hlist_node { struct hlist_node *next, **pprev; };
struct hlist_head { struct hlist_node *first; };

#define LIST_HEAD_INIT(name) { &(name), &(name) }
#define LIST_HEAD(name) struct list_head name = LIST_HEAD_INIT(name)
static inline void INIT_LIST_HEAD(struct list_head *list) { list->next = list; list->prev = list; }
static inline bool list_empty(const struct list_head *head) { return head->next == head; }
static inline bool list_is_head(const struct list_head *list, const struct list_head *head) { return list == head; }

#define list_entry(pointer, type, member) container_of(pointer, type, member)
#define list_first_entry(head, type, member) list_entry((head)->next, type, member)
#define list_last_entry(head, type, member) list_entry((head)->prev, type, member)
#define list_first_entry_or_null(head, type, member) \
	(list_empty(head) ? NULL : list_first_entry(head, type, member))
#define list_next_entry(at, member) list_entry((at)->member.next, __typeof__(*(at)), member)
#define list_prev_entry(at, member) list_entry((at)->member.prev, __typeof__(*(at)), member)
#define list_entry_is_head(at, head, member) (&(at)->member == (head))
#define list_for_each(at, head) for (at = (head)->next; at != (head); at = at->next)
#define list_for_each_safe(at, n, head) \
	for (at = (head)->next, n = at->next; at != (head); at = n, n = at->next)
#define list_for_each_entry(at, head, member) \
	for (at = list_first_entry(head, __typeof__(*at), member); !list_entry_is_head(at, head, member); \
	     at = list_next_entry(at, member))
#define list_for_each_entry_reverse(at, head, member) \
	for (at = list_last_entry(head, __typeof__(*at), member); !list_entry_is_head(at, head, member); \
	     at = list_prev_entry(at, member))
#define list_for_each_entry_safe(at, n, head, member) \
	for (at = list_first_entry(head, __typeof__(*at), member), n = list_next_entry(at, member); \
	     !list_entry_is_head(at, head, member); at = n, n = list_next_entry(n, member))

#define HLIST_HEAD_INIT { NULL }
#define HLIST_HEAD(name) struct hlist_head name = HLIST_HEAD_INIT
static inline bool hlist_empty(const struct hlist_head *head) { return head->first == NULL; }
static inline bool hlist_unhashed(const struct hlist_node *node) { return node->pprev == NULL; }
static inline void INIT_HLIST_NODE(struct hlist_node *node) { node->next = NULL; node->pprev = NULL; }
#define hlist_entry(pointer, type, member) container_of(pointer, type, member)
#define hlist_entry_safe(pointer, type, member) \
	({ __typeof__(pointer) harness_at = (pointer); harness_at ? hlist_entry(harness_at, type, member) : NULL; })
#define hlist_for_each_entry(at, head, member) \
	for (at = hlist_entry_safe((head)->first, __typeof__(*at), member); at; \
	     at = hlist_entry_safe(at->member.next, __typeof__(*at), member))
#define hlist_for_each_entry_safe(at, n, head, member) \
	for (at = hlist_entry_safe((head)->first, __typeof__(*at), member); at && ({ n = at->member.next; 1; }); \
	     at = hlist_entry_safe(n, __typeof__(*at), member))

#define DECLARE_HASHTABLE(name, bits) struct hlist_head name[1 << (bits)]
#define DEFINE_HASHTABLE(name, bits) struct hlist_head name[1 << (bits)]
#define HASH_SIZE(name) ARRAY_SIZE(name)
#define hash_min(value, bits) ((unsigned long)((u64)(value) * 0x61C8864680B583EBull >> (64 - (bits))))
#define hash_ptr(pointer, bits) hash_min((unsigned long)(pointer), bits)
#define HARNESS_BITS_OF(name) (63 - __builtin_clzl(HASH_SIZE(name)))
#define hash_init(table) __builtin_memset(table, 0, sizeof(table))
#define hash_add(table, node, key) hlist_add_head(node, &table[hash_min(key, HARNESS_BITS_OF(table))])
#define hash_del(node) hlist_del_init(node)
#define hash_for_each(name, bucket, at, member) \
	for ((bucket) = 0, at = NULL; at == NULL && (bucket) < HASH_SIZE(name); (bucket)++) \
		hlist_for_each_entry(at, &name[bucket], member)
#define hash_for_each_safe(name, bucket, n, at, member) \
	for ((bucket) = 0, at = NULL; at == NULL && (bucket) < HASH_SIZE(name); (bucket)++) \
		hlist_for_each_entry_safe(at, n, &name[bucket], member)
#define hash_for_each_possible(name, at, member, key) \
	hlist_for_each_entry(at, &name[hash_min(key, HARNESS_BITS_OF(name))], member)
#define hash_for_each_possible_safe(name, at, n, member, key) \
	hlist_for_each_entry_safe(at, n, &name[hash_min(key, HARNESS_BITS_OF(name))], member)

#endif
