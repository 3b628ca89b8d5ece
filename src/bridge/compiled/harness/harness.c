/* The main loop: goes back to a state, makes a call, tells what was seen and which state that is.
 *
 * Arguments: how many producers, consumers and eventfds; 1 or 0 each: are producers given irqs, are callers clean (unit_call()), is it
 * told what callbacks could see; then for each struct what it lacks.
 *
 * Commands, a line each; states, calls and what was seen are numbers from 0, in the order in which they are told:
 *   call OPERATION OBJECT EVENTFD FAULT [OPERATION OBJECT EVENTFD]
 *                     a call, the last three of another thread while it waits for the mutex
 *   go STATE CALL...  makes each of the calls (5, or 5-9 for all of these) in the state. One line answers, ` SEEN RACE STATE` for each:
 *                     what was seen of the call, of the other thread's (-1 for none), and the state that comes of it (-1 for none)
 *   commute STATE CALL...
 *                     one line answers, a digit for each call with another thread's: 1 where the two do the same and lead to the same
 *                     state as one after the other, the other thread's first
 * Lines that begin with { come before an answer: what is new, and for each -1 as a state what went wrong. State 0 is the first one.
 *
 * What is known is not done again: a plain call is made once in each state; a fault that nothing asked for changes nothing; where a
 * call does not wait for the mutex the other thread's comes after it. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>
#include "states.h"
#include "tell.h"

/* Of libasan; absent where the program is built for coverage. */
extern void __asan_set_error_report_callback(void (*)(const char *)) __attribute__((weak));

/* Are producers given irqs? They tell eventfds apart. */
static bool has_irqs, is_clean, has_sights;

static struct seen outer_seen, inner_seen, *seen = &outer_seen;
static const struct call *current;
static bool is_waiting_allowed, is_corrupt;
static char trouble[200];
static sigjmp_buf out;

/* What a call asked for: bits by the numbers of faults, and this one. */
#define ASKED_FOR_MUTEX 1
static unsigned char asked;

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

/* Does this fault come with the call? */
static bool fails(enum fault fault)
{
	asked |= 1 << fault;
	return current->fault == fault;
}

void harness_warn(void) { seen->warns = true; }
bool harness_node(void) { return !fails(ALLOCATION_FAILS); }
bool harness_module_get_fails(void) { return fails(MODULE_GET_FAILS); }

int harness_answer(bool is_producer)
{
	return fails(is_producer ? ADD_CONSUMER_FAILS : ADD_PRODUCER_FAILS) ? -5 : 0;
}

bool harness_is_of_set(const void *at)
{
	for (int side = 0; side < 2; side++) {
		struct set set = unit_set(side == 0);

		if ((const char *)at >= (const char *)set.at && (const char *)at < (const char *)set.at + set.size)
			return true;
	}
	return false;
}

void harness_callback(bool is_producer, int i, enum callback_kind kind, int peer, const int *answer)
{
	struct callback *callback;

	if (custom_held == 0)
		note_trouble("calls a callback without the mutex");
	if (seen->callbacks == MAX_CALLBACKS)
		harness_bug("calls more than 16 callbacks");
	callback = &seen->callback[seen->callbacks++];
	memset(callback, 0, sizeof(*callback));
	callback->is_producer = is_producer;
	callback->object = i;
	callback->peer = peer;
	callback->kind = kind;
	callback->answer = answer ? *answer : 0;
	if (has_sights && i >= 0)
		unit_look(is_producer, i, scope.eventfds, &callback->own);
	if (has_sights && peer >= 0)
		unit_look(!is_producer, peer, scope.eventfds, &callback->other);
}

static bool is_registration(const struct call *call)
{
	return call->operation == REGISTER_PRODUCER || call->operation == REGISTER_CONSUMER;
}

static void make(const struct call *call, struct seen *into)
{
	const struct call *outer = current;
	struct seen *outer_into = seen;

	current = call;
	seen = into;
	into->value = into->callbacks = 0;
	into->returns = into->warns = into->races = false;
	is_waiting_allowed = call->race != NULL;
	/* Another irq for each key, so that it is seen which of two registrations has written it. */
	into->value = unit_call(call, is_clean, has_irqs ? 33 + call->eventfd : 0);
	into->returns = is_registration(call);
	if (custom_held != 0 && outer == NULL)
		note_trouble("returns with the mutex held");
	current = outer;
	seen = outer_into;
}

