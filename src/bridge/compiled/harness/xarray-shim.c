/* The symbols of xarray-shim.h: pairs sorted by index. Part of custom.c. */
void xa_init(struct xarray *xa) { *xa = (struct xarray){ 0 }; }

static bool is_internal(const void *entry) { return ((unsigned long)entry & 3) == 2; }

static int place_of(const struct xarray *xa, unsigned long index)
{
	int i = 0;

	while (i < HARNESS_XARRAY_SLOTS && xa->slots[i].entry && xa->slots[i].index < index)
		i++;
	return i;
}

void *xa_load(struct xarray *xa, unsigned long index)
{
	int i = place_of(xa, index);

	return i < HARNESS_XARRAY_SLOTS && xa->slots[i].index == index ? xa->slots[i].entry : NULL;
}

void *xa_store(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp)
{
	int i = place_of(xa, index);
	void *old = xa_load(xa, index);

	(void)gfp;
	check_held();
	if (is_internal(entry)) {
		harness_warn();
		return ERR_PTR(-EINVAL);
	}
	if (old && entry) {
		xa->slots[i].entry = entry;
	} else if (old) {
		for (; i + 1 < HARNESS_XARRAY_SLOTS; i++)
			xa->slots[i] = xa->slots[i + 1];
		xa->slots[i] = (__typeof__(xa->slots[i])){ 0 };
	} else if (entry) {
		/* Only index 0 of an empty array is kept without a node. */
		if ((index != 0 || !xa_empty(xa)) && !harness_node())
			return ERR_PTR(-ENOMEM);
		if (xa->slots[HARNESS_XARRAY_SLOTS - 1].entry)
			harness_bug("stores more than 16 entries in one xarray");
		for (int at = HARNESS_XARRAY_SLOTS - 1; at > i; at--)
			xa->slots[at] = xa->slots[at - 1];
		xa->slots[i].index = index;
		xa->slots[i].entry = entry;
	}
	return old;
}

int xa_insert(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp)
{
	return xa_load(xa, index) ? -EBUSY : xa_err(xa_store(xa, index, entry, gfp));
}

void *xa_cmpxchg(struct xarray *xa, unsigned long index, void *old, void *entry, gfp_t gfp)
{
	void *now = xa_load(xa, index);

	return now == old ? xa_store(xa, index, entry, gfp) : now;
}

void *xa_erase(struct xarray *xa, unsigned long index) { return xa_store(xa, index, NULL, 0); }
void xa_destroy(struct xarray *xa) { xa_init(xa); }
bool xa_empty(const struct xarray *xa) { return xa->slots[0].entry == NULL; }

void *xa_find(struct xarray *xa, unsigned long *index, unsigned long max, unsigned int mark)
{
	int i = place_of(xa, *index);

	(void)mark;
	if (i == HARNESS_XARRAY_SLOTS || !xa->slots[i].entry || xa->slots[i].index > max)
		return NULL;
	*index = xa->slots[i].index;
	return xa->slots[i].entry;
}

void *xa_find_after(struct xarray *xa, unsigned long *index, unsigned long max, unsigned int mark)
{
	if (*index == ~0ul)
		return NULL;
	(*index)++;
	return xa_find(xa, index, max, mark);
}
