/* States of the compiled code: saved, found again, gone back to. */
#ifndef IRQBYPASS_HARNESS_STATES_H
#define IRQBYPASS_HARNESS_STATES_H

#include "harness.h"

/* A word of memory that is not as it was at first. */
struct word { unsigned int at; unsigned long value; };
/* An allocation: its slot, how large it is, and how many of the words that follow are its own. */
struct piece { unsigned short slot, size, words; };

/* What a plain call does in a state: it is made once. `seen` is -1 where that is not known yet. */
struct plain_result { int seen, to; unsigned char asked; };

struct state {
	unsigned long hash[2];
	/* Words of the state, then those of its pieces. */
	struct word *words;
	struct piece *pieces;
	unsigned int word_count, piece_count;
	struct plain_result *plain;
};

/* All that is known of memory now; made by look_at_memory(). */
struct memory {
	unsigned long hash[2];
	struct word *words;
	struct piece *pieces;
	/* Words of the state itself: those of pieces come after them. */
	unsigned int word_count, piece_count, all_words;
	/* Pieces that only the tree's xarrays lead to come first: so many. */
	unsigned int nodes;
};
extern struct memory now;

extern char irqbypass_state_start[], irqbypass_state_end[];

/* Memory is as it is at first. */
void states_begin(void);
void look_at_memory(void);
/* The number of the state that was looked at, -1 for one that was not met yet. */
int known_state(void);
/* The same, entered: answers its number. */
int enter_state(void);
struct state *state_at(int number);
bool is_state(int number);
void go_back(int number);
/* What is in memory is not what code should leave: the next time all of it is made anew. */
void distrust_memory(void);
/* The place of a slot in the order of pieces, -1 for a free one. */
int place_of_slot(int slot);

#endif
