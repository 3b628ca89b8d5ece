/* The main loop: goes back to a state, makes a call, tells what was seen and which state that is.
 *
 * All that the tree's code can change lies between irqbypass_state_start and irqbypass_state_end (state.ld): a state is those
 * bytes. This file has no sanitizer: it copies over redzones.
 *
 * Commands, a line each:
 *   go STATE CLEAN N       then N calls, each made in STATE; N lines answer
 *   commute STATE CLEAN N  then N calls with one of another thread; one line of N digits answers: 1 where the two do the same and lead to
 *                          the same state as one after the other, the other thread's first
 *   drop STATE...          the bytes of these states are not needed any more
 * A call: OPERATION OBJECT EVENTFD FAULT [OPERATION OBJECT EVENTFD], the last three of another thread. State 0 is the first one.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>
#include "harness.h"

extern char irqbypass_state_start[], irqbypass_state_end[];
/* Of libasan; absent where the program is built for coverage. */
extern void __asan_set_error_report_callback(void (*)(const char *)) __attribute__((weak));

static int producers, consumers, eventfds;
/* Are producers given irqs? They tell eventfds apart. */
static bool has_irqs;

static struct seen outer_seen, inner_seen, *seen = &outer_seen;
static const struct call *current;
static bool is_waiting_allowed, is_clean, is_corrupt;
static char trouble[200];
static sigjmp_buf out;

/* Calls that were begun: the watchdog sees whether one takes too long. */
static volatile unsigned long begun;
static volatile int is_inside;

static void note_trouble(const char *what)
{
	if (trouble[0] == '\0')
		snprintf(trouble, sizeof(trouble), "%s", what);
}

void harness_trouble(const char *what) { note_trouble(what); }

void harness_contended(const int *held)
{
	(void)held;
	harness_bug("waits for a mutex that nobody gives back");
}

void harness_bug(const char *what)
{
	note_trouble(what);
	siglongjmp(out, 1);
}

void harness_corruption(const char *what)
{
	(void)what;
	is_corrupt = true;
	siglongjmp(out, 1);
}

void harness_warn(void) { seen->warns = true; }
bool harness_node(void) { return current->fault != ALLOCATION_FAILS; }
bool harness_module_get_fails(void) { return current->fault == MODULE_GET_FAILS; }

int harness_answer(bool is_producer)
{
	return current->fault == (is_producer ? ADD_CONSUMER_FAILS : ADD_PRODUCER_FAILS) ? -5 : 0;
}

void harness_callback(bool is_producer, int i, const char *callback, int peer, const int *answer)
{
	char *text;
	size_t size = sizeof(seen->callback[0]);
	int at;

	if (seen->callbacks == 16)
		harness_bug("calls more than 16 callbacks");
	text = seen->callback[seen->callbacks++];
	at = snprintf(text, size, "%c%d.%s", is_producer ? 'p' : 'c', i, callback);
	if (strncmp(callback, "st", 2) != 0)
		at += snprintf(text + at, size - at, "(%c%d)", is_producer ? 'c' : 'p', peer);
	if (answer)
		snprintf(text + at, size - at, "=%d", *answer);
}

static void make(const struct call *call, struct seen *into)
{
	const struct call *outer = current;
	struct seen *outer_into = seen;

	current = call;
	seen = into;
	memset(into, 0, sizeof(*into));
	is_waiting_allowed = call->race != NULL;
	/* Another irq for each key, so that it is seen which of two registrations has written it. */
	into->value = unit_call(call, is_clean, has_irqs ? 33 + call->eventfd : 0);
	into->returns = true;
	if (custom_held != 0 && outer == NULL)
		note_trouble("returns with the mutex held");
	current = outer;
	seen = outer_into;
}

void harness_race(void)
{
	const struct call *race;

	if (!is_waiting_allowed || current->race == NULL)
		return;
	is_waiting_allowed = false;
	race = current->race;
	outer_seen.races = true;
	make(race, &inner_seen);
	is_waiting_allowed = false;
}

static void on_asan_report(const char *report)
{
	char line[160];
	const char *at = strstr(report, "AddressSanitizer: ");

	snprintf(line, sizeof(line), "%s", at ? at : "AddressSanitizer");
	line[strcspn(line, "\n")] = '\0';
	/* Addresses differ from run to run. */
	if (strstr(line, " on address"))
		*strstr(line, " on address") = '\0';
	note_trouble(line);
}

/* Called by libubsan. */
void __ubsan_on_report(void);
void __ubsan_on_report(void) { note_trouble("UndefinedBehaviorSanitizer: see what the compiler's run time printed"); }

static void on_fault(int signal)
{
	if (!is_inside)
		_exit(99);
	if (signal == SIGPROF) {
		note_trouble("does not return");
	} else {
		note_trouble(signal == SIGFPE ? "divides by zero" : signal == SIGILL ? "trap" : "page fault");
	}
	siglongjmp(out, 1);
}

