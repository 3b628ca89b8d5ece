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

#define __GFP_DIRECT_RECLAIM 0x1u
#define __GFP_ACCOUNT 0x2u
#define __GFP_NOWARN 0x4u
#define __GFP_ZERO 0x8u
#define __GFP_BITS_SHIFT 26
#define GFP_KERNEL __GFP_DIRECT_RECLAIM
#define GFP_KERNEL_ACCOUNT (GFP_KERNEL | __GFP_ACCOUNT)
#define GFP_NOWAIT 0x10u
#define GFP_ATOMIC 0x20u
static inline bool gfpflags_allow_blocking(gfp_t flags) { return flags & __GFP_DIRECT_RECLAIM; }

#define INT_MAX __INT_MAX__
#define UINT_MAX (~0u)
#define LONG_MAX __LONG_MAX__
#define ULONG_MAX (~0ul)
#define USHRT_MAX 0xffffu

/* Options of a configuration: those that are not defined are off. One is a number in older kernels. */
#define CONFIG_BASE_SMALL 0
#define HARNESS_OPTION_1 0,
#define IS_ENABLED(option) HARNESS_ON(option)
#define IS_BUILTIN(option) HARNESS_ON(option)
#define HARNESS_ON(value) HARNESS_ON_OF(HARNESS_OPTION_##value)
#define HARNESS_ON_OF(skipped) HARNESS_SECOND(skipped 1, 0, 0)
#define HARNESS_SECOND(first, second, ...) second

#define min(a, b) ({ __typeof__(a) harness_a = (a); __typeof__(b) harness_b = (b); harness_a < harness_b ? harness_a : harness_b; })
#define max(a, b) ({ __typeof__(a) harness_a = (a); __typeof__(b) harness_b = (b); harness_a > harness_b ? harness_a : harness_b; })
#define min_t(type, a, b) min((type)(a), (type)(b))
#define max_t(type, a, b) max((type)(a), (type)(b))
#define DIV_ROUND_UP(number, by) (((number) + (by) - 1) / (by))
#define roundup(number, to) (DIV_ROUND_UP(number, to) * (to))
#define rounddown(number, to) ((number) / (to) * (to))
#define round_up roundup
#define round_down rounddown
#define BUILD_BUG_ON(condition) _Static_assert(!(condition), #condition)

/* Bits of words, as many as an xarray's marks want. */
#define BITS_PER_LONG 64
#define BITS_TO_LONGS(bits) (((bits) + 63) / 64)
#define DECLARE_BITMAP(name, bits) unsigned long name[BITS_TO_LONGS(bits)]
#define BIT(bit) (1ul << (bit))
#define HARNESS_BIT(bit) (1ul << ((bit) % 64))
static inline unsigned long __ffs(unsigned long word) { return __builtin_ctzl(word); }
static inline unsigned long __fls(unsigned long word) { return 63 - __builtin_clzl(word); }
static inline bool test_bit(unsigned long bit, const unsigned long *words) { return words[bit / 64] & HARNESS_BIT(bit); }
static inline void __set_bit(unsigned long bit, unsigned long *words) { words[bit / 64] |= HARNESS_BIT(bit); }
static inline void __clear_bit(unsigned long bit, unsigned long *words) { words[bit / 64] &= ~HARNESS_BIT(bit); }
static inline bool __test_and_set_bit(unsigned long bit, unsigned long *words)
{
	bool was_set = test_bit(bit, words);

	__set_bit(bit, words);
	return was_set;
}
static inline bool __test_and_clear_bit(unsigned long bit, unsigned long *words)
{
	bool was_set = test_bit(bit, words);

	__clear_bit(bit, words);
	return was_set;
}
#define set_bit __set_bit
#define clear_bit __clear_bit
#define test_and_set_bit __test_and_set_bit
#define test_and_clear_bit __test_and_clear_bit
static inline unsigned long find_next_bit(const unsigned long *words, unsigned long bits, unsigned long bit)
{
	while (bit < bits && !test_bit(bit, words))
		bit++;
	return bit < bits ? bit : bits;
}
#define find_first_bit(words, bits) find_next_bit(words, bits, 0)
static inline bool bitmap_empty(const unsigned long *words, unsigned int bits) { return find_first_bit(words, bits) == bits; }
static inline void bitmap_set(unsigned long *words, unsigned int first, unsigned int count)
{
	for (; count > 0; first++, count--)
		__set_bit(first, words);
}
static inline void bitmap_clear(unsigned long *words, unsigned int first, unsigned int count)
{
	for (; count > 0; first++, count--)
		__clear_bit(first, words);
}
static inline void bitmap_zero(unsigned long *words, unsigned int bits) { bitmap_clear(words, 0, bits); }
static inline void bitmap_fill(unsigned long *words, unsigned int bits) { bitmap_set(words, 0, bits); }
static inline unsigned int hweight_long(unsigned long word) { return __builtin_popcountl(word); }

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
