/* An XArray of the harness's own, for trees whose lib/xarray.c is not there or does not compile here. Nodes are not built: an entry
 * other than index 0 of an empty array wants an allocation, which the harness may refuse. */
#ifndef IRQBYPASS_HARNESS_XARRAY_SHIM_H
#define IRQBYPASS_HARNESS_XARRAY_SHIM_H

#include "custom.h"

#define HARNESS_XARRAY_SLOTS 16
struct xarray {
	struct { unsigned long index; void *entry; } slots[HARNESS_XARRAY_SLOTS];
};
#define DEFINE_XARRAY(name) struct xarray name = { 0 }
#define DEFINE_XARRAY_FLAGS(name, flags) DEFINE_XARRAY(name)
#define DEFINE_XARRAY_ALLOC(name) DEFINE_XARRAY(name)
#define XARRAY_INIT(name, flags) { 0 }
#define XA_FLAGS_ACCOUNT 0
void xa_init(struct xarray *xa);
void *xa_load(struct xarray *xa, unsigned long index);
int xa_insert(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp);
void *xa_store(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp);
void *xa_cmpxchg(struct xarray *xa, unsigned long index, void *old, void *entry, gfp_t gfp);
void *xa_erase(struct xarray *xa, unsigned long index);
void xa_destroy(struct xarray *xa);
bool xa_empty(const struct xarray *xa);
void *xa_find(struct xarray *xa, unsigned long *index, unsigned long max, unsigned int mark);
void *xa_find_after(struct xarray *xa, unsigned long *index, unsigned long max, unsigned int mark);
#define XA_PRESENT 8u
#define xa_for_each(xa, index, entry) \
	for (index = 0, entry = xa_find(xa, &index, ~0ul, XA_PRESENT); entry; \
	     entry = xa_find_after(xa, &index, ~0ul, XA_PRESENT))
static inline bool xa_is_err(const void *entry) { return IS_ERR_VALUE(entry); }
static inline int xa_err(void *entry) { return xa_is_err(entry) ? (int)(long)entry : 0; }
#define xa_lock(xa) ((void)(xa))
#define xa_unlock(xa) ((void)(xa))

#endif