/* Every 50 ms of processor time. The first call that hangs is waited for two seconds, later ones for a tenth of one. */
static void on_tick(int signal)
{
	static unsigned long last;
	static int same;
	static bool has_hung;

	same = is_inside && begun == last ? same + 1 : 0;
	last = begun;
	if (same < (has_hung ? 2 : 40))
		return;
	same = 0;
	has_hung = true;
	on_fault(signal);
}

/* States. */
struct state { char *bytes; unsigned long hash[2]; };
static struct state *states;
static int count, room;
static int *index_of;
static unsigned int mask;

static size_t state_size(void) { return irqbypass_state_end - irqbypass_state_start; }

static void copy(char *to, const char *from, size_t size)
{
	unsigned long *t = (unsigned long *)to;
	const unsigned long *f = (const unsigned long *)from;

	for (size_t i = 0; i < size / 8; i++) {
		t[i] = f[i];
		__asm__ volatile("" ::: "memory");
	}
}

static void hash_state(unsigned long hash[2])
{
	const unsigned long *words = (const unsigned long *)irqbypass_state_start;
	unsigned long a = 0x9e3779b97f4a7c15, b = 0xc2b2ae3d27d4eb4f;

	for (size_t i = 0; i < state_size() / 8; i++) {
		a = (a ^ words[i]) * 0xff51afd7ed558ccd;
		a ^= a >> 32;
		b = (b + words[i] + i) * 0xc4ceb9fe1a85ec53;
		b ^= b >> 29;
	}
	hash[0] = a;
	hash[1] = b;
}

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

static void save(int number)
{
	states[number].bytes = malloc(state_size());
	copy(states[number].bytes, irqbypass_state_start, state_size());
}

/* The number of the state that memory is in now, and whether it is new. */
static int number_now(bool *is_new)
{
	unsigned long hash[2];
	unsigned int at;

	hash_state(hash);
	for (at = hash[0] & mask; index_of[at] >= 0; at = (at + 1) & mask) {
		const struct state *one = &states[index_of[at]];

		if (one->hash[0] == hash[0] && one->hash[1] == hash[1]) {
			*is_new = false;
			/* Dropped, and met again. */
			if (!states[index_of[at]].bytes)
				save(index_of[at]);
			return index_of[at];
		}
	}
	if (count == room)
		states = realloc(states, (room = room ? room * 2 : 256) * sizeof(*states));
	states[count].hash[0] = hash[0];
	states[count].hash[1] = hash[1];
	save(count);
	index_of[at] = count++;
	if ((unsigned int)count * 2 > mask)
		grow_index();
	*is_new = true;
	return count - 1;
}

/* What a state is, in names. */
static void print_symbol(const void *value)
{
	const char *at = value;

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
	for (int i = 0; i < eventfds; i++)
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
	printf("%#lx", (unsigned long)value);
}

static void print_words(const char *start, size_t size)
{
	const char *initial = states[0].bytes + (start - irqbypass_state_start);
	bool is_first = true;

	for (size_t at = 0; at + 8 <= size; at += 8) {
		void *now = *(void *const *)(start + at);

		if (now == *(void *const *)(initial + at))
			continue;
		printf("%s%zu=", is_first ? "" : " ", at);
		print_symbol(now);
		is_first = false;
	}
}

struct xarray_slot { unsigned long index; void *entry; };

static void print_set(bool is_producer)
{
	struct set set = unit_set(is_producer);

	printf("\"%s\":", is_producer ? "producers" : "consumers");
	if (set.kind == SET_UNKNOWN) {
		printf("null");
		return;
	}
	printf("[");
	if (set.kind == SET_LIST) {
		void **head = set.at;
		int n = 0;

		for (void **at = head[0]; at && at != head && n < 16; at = at[0], n++) {
			printf("%s\"", n ? "," : "");
			for (int i = 0; i < MAX_STRUCTS; i++)
				if ((char *)at == (char *)unit_struct(is_producer, i) + set.node) {
					if (unit_key(is_producer, i) == NULL)
						printf("NULL");
					else
						print_symbol(unit_key(is_producer, i));
				}
			printf(" ");
			print_symbol((char *)at - set.node);
			printf("\"");
		}
	} else {
		const struct xarray_slot *slots = set.at;

		for (int n = 0; slots[n].entry; n++) {
			printf("%s\"", n ? "," : "");
			if (slots[n].index == 0)
				printf("NULL");
			else
				print_symbol((void *)slots[n].index);
			printf(" ");
			print_symbol(slots[n].entry);
			printf("\"");
		}
	}
	printf("]");
}

