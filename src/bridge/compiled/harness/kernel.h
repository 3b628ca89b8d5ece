/* What every header of linux/ is here. */
#ifndef IRQBYPASS_HARNESS_KERNEL_H
#define IRQBYPASS_HARNESS_KERNEL_H
#include "stubs.h"
#include "dup.h"
#include "custom.h"
#endif
