/* States: what the code can change lies between irqbypass_state_start and irqbypass_state_end (state.ld), and in the slots of
 * custom-memory.c. A state is kept as the words that are not as they were at first.
 *
 * Two states are the same where they differ in nothing but which slot an allocation has: slots are numbered in the order in which
 * pointers lead to them. How the nodes of an xarray hang together is part of the state: that decides what has to be allocated next.
 *
 * This file has no sanitizer: it copies over redzones, and by itself, as a sanitizer looks at what memcpy() does. */
#pragma GCC optimize("no-tree-loop-distribute-patterns")
#include <stdlib.h>
#include <string.h>
#include "states.h"

/* Places that are no words of the state. */
#define OF_PIECES (1ul << 32)
#define OF_WORDS_OF_PIECES (2ul << 32)

struct memory now;

static struct state *states;
static int count, room;
static int *index_of;
static unsigned int mask;
/* The words as they were at first. */
static unsigned long *initial;
static size_t size;
static bool is_distrusted;
/* Of slots, as of the last look. */
static short place[SLOTS];
static struct set sets[2];

static unsigned long *memory(void) { return (unsigned long *)irqbypass_state_start; }

static void grow_index(void)
{
	free(index_of);
	mask = mask ? mask * 2 + 1 : 1023;
	index_of = malloc((mask + 1) * sizeof(int));
	memset(index_of, 0xff, (mask + 1) * sizeof(int));
	for (int i = 0; i < count; i++) {
		unsigned int at = states[i].hash[0] & mask;

		while (index_of[at] >= 0)
			at = (at + 1) & mask;
		index_of[at] = i;
	}
}

void states_begin(void)
{
	size = (irqbypass_state_end - irqbypass_state_start) / sizeof(long);
	initial = malloc(size * sizeof(long));
	for (size_t i = 0; i < size; i++)
		initial[i] = memory()[i];
	now.words = malloc((size + SLOTS * SLOT_SIZE / sizeof(long)) * sizeof(*now.words));
	now.pieces = malloc(SLOTS * sizeof(*now.pieces));
	sets[0] = unit_set(true);
	sets[1] = unit_set(false);
	custom_release_all();
	grow_index();
}

int place_of_slot(int slot) { return place[slot]; }

static void mix(unsigned long at, unsigned long value)
{
	unsigned long word = value + at * 0x9e3779b97f4a7c15;

	now.hash[0] = (now.hash[0] ^ word) * 0xff51afd7ed558ccd;
	now.hash[0] ^= now.hash[0] >> 32;
	now.hash[1] = (now.hash[1] + word) * 0xc4ceb9fe1a85ec53;
	now.hash[1] ^= now.hash[1] >> 29;
}

static void reach(int slot)
{
	place[slot] = now.piece_count;
	now.pieces[now.piece_count++] = (struct piece){ slot, custom_size[slot], 0 };
}

/* The same for all states that differ in slots only. */
static unsigned long canonical(unsigned long value)
{
	unsigned long offset = value - (unsigned long)custom_slots;
	int slot = offset / SLOT_SIZE;

	if (offset >= SLOTS * SLOT_SIZE || custom_size[slot] == 0)
		return value;
	if (place[slot] < 0)
		reach(slot);
	return 0xa110c00000000000 + place[slot] * SLOT_SIZE + offset % SLOT_SIZE;
}

static bool is_of_tree_xarray(const void *at)
{
	for (int side = 0; side < 2; side++)
		if (sets[side].kind == SET_XARRAY && (const char *)at >= (const char *)sets[side].at &&
		    (const char *)at < (const char *)sets[side].at + sets[side].size)
			return sets[side].node >= 0;
	return false;
}

/* Words of the pieces that were reached, and of those that they lead to. */
static void look_at_pieces(unsigned int *done)
{
	for (; *done < now.piece_count; (*done)++) {
		struct piece *piece = &now.pieces[*done];
		const unsigned long *words = (const unsigned long *)custom_slots[piece->slot].bytes;
		unsigned int first = now.all_words;

		mix(OF_PIECES + *done, piece->size);
		for (unsigned int i = 0; i * 8 < piece->size; i += 8) {
			/* Of a node most are 0. What comes after a piece is, too. */
			if ((words[i] | words[i + 1] | words[i + 2] | words[i + 3] | words[i + 4] | words[i + 5] | words[i + 6] |
			     words[i + 7]) == 0)
				continue;
			for (unsigned int j = i; j < i + 8; j++)
				if (words[j]) {
					now.words[now.all_words++] = (struct word){ j, words[j] };
					mix(OF_WORDS_OF_PIECES + j, canonical(words[j]));
				}
		}
		piece->words = now.all_words - first;
	}
}