/* Words that belong to no struct and no set of pairs. */
static void print_rest(void)
{
	const char *start = irqbypass_state_start;
	bool is_first = true;

	for (size_t at = 0; at + 8 <= state_size(); at += 8) {
		const char *here = start + at;
		void *now = *(void *const *)here;
		bool is_told = now == *(void *const *)(states[0].bytes + at);

		for (int i = 0; i < MAX_STRUCTS * 2 && !is_told; i++) {
			const char *one = unit_struct(i < MAX_STRUCTS, i % MAX_STRUCTS);

			is_told = here >= one && here < one + unit_struct_size(i < MAX_STRUCTS);
		}
		for (int side = 0; side < 2 && !is_told; side++) {
			struct set set = unit_set(side == 0);

			is_told = set.kind == SET_XARRAY && here >= (char *)set.at && here < (char *)set.at + set.size;
		}
		if (!is_told)
			is_told = here >= (const char *)unit_all_added() && here < (const char *)unit_all_added() + MAX_STRUCTS * MAX_STRUCTS;
		if (is_told)
			continue;
		printf("%s%zu=", is_first ? "" : " ", at);
		print_symbol(now);
		is_first = false;
	}
}

/* What each struct points to by a field of it: `p0 e1`. */
static void print_each(void *(*field)(bool is_producer, int i))
{
	bool is_first = true;

	printf("[");
	for (int side = 0; side < 2; side++)
		for (int i = 0; i < (side == 0 ? producers : consumers); i++) {
			if (!field(side == 0, i))
				continue;
			printf("%s\"%c%d ", is_first ? "" : ",", side == 0 ? 'p' : 'c', i);
			print_symbol(field(side == 0, i));
			printf("\"");
			is_first = false;
		}
	printf("]");
}

static void print_state(void)
{
	bool is_first = true;

	printf(",\"state\":{");
	print_set(true);
	printf(",");
	print_set(false);
	for (int side = 0; side < 2; side++)
		for (int i = 0; i < (side == 0 ? producers : consumers); i++) {
			printf(",\"%c%d\":\"", side == 0 ? 'p' : 'c', i);
			print_words(unit_struct(side == 0, i), unit_struct_size(side == 0));
			printf("\"");
		}
	printf(",\"rest\":\"");
	print_rest();
	printf("\",\"keys\":");
	print_each(unit_key);
	printf(",\"irqs\":[");
	for (int i = 0; i < producers; i++)
		if (unit_irq(i)) {
			printf("%s\"p%d %d\"", is_first ? "" : ",", i, unit_irq(i));
			is_first = false;
		}
	printf("],\"peers\":");
	if (unit_has_peer())
		print_each(unit_peer);
	else
		printf("null");
	printf(",\"added\":[");
	is_first = true;
	for (int c = 0; c < consumers; c++)
		for (int p = 0; p < producers; p++)
			for (int n = 0; n < unit_added(c, p); n++) {
				printf("%s\"p%d c%d\"", is_first ? "" : ",", p, c);
				is_first = false;
			}
	printf("],\"references\":");
	if (custom_has_references)
		printf("%d", custom_references);
	else
		printf("null");
	printf("}");
}

static void print_seen(const struct seen *one, const struct call *call)
{
	if (one->returns && (call->operation == REGISTER_PRODUCER || call->operation == REGISTER_CONSUMER))
		printf("\"returns\":%d", one->value);
	else
		printf("\"returns\":null");
	printf(",\"warn\":%s,\"callbacks\":[", one->warns ? "true" : "false");
	for (int i = 0; i < one->callbacks; i++)
		printf("%s\"%s\"", i ? "," : "", one->callback[i]);
	printf("]");
}

static void go_back(int to)
{
	copy(irqbypass_state_start, states[to].bytes, state_size());
	custom_after_restore();
}

/* Makes a call in the state that memory is in. Answers whether it ended as calls should. */
static bool attempt(const struct call *call)
{
	trouble[0] = '\0';
	is_corrupt = false;
	current = NULL;
	seen = &outer_seen;
	begun++;
	if (sigsetjmp(out, 0) == 0) {
		is_inside = 1;
		make(call, &outer_seen);
		/* Where the call did not wait for the mutex the other one comes after it. */
		if (call->race && !outer_seen.races) {
			outer_seen.races = true;
			make(call->race, &inner_seen);
		}
	}
	is_inside = 0;
	return !is_corrupt && trouble[0] == '\0';
}

static void perform(int from, const struct call *call)
{
	bool is_new = false;
	int number = -1;

	go_back(from);
	if (attempt(call))
		number = number_now(&is_new);
	printf("{");
	print_seen(&outer_seen, call);
	if (outer_seen.races) {
		printf(",\"race\":{");
		print_seen(&inner_seen, call->race);
		printf("}");
	}
	if (trouble[0]) {
		printf(",\"trouble\":\"");
		for (const char *at = trouble; *at; at++)
			if (*at >= ' ' && *at != '"' && *at != '\\')
				putchar(*at);
		printf("\"");
	}
	printf(",\"corruption\":%s,\"to\":%d", is_corrupt ? "true" : "false", number);
	if (is_new || number < 0)
		print_state();
	printf("}\n");
}

