#include "../kernel.h"
struct eventfd_ctx;
