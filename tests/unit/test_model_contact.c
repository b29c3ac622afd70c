/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_model_contact.c - a contact moves by the table or not at all, stands in
 * a bounded number of places, and remembers a bounded number of refusals.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "model/contact.h"
#include "model/order.h"
#include "model/world.h"

static struct rules *no_rules(void *arg, struct str text)
{
	(void)arg;
	(void)text;
	return NULL;
}

static struct world *empty_world(void)
{
	struct world *w = world_new("main", no_rules, NULL);

	w->now = 5000;
	return w;
}

static struct contact *contact_at(
    struct world *w, uint64_t id, msec_t arrived, msec_t offset)
{
	struct contact *c = contact_add(w, (struct contact_id){ id });

	c->arrived = arrived;
	c->offset = offset;
	w->tally.arrived++;
	return c;
}

/* Does it end the process? What it says on the way is nobody's affair. */
static bool dies(void (*act)(void *arg), void *arg)
{
	int status = 0;
	pid_t child;

	fflush(NULL);
	child = fork();
	if (child == 0) {
		if (freopen("/dev/null", "w", stderr) == NULL)
			_exit(3);
		signal(SIGABRT, SIG_DFL);
		act(arg);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

/* ---- moves ----------------------------------------------------------------- */

/* The diagram of contact.h, written a second time: from a row to a column. */
static const bool legal[CONTACT_KINDS][CONTACT_KINDS] = {
	[CONTACT_WAITING] = { [CONTACT_WAITING] = true,
	    [CONTACT_OFFERED] = true,
	    [CONTACT_ACTIVE] = true,
	    [CONTACT_SCHEDULED] = true,
	    [CONTACT_ENDED] = true },
	[CONTACT_OFFERED] = { [CONTACT_WAITING] = true,
	    [CONTACT_ACTIVE] = true,
	    [CONTACT_ENDED] = true },
	[CONTACT_ACTIVE] = { [CONTACT_WAITING] = true,
	    [CONTACT_PARKED] = true,
	    [CONTACT_SCHEDULED] = true,
	    [CONTACT_ENDED] = true },
	[CONTACT_PARKED] = { [CONTACT_WAITING] = true,
	    [CONTACT_ACTIVE] = true,
	    [CONTACT_ENDED] = true },
	[CONTACT_SCHEDULED] = { [CONTACT_WAITING] = true,
	    [CONTACT_ENDED] = true },
};

static struct contact *contact_in(struct world *w, enum contact_state s)
{
	struct contact *c = contact_at(w, 1, 1000, 0);

	if (s == CONTACT_PARKED)
		contact_set_state(w, c, CONTACT_ACTIVE);
	if (s != CONTACT_WAITING)
		contact_set_state(w, c, s);
	return c;
}

struct move {
	enum contact_state from, to;
};

static void move(void *arg)
{
	const struct move *m = arg;
	struct world *w = empty_world();

	contact_set_state(w, contact_in(w, m->from), m->to);
}

static void only_moves_of_the_diagram_are_made(void **state)
{
	unsigned from, to;

	(void)state;
	for (from = 0; from < CONTACT_KINDS; from++) {
		for (to = 0; to < CONTACT_KINDS; to++) {
			struct move m = { (enum contact_state)from,
				(enum contact_state)to };

			if (dies(move, &m) == legal[from][to])
				fail_msg("%s to %s", contact_state_word(from),
				    contact_state_word(to));
		}
	}
}

static void a_move_is_counted_and_stamped(void **state)
{
	struct world *w = empty_world();
	struct contact *c = contact_at(w, 1, 1000, 0);

	(void)state;
	contact_at(w, 2, 1000, 0);
	w->now = 7000;
	contact_set_state(w, c, CONTACT_ACTIVE);
	assert_int_equal(c->state, CONTACT_ACTIVE);
	assert_int_equal(c->since, 7000);
	assert_int_equal(w->tally.in_state[CONTACT_WAITING], 1);
	assert_int_equal(w->tally.in_state[CONTACT_ACTIVE], 1);
	assert_ptr_equal(list_first(&w->contact_lists[CONTACT_ACTIVE],
	                     struct contact, in_state),
	    c);
	assert_int_equal(list_count(&w->contact_lists[CONTACT_WAITING]), 1);
	world_free(w);
}

static void add_twice(void *arg)
{
	struct world *w = empty_world();

	(void)arg;
	contact_at(w, 1, 1000, 0);
	contact_at(w, 1, 1000, 0);
}

static void no_two_contacts_have_one_id(void **state)
{
	(void)state;
	assert_true(dies(add_twice, NULL));
}

/* ---- order ----------------------------------------------------------------- */

static void smaller_key_goes_first_then_lower_id(void **state)
{
	struct world *w = empty_world();
	struct contact *early = contact_at(w, 3, 1000, 60000);
	struct contact *late = contact_at(w, 2, 2000, 60000);
	struct contact *call = contact_at(w, 4, 30000, 20000);
	struct contact *same = contact_at(w, 5, 41000, 20000);

	(void)state;
	assert_int_equal(contact_key(early), 61000);
	assert_true(contact_before(early, late));
	assert_false(contact_before(late, early));
	assert_true(contact_before(call, early)); /* 50000 < 61000 */
	assert_int_equal(contact_key(same), contact_key(early));
	assert_true(contact_before(early, same));
	assert_false(contact_before(same, early));
	assert_false(contact_before(early, early));
	world_free(w);
}

/* ---- places ---------------------------------------------------------------- */

static struct queue *queue_number(struct world *w, unsigned n)
{
	char *name = mem_textf("q%u", n);
	struct queue *q = world_make_queue(w, str_of(name));

	mem_free(name);
	return q;
}

static void enter_places(void *arg)
{
	struct world *w = empty_world();
	struct contact *c = contact_at(w, 1, 1000, 0);
	unsigned i;

	for (i = 0; i < *(unsigned *)arg; i++)
		contact_enter(w, c, queue_number(w, i), 5000);
}

static void four_places_and_no_more(void **state)
{
	unsigned four = PLACES_MAX;
	unsigned five = PLACES_MAX + 1;

	(void)state;
	assert_false(dies(enter_places, &four));
	assert_true(dies(enter_places, &five));
}

static void a_place_is_found_by_its_queue(void **state)
{
	struct world *w = empty_world();
	struct contact *c = contact_at(w, 1, 1000, 0);
	struct queue *a = queue_number(w, 1);
	struct queue *b = queue_number(w, 2);
	struct place *p;

	(void)state;
	contact_enter(w, c, a, 5000);
	p = contact_enter(w, c, b, 6000);
	assert_ptr_equal(contact_place(c, b), p);
	assert_int_equal(p->entered, 6000);
	assert_null(contact_place(c, queue_number(w, 3)));
	assert_int_equal(list_count(&a->places), 1);
	contact_leave_all(c);
	assert_int_equal(c->place_count, 0);
	assert_true(list_is_empty(&a->places));
	assert_true(list_is_empty(&b->places));
	world_free(w);
}

/* ---- exceptions ------------------------------------------------------------ */

static bool is_out(const struct contact *c, uint64_t agent)
{
	return contact_is_excluded(c, (struct agent_id){ agent });
}

static void exclude(
    struct world *w, struct contact *c, uint64_t agent, msec_t until)
{
	contact_exclude(w, c, (struct agent_id){ agent }, until);
}

static void an_exclusion_lasts_until_its_end(void **state)
{
	struct world *w = empty_world();
	struct contact *c = contact_at(w, 1, 1000, 0);

	(void)state;
	exclude(w, c, 7, 9000);
	exclude(w, c, 8, 8000);
	assert_true(contact_is_exceptional(c));
	assert_int_equal(world_next_due(w), 8000);
	contact_clear_exceptions(w, c, 7999);
	assert_true(is_out(c, 8));
	contact_clear_exceptions(w, c, 8000);
	assert_false(is_out(c, 8));
	assert_true(is_out(c, 7));
	assert_int_equal(world_next_due(w), 9000);
	contact_clear_exceptions(w, c, 9000);
	assert_false(contact_is_exceptional(c));
	assert_int_equal(world_next_due(w), -1);
	world_free(w);
}

static void an_agent_is_excluded_once(void **state)
{
	struct world *w = empty_world();
	struct contact *c = contact_at(w, 1, 1000, 0);

	(void)state;
	exclude(w, c, 7, 8000);
	exclude(w, c, 7, 9000);
	assert_int_equal(c->excluded_count, 1);
	contact_clear_exceptions(w, c, 8500);
	assert_true(is_out(c, 7));
	world_free(w);
}

static void a_ninth_takes_the_place_of_who_is_back_first(void **state)
{
	struct world *w = empty_world();
	struct contact *c = contact_at(w, 1, 1000, 0);
	uint64_t i;

	(void)state;
	for (i = 1; i <= EXCLUDED_MAX; i++)
		exclude(w, c, i, i == 5 ? 6000 : 9000 + (msec_t)i);
	exclude(w, c, 99, 20000);
	assert_int_equal(c->excluded_count, EXCLUDED_MAX);
	assert_true(is_out(c, 99));
	assert_false(is_out(c, 5));
	for (i = 1; i <= EXCLUDED_MAX; i++)
		assert_int_equal(is_out(c, i), i != 5);
	assert_int_equal(world_next_due(w), 9001);
	world_free(w);
}

static void a_hold_reserves_for_one_until_its_end(void **state)
{
	struct world *w = empty_world();
	struct contact *c = contact_at(w, 1, 1000, 0);

	(void)state;
	c->held_for.v = 7;
	c->held_until = 9000;
	c->held_by_transfer = true;
	contact_clear_exceptions(w, c, 5000);
	assert_true(contact_is_held_from(c, (struct agent_id){ 8 }));
	assert_false(contact_is_held_from(c, (struct agent_id){ 7 }));
	assert_int_equal(world_next_due(w), 9000);
	contact_clear_exceptions(w, c, 9000);
	assert_false(contact_is_held_from(c, (struct agent_id){ 8 }));
	assert_false(c->held_by_transfer);
	assert_int_equal(world_next_due(w), -1);
	world_free(w);
}

/* ---- the end --------------------------------------------------------------- */

static void forget_waiting(void *arg)
{
	struct world *w = empty_world();

	(void)arg;
	contact_forget(w, contact_at(w, 1, 1000, 0));
}

static void only_the_ended_are_forgotten(void **state)
{
	(void)state;
	assert_true(dies(forget_waiting, NULL));
}

static void what_is_owed_outlives_its_contact(void **state)
{
	struct world *w = empty_world();
	struct contact *c = contact_at(w, 1, 1000, 0);
	struct order *o = new_of(struct order);

	(void)state;
	o->id = 12;
	o->contact = c->id;
	o->kind = ORDER_MAIL_SEND;
	order_init(o);
	order_owe(w, o);
	assert_false(list_is_empty(&c->orders));
	contact_set_state(w, c, CONTACT_ENDED);
	contact_forget(w, c);
	assert_null(world_contact(w, (struct contact_id){ 1 }));
	assert_ptr_equal(map_find(&w->orders, 12), o);
	assert_false(list_is_linked(&o->in_contact));
	world_free(w);
}

static void a_language_is_two_small_letters(void **state)
{
	char text[3];

	(void)state;
	language_unpack(language_pack(STR("pt")), text);
	assert_string_equal(text, "pt");
	assert_int_equal(language_pack(STR("PT")), 0);
	assert_int_equal(language_pack(STR("pt-BR")), 0);
	assert_int_equal(language_pack(STR("")), 0);
	assert_int_not_equal(
	    language_pack(STR("pt")), language_pack(STR("tp")));
}

static void nothing_is_left(void **state)
{
	(void)state;
	assert_int_equal(mem_live(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_moves_of_the_diagram_are_made),
		cmocka_unit_test(a_move_is_counted_and_stamped),
		cmocka_unit_test(no_two_contacts_have_one_id),
		cmocka_unit_test(smaller_key_goes_first_then_lower_id),
		cmocka_unit_test(four_places_and_no_more),
		cmocka_unit_test(a_place_is_found_by_its_queue),
		cmocka_unit_test(an_exclusion_lasts_until_its_end),
		cmocka_unit_test(an_agent_is_excluded_once),
		cmocka_unit_test(a_ninth_takes_the_place_of_who_is_back_first),
		cmocka_unit_test(a_hold_reserves_for_one_until_its_end),
		cmocka_unit_test(only_the_ended_are_forgotten),
		cmocka_unit_test(what_is_owed_outlives_its_contact),
		cmocka_unit_test(a_language_is_two_small_letters),
		cmocka_unit_test(nothing_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