static bool is_same_seen(const struct seen *one, const struct seen *other)
{
	if (one->returns != other->returns || one->value != other->value || one->warns != other->warns ||
	    one->callbacks != other->callbacks)
		return false;
	for (int i = 0; i < one->callbacks; i++)
		if (strcmp(one->callback[i], other->callback[i]) != 0)
			return false;
	return true;
}

static bool commutes(int from, const struct call *call)
{
	unsigned long together[2], apart[2];
	struct call alone = *call;
	struct seen outer, inner;

	go_back(from);
	if (!attempt(call))
		return false;
	outer = outer_seen;
	inner = inner_seen;
	hash_state(together);
	go_back(from);
	if (!attempt(call->race) || !is_same_seen(&inner, &outer_seen))
		return false;
	alone.race = NULL;
	if (!attempt(&alone) || !is_same_seen(&outer, &outer_seen))
		return false;
	hash_state(apart);
	return together[0] == apart[0] && together[1] == apart[1];
}

static void run_calls(int from, int n, bool is_commuting)
{
	char line[200];

	for (int i = 0; i < n; i++) {
		struct call call = { 0 }, race = { 0 };
		int fields;

		if (!fgets(line, sizeof(line), stdin))
			exit(0);
		fields = sscanf(line, "%d %d %d %d %d %d %d", &call.operation, &call.object, &call.eventfd, &call.fault,
				&race.operation, &race.object, &race.eventfd);
		if (fields == 7)
			call.race = &race;
		if (is_commuting)
			putchar(fields == 7 && commutes(from, &call) ? '1' : '0');
		else
			perform(from, &call);
	}
	if (is_commuting)
		putchar('\n');
	fflush(stdout);
}

static bool is_known(int state) { return state >= 0 && state < count && states[state].bytes; }

int main(int argc, char **argv)
{
	struct itimerval tick = { { 0, 50000 }, { 0, 50000 } };
	struct sigaction action = { 0 };
	static char stack[1 << 16];
	stack_t own = { .ss_sp = stack, .ss_size = sizeof(stack) };
	char line[1 << 16];
	bool is_new;

	/* producers consumers eventfds, whether there are irqs, then for each struct what it lacks */
	if (argc < 5)
		return 98;
	producers = atoi(argv[1]);
	consumers = atoi(argv[2]);
	eventfds = atoi(argv[3]);
	has_irqs = atoi(argv[4]);
	if (producers > MAX_STRUCTS || consumers > MAX_STRUCTS || eventfds > MAX_STRUCTS)
		return 98;
	if (__asan_set_error_report_callback)
		__asan_set_error_report_callback(on_asan_report);
	sigaltstack(&own, NULL);
	action.sa_flags = SA_ONSTACK | SA_NODEFER;
	action.sa_handler = on_fault;
	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
	sigaction(SIGFPE, &action, NULL);
	sigaction(SIGILL, &action, NULL);
	action.sa_flags |= SA_RESTART;
	action.sa_handler = on_tick;
	sigaction(SIGPROF, &action, NULL);
	setitimer(ITIMER_PROF, &tick, NULL);
	/* Not of its address space: a sanitizer's shadow is terabytes of it. */
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	setrlimit(RLIMIT_FSIZE, &(struct rlimit){ 1 << 26, 1 << 26 });
	setrlimit(RLIMIT_NOFILE, &(struct rlimit){ 32, 32 });
	grow_index();
	for (int i = 0; i < producers + consumers; i++)
		unit_begin(i < producers, i < producers ? i : i - producers, i + 5 < argc ? atoi(argv[i + 5]) : 0);
	number_now(&is_new);
	printf("{\"to\":0,\"form\":%d", unit_form);
	print_state();
	printf("}\n");
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin)) {
		int from, clean, n;

		if (sscanf(line, "go %d %d %d", &from, &clean, &n) == 3 && is_known(from)) {
			is_clean = clean;
			run_calls(from, n, false);
		} else if (sscanf(line, "commute %d %d %d", &from, &clean, &n) == 3 && is_known(from)) {
			is_clean = clean;
			run_calls(from, n, true);
		} else if (strncmp(line, "drop ", 5) == 0) {
			char *at = line + 5, *end;

			for (long one = strtol(at, &end, 10); end != at; at = end, one = strtol(at, &end, 10))
				if (one > 0 && one < count) {
					free(states[one].bytes);
					states[one].bytes = NULL;
				}
		} else {
			fprintf(stderr, "harness: no such command or state: %s", line);
			return 97;
		}
	}
	return 0;
}
