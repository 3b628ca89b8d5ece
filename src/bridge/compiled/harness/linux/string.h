#include "../kernel.h"
#include <stdarg.h>
size_t strlen(const char *text);
int strcmp(const char *one, const char *other);
int vsnprintf(char *into, size_t size, const char *format, va_list args);