void harness_race(void)
{
	const struct call *race;

	asked |= ASKED_FOR_MUTEX;
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

/* What was seen, by number. */
static struct seen *seens;
static int seen_count, seen_room;
static int *seen_index;
static unsigned int seen_mask;

static size_t size_of_seen(const struct seen *one)
{
	return offsetof(struct seen, callback) + one->callbacks * sizeof(one->callback[0]);
}

static unsigned int hash_of_seen(const struct seen *one)
{
	const unsigned int *words = (const unsigned int *)one;
	unsigned int hash = 2166136261;

	for (size_t i = 0; i < size_of_seen(one) / sizeof(*words); i++)
		hash = (hash ^ words[i]) * 16777619 ^ hash >> 15;
	return hash;
}

static unsigned int place_of_seen(const struct seen *one)
{
	unsigned int at = hash_of_seen(one) & seen_mask;

	while (seen_index[at] >= 0 && memcmp(&seens[seen_index[at]], one, size_of_seen(one)) != 0)
		at = (at + 1) & seen_mask;
	return at;
}

static void grow_seens(void)
{
	seen_room = seen_room ? seen_room * 2 : 256;
	seens = realloc(seens, seen_room * sizeof(*seens));
	free(seen_index);
	seen_mask = seen_room * 4 - 1;
	seen_index = malloc((seen_mask + 1) * sizeof(int));
	memset(seen_index, 0xff, (seen_mask + 1) * sizeof(int));
	for (int i = 0; i < seen_count; i++)
		seen_index[place_of_seen(&seens[i])] = i;
}

/* The number of what was seen; told where it is new. */
static int number_of(struct seen *one)
{
	unsigned int at;

	one->races = false;
	at = place_of_seen(one);
	if (seen_index[at] >= 0)
		return seen_index[at];
	if (seen_count == seen_room) {
		grow_seens();
		at = place_of_seen(one);
	}
	memcpy(&seens[seen_count], one, size_of_seen(one));
	seen_index[at] = seen_count;
	printf("{\"seen\":");
	tell_seen(one, has_sights);
	printf("}\n");
	return seen_count++;
}

/* The state that memory is in as long as nothing was done; -1 where that is not known. */
static int memory_is = -1;

/* Does something that may never come back. Answers whether it did, and nothing is wrong. */
static bool is_done(void (*something)(const void *), const void *with)
{
	trouble[0] = '\0';
	is_corrupt = false;
	current = NULL;
	seen = &outer_seen;
	begun++;
	memory_is = -1;
	if (sigsetjmp(out, 0) == 0) {
		is_inside = 1;
		something(with);
	}
	is_inside = 0;
	if (!is_corrupt && trouble[0] == '\0')
		return true;
	distrust_memory();
	return false;
}

static void make_both(const void *with)
{
	const struct call *call = with;

	asked = 0;
	make(call, &outer_seen);
	/* Where the call did not wait for the mutex the other one comes after it. */
	if (call->race && !outer_seen.races) {
		outer_seen.races = true;
		make(call->race, &inner_seen);
	}
	custom_end();
}

static struct entries entries;

static void read_entries(const void *with)
{
	static struct call none;

	(void)with;
	current = &none;
	for (int side = 0; side < 2; side++)
		entries.count[side] = unit_entries(side == 0, entries.entry[side]);
}

/* What came of a call, by numbers. */
struct outcome { int seen, race, to; };

/* The number of the state that memory is in; -1 where its sets cannot be read. */
static int number_now(void)
{
	int number;

	look_at_memory();
	number = known_state();
	if (number >= 0)
		return number;
	entries.count[0] = entries.count[1] = 0;
	if (!is_done(read_entries, NULL))
		return -1;
	number = enter_state();
	printf("{\"state\":");
	tell_state(&entries);
	printf("}\n");
	return number;
}

/* What went wrong, with the state that nobody can go on from. */
static void tell_wrong(void)
{
	char what[sizeof(trouble)];
	bool was_corrupt = is_corrupt;

	memcpy(what, trouble, sizeof(what));
	entries.count[0] = entries.count[1] = 0;
	look_at_memory();
	is_done(read_entries, NULL);
	printf("{\"corruption\":%s,\"trouble\":", was_corrupt ? "true" : "false");
	if (what[0])
		tell_text(what);
	else
		printf("null");
	printf(",\"wrong\":");
	tell_state(&entries);
	printf("}\n");
}

static struct outcome make_now(int from, const struct call *call)
{
	struct outcome outcome = { -1, -1, -1 };
	bool is_well, is_race_seen;
	unsigned char asked_for;

	if (from != memory_is)
		go_back(from);
	is_well = is_done(make_both, call);
	asked_for = asked;
	is_race_seen = outer_seen.races;
	outcome.seen = number_of(&outer_seen);
	if (is_race_seen)
		outcome.race = number_of(&inner_seen);
	if (is_well)
		outcome.to = memory_is = number_now();
	asked = asked_for;
	return outcome;
}

/* How many plain calls there are, and which of them a call is without its fault and the other thread's. */
static int plain_calls(void) { return (scope.producers + scope.consumers) * (scope.eventfds + 2); }

static int plain_number(const struct call *call)
{
	bool is_producer = call->operation == REGISTER_PRODUCER || call->operation == UNREGISTER_PRODUCER;
	int object = (is_producer ? 0 : scope.producers) + call->object;

	return object * (scope.eventfds + 2) + (is_registration(call) ? call->eventfd + 1 : scope.eventfds + 1);
}

/* What is known of a call without its fault and the other thread's in a state; NULL for nothing. */
static const struct plain_result *known_result(int from, const struct call *call)
{
	const struct plain_result *results = state_at(from)->plain;

	return results && results[plain_number(call)].seen >= 0 ? &results[plain_number(call)] : NULL;
}

static void note_result(int from, const struct call *call, struct outcome outcome)
{
	struct plain_result *results = state_at(from)->plain;

	if (outcome.to < 0)
		return;
	if (!results) {
		results = malloc(plain_calls() * sizeof(*results));
		for (int i = 0; i < plain_calls(); i++)
			results[i].seen = -1;
		state_at(from)->plain = results;
	}
	results[plain_number(call)] = (struct plain_result){ outcome.seen, outcome.to, asked };
}

static struct outcome make_plain(int from, const struct call *call)
{
	const struct plain_result *known = known_result(from, call);
	struct outcome outcome;

	if (known)
		return (struct outcome){ known->seen, -1, known->to };
	outcome = make_now(from, call);
	note_result(from, call, outcome);
	return outcome;
}

/* Makes a call in a state. */
static struct outcome make_in(int from, const struct call *call)
{
	const struct plain_result *alone = known_result(from, call);

	if (!call->race && call->fault == NO_FAULT)
		return make_plain(from, call->plain);
	if (alone && !call->race && !(alone->asked & 1 << call->fault))
		return (struct outcome){ alone->seen, -1, alone->to };
	if (alone && call->race && call->fault == NO_FAULT && !(alone->asked & ASKED_FOR_MUTEX)) {
		int first = alone->seen;
		struct outcome race = make_plain(alone->to, call->race);

		if (race.to >= 0)
			return (struct outcome){ first, race.seen, race.to };
	}
	return make_now(from, call);
}

static bool commutes(int from, const struct call *call)
{
	struct outcome together = make_in(from, call), first, second;

	if (!call->race || together.to < 0)
		return false;
	first = make_plain(from, call->race);
	if (first.to < 0 || first.seen != together.race)
		return false;
	second = make_plain(first.to, call->plain);
	return second.seen == together.seen && second.to == together.to;
}

static const struct call **calls;
static int call_count;

static struct call *new_call(struct call what)
{
	struct call *call = malloc(sizeof(*call));

	*call = what;
	call->plain = call;
	return call;
}

static bool is_call(const struct call *call)
{
	bool is_of_producer = call->operation == REGISTER_PRODUCER || call->operation == UNREGISTER_PRODUCER;

	return call->operation >= 0 && call->operation <= UNREGISTER_CONSUMER && call->object >= 0 &&
	       call->object < (is_of_producer ? scope.producers : scope.consumers) && call->eventfd >= -1 &&
	       call->eventfd < scope.eventfds;
}

static bool define_call(const char *line)
{
	struct call outer = { 0 }, race = { 0 };
	int fields = sscanf(line, "%d %d %d %d %d %d %d", &outer.operation, &outer.object, &outer.eventfd, &outer.fault,
			    &race.operation, &race.object, &race.eventfd);
	struct call *call, *plain;

	if ((fields != 4 && fields != 7) || !is_call(&outer) || !is_call(&race))
		return false;
	plain = new_call(outer);
	plain->fault = NO_FAULT;
	call = new_call(outer);
	call->plain = plain;
	if (fields == 7)
		call->race = new_call(race);
	if ((call_count & (call_count - 1)) == 0)
		calls = realloc(calls, (call_count ? call_count * 2 : 1) * sizeof(*calls));
	calls[call_count++] = call;
	return true;
}

/* The line that answers: it comes after what is told meanwhile. */
static char *answer;
static size_t answer_size, answer_room;

static void answer_with(const char *text)
{
	size_t size = strlen(text);

	if (answer_size + size >= answer_room)
		answer = realloc(answer, answer_room = (answer_room + size) * 2);
	memcpy(answer + answer_size, text, size);
	answer_size += size;
}

static void answer_number(int number)
{
	char text[16], *at = text + sizeof(text) - 1;
	unsigned int rest = number < 0 ? 1 : number;

	*at = '\0';
	do
		*--at = '0' + rest % 10;
	while (rest /= 10);
	if (number < 0)
		*--at = '-';
	*--at = ' ';
	answer_with(at);
}

static void go(int from, const struct call *call)
{
	struct outcome outcome = make_in(from, call);

	if (outcome.to < 0)
		tell_wrong();
	answer_number(outcome.seen);
	answer_number(outcome.race);
	answer_number(outcome.to);
}

static void commute(int from, const struct call *call)
{
	answer_with(commutes(from, call) ? "1" : "0");
}

/* Each of the calls of a line: `5 7-9`. */
static bool each_call(int from, char *at, void (*something)(int from, const struct call *call))
{
	for (;;) {
		char *end;
		long first = strtol(at, &end, 10), last = first;

		if (end == at)
			break;
		if (*end == '-')
			last = strtol(end + 1, &end, 10);
		at = end;
		if (first < 0 || last >= call_count)
			return false;
		for (; first <= last; first++)
			something(from, calls[first]);
	}
	answer_with("\n");
	fwrite(answer, 1, answer_size, stdout);
	fflush(stdout);
	answer_size = 0;
	return true;
}

static bool obey(char *line)
{
	char *at;
	long state;

	if (strncmp(line, "call ", 5) == 0)
		return define_call(line + 5);
	at = strchr(line, ' ');
	if (!at)
		return false;
	state = strtol(at, &at, 10);
	if (!is_state(state))
		return false;
	if (strncmp(line, "go ", 3) == 0)
		return each_call(state, at, go);
	return strncmp(line, "commute ", 8) == 0 && each_call(state, at, commute);
}

static void catch_signals(void)
{
	struct itimerval tick = { { 0, 50000 }, { 0, 50000 } };
	struct sigaction action = { 0 };
	static char stack[1 << 16];
	stack_t own = { .ss_sp = stack, .ss_size = sizeof(stack) };

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
}

int main(int argc, char **argv)
{
	char *line = NULL;
	size_t room = 0;

	if (argc < 7)
		return 98;
	scope = (struct scope){ atoi(argv[1]), atoi(argv[2]), atoi(argv[3]) };
	has_irqs = atoi(argv[4]);
	is_clean = atoi(argv[5]);
	has_sights = atoi(argv[6]);
	if (scope.producers > MAX_STRUCTS || scope.consumers > MAX_STRUCTS || scope.eventfds > MAX_STRUCTS)
		return 98;
	catch_signals();
	/* Not of its address space: a sanitizer's shadow is terabytes of it. */
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	setrlimit(RLIMIT_FSIZE, &(struct rlimit){ 1 << 26, 1 << 26 });
	setrlimit(RLIMIT_NOFILE, &(struct rlimit){ 32, 32 });
	setvbuf(stdout, NULL, _IOFBF, 1 << 16);
	for (int i = 0; i < scope.producers + scope.consumers; i++)
		unit_begin(i < scope.producers, i < scope.producers ? i : i - scope.producers, i + 7 < argc ? atoi(argv[i + 7]) : 0);
	grow_seens();
	states_begin();
	number_now();
	printf("%d\n", unit_form);
	fflush(stdout);
	while (getline(&line, &room, stdin) > 0)
		if (!obey(line)) {
			fprintf(stderr, "harness: no such command, call or state: %s", line);
			return 97;
		}
	return 0;
}
