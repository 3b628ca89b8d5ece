/* What states and calls are, in names. */
#include <stdio.h>
#include "states.h"
#include "tell.h"

struct scope scope;

static void tell_symbol(unsigned long value)
{
	const char *at = (const char *)value;
	unsigned long offset = value - (unsigned long)custom_slots;

	for (int i = 0; i < MAX_STRUCTS * 2; i++) {
		bool is_producer = i < MAX_STRUCTS;
		const char *start = unit_struct(is_producer, i % MAX_STRUCTS);

		if (at >= start && at < start + unit_struct_size(is_producer)) {
			printf("%c%d", is_producer ? 'p' : 'c', i % MAX_STRUCTS);
			if (at > start)
				printf("+%td", at - start);
			return;
		}
	}
	for (int i = 0; i < scope.eventfds; i++)
		if (at == unit_eventfd(i)) {
			printf("e%d", i);
			return;
		}
	for (int side = 0; side < 2; side++) {
		struct set set = unit_set(side == 0);
		const char *start = set.at;

		if (start && at >= start && at < start + set.size) {
			printf("%s+%td", side == 0 ? "producers" : "consumers", at - start);
			return;
		}
	}
	if (offset < SLOTS * SLOT_SIZE && custom_size[offset / SLOT_SIZE])
		printf("allocated%d+%lu", place_of_slot(offset / SLOT_SIZE), offset % SLOT_SIZE);
	else
		printf("%#lx", value);
}

static bool is_within(const void *at, const void *start, size_t size)
{
	return (const char *)at >= (const char *)start && (const char *)at < (const char *)start + size;
}

/* Words of a struct that are not as they were at first. */
static void tell_words(const char *start, size_t size)
{
	bool is_first = true;

	for (unsigned int i = 0; i < now.word_count; i++) {
		const char *at = irqbypass_state_start + now.words[i].at * sizeof(long);

		if (!is_within(at, start, size))
			continue;
		printf("%s%td=", is_first ? "" : " ", at - start);
		tell_symbol(now.words[i].value);
		is_first = false;
	}
}

static void tell_key(const void *key)
{
	if (key == NULL)
		printf("NULL");
	else
		tell_symbol((unsigned long)key);
}

static void tell_set(bool is_producer, const struct entries *entries)
{
	int side = is_producer ? 0 : 1;

	printf("\"%s\":", is_producer ? "producers" : "consumers");
	if (unit_set(is_producer).kind == SET_UNKNOWN) {
		printf("null");
		return;
	}
	printf("[");
	for (int n = 0; n < entries->count[side]; n++) {
		printf("%s\"", n ? "," : "");
		tell_key(entries->entry[side][n].key);
		printf(" ");
		tell_symbol((unsigned long)entries->entry[side][n].object);
		printf("\"");
	}
	printf("]");
}

/* Is a word told as a field of a struct, or as entries of an array? */
static bool is_told(const char *at)
{
	for (int i = 0; i < MAX_STRUCTS * 2; i++)
		if (is_within(at, unit_struct(i < MAX_STRUCTS, i % MAX_STRUCTS), unit_struct_size(i < MAX_STRUCTS)))
			return true;
	for (int side = 0; side < 2; side++) {
		struct set set = unit_set(side == 0);

		/* Of an array of the tree only what leads to its nodes. */
		if (set.kind == SET_XARRAY && (set.node < 0 ? is_within(at, set.at, set.size) : at == (char *)set.at + set.node))
			return true;
	}
	return is_within(at, unit_all_added(), MAX_STRUCTS * MAX_STRUCTS);
}

/* Words that belong to no struct and no array; how many nodes the tree's arrays have, and of what shape. */
static void tell_rest(void)
{
	const struct word *word = now.words + now.word_count;
	unsigned long shape = 0;

	for (unsigned int i = 0; i < now.word_count; i++) {
		if (is_told(irqbypass_state_start + now.words[i].at * sizeof(long)))
			continue;
		printf("%zu=", now.words[i].at * sizeof(long));
		tell_symbol(now.words[i].value);
		printf(" ");
	}
	for (unsigned int i = 0; i < now.piece_count; i++) {
		const struct piece *piece = &now.pieces[i];

		if (i < now.nodes) {
			shape += unit_node_shape(&custom_slots[piece->slot]);
			word += piece->words;
			continue;
		}
		for (unsigned int j = 0; j < piece->words; j++, word++) {
			printf("allocated%u+%zu=", i, word->at * sizeof(long));
			tell_symbol(word->value);
			printf(" ");
		}
	}
	if (now.nodes > 0)
		printf("%u nodes %lx", now.nodes, shape);
}

