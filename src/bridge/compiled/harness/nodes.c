/* The tree's lib/xarray.c as it is, and what it wants of lib/radix-tree.c. */
#include "kernel.h"
/* In the scratch folder: a link to the tree's own file. */
#include "xarray.c"

static void clear_node(void *object)
{
	struct xa_node *node = object;

	__builtin_memset(node, 0, sizeof(*node));
	INIT_LIST_HEAD(&node->private_list);
}

static struct kmem_cache nodes = { sizeof(struct xa_node), clear_node };
struct kmem_cache *radix_tree_node_cachep = &nodes;

void radix_tree_node_rcu_free(struct rcu_head *head)
{
	kmem_cache_free(radix_tree_node_cachep, container_of(head, struct xa_node, rcu_head));
}
