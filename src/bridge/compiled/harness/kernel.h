/* What every header of linux/ is here. */
#ifndef IRQBYPASS_HARNESS_KERNEL_H
#define IRQBYPASS_HARNESS_KERNEL_H
#include "stubs.h"
#include "dup.h"
#include "custom.h"
/* Where the tree's own lib/xarray.c is compiled its linux/xarray.h is found before ours. */
#ifndef HARNESS_TREE_XARRAY
#include "xarray-shim.h"
#endif
#endif