void look_at_memory(void)
{
	const unsigned long *words = memory();
	unsigned int done = 0;

	now.word_count = now.piece_count = now.nodes = 0;
	now.hash[0] = 0x9e3779b97f4a7c15;
	now.hash[1] = 0xc2b2ae3d27d4eb4f;
	for (size_t i = 0; i < size; i += 8) {
		unsigned long differs = 0;

		for (size_t j = i; j < i + 8; j++)
			differs |= words[j] ^ initial[j];
		if (differs == 0)
			continue;
		for (size_t j = i; j < i + 8; j++)
			if (words[j] != initial[j])
				now.words[now.word_count++] = (struct word){ j, words[j] };
	}
	now.all_words = now.word_count;
	if (custom_taken == 0) {
		for (unsigned int i = 0; i < now.word_count; i++)
			mix(now.words[i].at, now.words[i].value);
		return;
	}
	memset(place, 0xff, sizeof(place));
	/* Twice: nodes are those that nothing but the tree's xarrays lead to first. */
	for (unsigned int i = 0; i < now.word_count; i++)
		if (is_of_tree_xarray(&words[now.words[i].at]))
			canonical(now.words[i].value);
	look_at_pieces(&done);
	now.nodes = now.piece_count;
	for (unsigned int i = 0; i < now.word_count; i++)
		mix(now.words[i].at, canonical(now.words[i].value));
	look_at_pieces(&done);
	/* What nothing leads to is lost. */
	for (int slot = 0; slot < SLOTS; slot++)
		if (custom_size[slot] && place[slot] < 0)
			reach(slot);
	look_at_pieces(&done);
}

static unsigned int place_in_index(void)
{
	unsigned int at = now.hash[0] & mask;

	for (; index_of[at] >= 0; at = (at + 1) & mask) {
		const struct state *one = &states[index_of[at]];

		if (one->hash[0] == now.hash[0] && one->hash[1] == now.hash[1])
			break;
	}
	return at;
}

int known_state(void) { return index_of[place_in_index()]; }

int enter_state(void)
{
	unsigned int at = place_in_index();
	struct state *state;

	if (count == room)
		states = realloc(states, (room = room ? room * 2 : 256) * sizeof(*states));
	state = &states[count];
	*state = (struct state){ .hash = { now.hash[0], now.hash[1] } };
	state->word_count = now.word_count;
	state->piece_count = now.piece_count;
	state->words = malloc(now.all_words * sizeof(*now.words) + 1);
	memcpy(state->words, now.words, now.all_words * sizeof(*now.words));
	state->pieces = malloc(now.piece_count * sizeof(*now.pieces) + 1);
	memcpy(state->pieces, now.pieces, now.piece_count * sizeof(*now.pieces));
	index_of[at] = count++;
	if ((unsigned int)count * 2 > mask)
		grow_index();
	return count - 1;
}

struct state *state_at(int number) { return &states[number]; }

bool is_state(int number) { return number >= 0 && number < count; }

void distrust_memory(void) { is_distrusted = true; }

/* Makes the slots those of a state. Most of them are what they were: sanitizers are told of others only. */
static void take_pieces(const struct state *state, const struct word *word)
{
	static unsigned short wanted[SLOTS];

	for (unsigned int i = 0; i < state->piece_count; i++)
		wanted[state->pieces[i].slot] = state->pieces[i].size;
	for (int slot = 0; slot < SLOTS; slot++)
		if (custom_size[slot] && custom_size[slot] != wanted[slot])
			custom_release(slot);
	for (unsigned int i = 0; i < state->piece_count; i++) {
		const struct piece *piece = &state->pieces[i];
		unsigned long *at = (unsigned long *)custom_slots[piece->slot].bytes;

		wanted[piece->slot] = 0;
		if (custom_size[piece->slot] == 0)
			custom_take(piece->slot, piece->size);
		else
			for (unsigned int j = 0; j < (piece->size + 7u) / 8; j++)
				at[j] = 0;
		for (unsigned int j = 0; j < piece->words; j++, word++)
			at[word->at] = word->value;
	}
}

void go_back(int number)
{
	const struct state *state = &states[number];
	const struct word *word = state->words;
	unsigned long *words = memory();

	if (is_distrusted)
		custom_release_all();
	is_distrusted = false;
	for (size_t i = 0; i < size; i++)
		words[i] = initial[i];
	for (unsigned int i = 0; i < state->word_count; i++, word++)
		words[word->at] = word->value;
	if (state->piece_count > 0 || custom_taken > 0)
		take_pieces(state, word);
}
