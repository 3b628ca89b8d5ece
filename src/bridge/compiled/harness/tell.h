/* What is told of states and calls: JSON, a line each. */
#ifndef IRQBYPASS_HARNESS_TELL_H
#define IRQBYPASS_HARNESS_TELL_H

#include "harness.h"

struct scope { int producers, consumers, eventfds; };
extern struct scope scope;

/* Entries of both sets, read where that may go wrong; -1 for a set that cannot be read. */
struct entries { int count[2]; struct entry entry[2][MAX_ENTRIES]; };

/* Names where words lead to: valid after look_at_memory(). */
void tell_state(const struct entries *entries);
void tell_seen(const struct seen *seen, bool has_sights);
/* The same text without what JSON has an escape for. */
void tell_text(const char *text);

#endif