/* What each struct points to by a field of it: `p0 e1`. */
static void tell_each(void *(*field)(bool is_producer, int i))
{
	bool is_first = true;

	printf("[");
	for (int side = 0; side < 2; side++)
		for (int i = 0; i < (side == 0 ? scope.producers : scope.consumers); i++) {
			if (!field(side == 0, i))
				continue;
			printf("%s\"%c%d ", is_first ? "" : ",", side == 0 ? 'p' : 'c', i);
			tell_symbol((unsigned long)field(side == 0, i));
			printf("\"");
			is_first = false;
		}
	printf("]");
}

static void tell_irqs(void)
{
	bool is_first = true;

	printf("[");
	for (int i = 0; i < scope.producers; i++)
		if (unit_irq(i)) {
			printf("%s\"p%d %d\"", is_first ? "" : ",", i, unit_irq(i));
			is_first = false;
		}
	printf("]");
}

static void tell_added(void)
{
	bool is_first = true;

	printf("[");
	for (int c = 0; c < scope.consumers; c++)
		for (int p = 0; p < scope.producers; p++)
			if (unit_added(c, p)) {
				printf("%s\"p%d c%d\"", is_first ? "" : ",", p, c);
				is_first = false;
			}
	printf("]");
}

void tell_state(const struct entries *entries)
{
	printf("{");
	tell_set(true, entries);
	printf(",");
	tell_set(false, entries);
	for (int side = 0; side < 2; side++)
		for (int i = 0; i < (side == 0 ? scope.producers : scope.consumers); i++) {
			printf(",\"%c%d\":\"", side == 0 ? 'p' : 'c', i);
			tell_words(unit_struct(side == 0, i), unit_struct_size(side == 0));
			printf("\"");
		}
	printf(",\"rest\":\"");
	tell_rest();
	printf("\",\"keys\":");
	tell_each(unit_key);
	printf(",\"irqs\":");
	tell_irqs();
	printf(",\"peers\":");
	if (unit_has_peer())
		tell_each(unit_peer);
	else
		printf("null");
	printf(",\"added\":");
	tell_added();
	printf(",\"references\":");
	if (custom_has_references)
		printf("%d", custom_references);
	else
		printf("null");
	printf("}");
}

static void tell_number(char letter, int number)
{
	if (number == SEES_NULL)
		printf("null");
	else if (number == SEES_OTHER)
		printf("\"?\"");
	else
		printf("\"%c%d\"", letter, number);
}

static void tell_sight(bool is_producer, int i, const struct sight *sight)
{
	printf("{\"of\":\"%c%d\",\"key\":", is_producer ? 'p' : 'c', i);
	tell_number('e', sight->key);
	printf(",\"peer\":");
	tell_number(is_producer ? 'c' : 'p', sight->peer);
	printf(",\"irq\":%d,\"isIn\":%s}", sight->irq, sight->is_in < 0 ? "null" : sight->is_in ? "true" : "false");
}

static void tell_callback(const struct callback *callback)
{
	static const char *const names[2][4] = {
		{ "add_producer", "del_producer", "stop", "start" },
		{ "add_consumer", "del_consumer", "stop", "start" },
	};
	bool is_producer = callback->is_producer;

	printf("\"%c%d.%s", is_producer ? 'p' : 'c', callback->object, names[is_producer][callback->kind]);
	if (callback->kind == ADD_CALLBACK || callback->kind == DEL_CALLBACK)
		printf("(%c%d)", is_producer ? 'c' : 'p', callback->peer);
	if (callback->kind == ADD_CALLBACK)
		printf("=%d", callback->answer);
	printf("\"");
}

void tell_seen(const struct seen *seen, bool has_sights)
{
	if (seen->returns)
		printf("{\"returns\":%d", seen->value);
	else
		printf("{\"returns\":null");
	printf(",\"warn\":%s,\"callbacks\":[", seen->warns ? "true" : "false");
	for (int i = 0; i < seen->callbacks; i++) {
		printf("%s", i ? "," : "");
		tell_callback(&seen->callback[i]);
	}
	printf("]");
	if (has_sights) {
		printf(",\"sights\":[");
		for (int i = 0; i < seen->callbacks; i++) {
			const struct callback *one = &seen->callback[i];

			printf("%s[", i ? "," : "");
			tell_sight(one->is_producer, one->object, &one->own);
			if (one->peer >= 0) {
				printf(",");
				tell_sight(!one->is_producer, one->peer, &one->other);
			}
			printf("]");
		}
		printf("]");
	}
	printf("}");
}

void tell_text(const char *text)
{
	printf("\"");
	for (const char *at = text; *at; at++)
		if (*at >= ' ' && *at != '"' && *at != '\\')
			putchar(*at);
	printf("\"");
}
