/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_model_world.c - names keep their numbers, memories their time, and a
 * checkpoint comes back as the same world or not at all.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/codec.h"
#include "base/mem.h"
#include "made_rules.h"
#include "model/index.h"
#include "model/world.h"

#define TEN_MINUTES ((msec_t)10 * 60 * 1000)

static const struct made how = { 4, 3, 3, true };

static struct rules *some_rules(void)
{
	struct rng dice;

	rng_seed(&dice, 7);
	return made_rules(&dice, &how);
}

static struct world *world_with(struct rules **rules)
{
	struct world *w = world_new("main", made_source, rules);

	w->now = 1000000;
	world_bind(w, rules_ref(*rules));
	return w;
}

/* ---- a world with something of everything --------------------------------- */

static struct contact *add_contact(struct world *w, enum contact_state s)
{
	struct contact *c =
	    contact_add(w, (struct contact_id){ w->next_contact++ });

	c->channel = CHANNEL_CHAT;
	c->arrived = c->since = w->now - 5000;
	c->offset = 60000;
	c->language = language_pack(STR("pt"));
	c->key = 77;
	c->queue = w->queues[0]->id;
	w->tally.arrived++;
	if (s == CONTACT_PARKED)
		contact_set_state(w, c, CONTACT_ACTIVE);
	if (s != CONTACT_WAITING)
		contact_set_state(w, c, s);
	return c;
}

static void add_waiting(struct world *w)
{
	struct contact *c = add_contact(w, CONTACT_WAITING);
	struct contact *held = add_contact(w, CONTACT_WAITING);
	struct contact *raw = add_contact(w, CONTACT_WAITING);

	contact_enter(w, c, w->queues[0], w->now - 4000);
	contact_enter(w, c, w->queues[1], w->now - 3000);
	index_add_contact(w, c);
	contact_enter(w, held, w->queues[2], w->now - 4000);
	held->held_for = w->agents[1]->id;
	held->held_until = w->now + 9000;
	contact_exclude(w, held, w->agents[0]->id, w->now + 8000);
	held->excepted_at = w->now;
	index_add_contact(w, held);
	raw->unparsed = true;
}

static void add_offered(struct world *w, struct agent *a)
{
	struct contact *c = add_contact(w, CONTACT_OFFERED);
	struct offer *o = new_of(struct offer);

	contact_enter(w, c, w->queues[1], w->now - 2000);
	*o = (struct offer){ .id = { w->next_offer++ },
		.contact = c,
		.agent = a,
		.queue = w->queues[1],
		.made_at = w->now,
		.deadline = w->now + 10000 };
	index_remove_agent(w, a);
	c->offer = o;
	a->offer = o;
	o->queue->offered++;
	offer_arm(w, o);
	index_add_agent(w, a);
}

static void add_active(struct world *w, struct agent *a)
{
	struct contact *c = add_contact(w, CONTACT_ACTIVE);

	index_remove_agent(w, a);
	c->owner = a;
	list_push(&a->contacts, &c->in_owner);
	a->load[c->channel]++;
	index_add_agent(w, a);
}

static void set_agent(struct world *w, struct agent *a, enum agent_state s)
{
	bool was = agent_is_present(a);

	index_remove_agent(w, a);
	a->state = s;
	a->since = w->now;
	a->session = 40 + a->id.v;
	a->device = DEVICE_IDLE;
	index_presence(w, a, was, agent_is_present(a));
	index_add_agent(w, a);
}

static void add_override(struct world *w, struct agent *a)
{
	index_remove_agent(w, a);
	a->overrides[a->override_count++] =
	    (struct skill_override){ .skill = w->skills[2]->id,
		    .level = 90,
		    .until = w->now + 7000,
		    .author = mem_text("sup") };
	agent_arm(w, a);
	index_profile(w, a);
	index_add_agent(w, a);
}

static void add_order(struct world *w, uint64_t id, enum order_kind kind)
{
	struct order *o = new_of(struct order);

	*o = (struct order){ .id = id, .kind = kind, .contact = { 1 } };
	order_init(o);
	order_owe(w, o);
}

/* Everything but a known identifier. */
static struct world *plain_world(struct rules **rules)
{
	struct world *w = world_with(rules);

	w->seq = 500;
	w->epoch = 3;
	set_agent(w, w->agents[0], AGENT_READY);
	set_agent(w, w->agents[1], AGENT_READY);
	set_agent(w, w->agents[2], AGENT_NOT_READY);
	w->agents[2]->reason = mem_text("lunch");
	add_override(w, w->agents[2]);
	add_waiting(w);
	add_offered(w, w->agents[0]);
	add_active(w, w->agents[1]);
	add_contact(w, CONTACT_PARKED);
	w->queues[2]->override = 2;
	w->queues[2]->override_until = w->now + 6000;
	w->queues[2]->override_author = mem_text("sup");
	queue_arm(w, w->queues[2]);
	add_order(w, 480, ORDER_CALL_HOLD);
	add_order(w, 490, ORDER_MAIL_SEND);
	world_learn_key(
	    w, 77, 78, (struct contact_id){ 1 }, (struct message_id){ 0 });
	return w;
}

static struct world *full_world(struct rules **rules)
{
	struct world *w = plain_world(rules);

	world_learn_identifier(w, (struct identifier_id){ 9 },
	    (struct customer_id){ 4 }, LEVEL_VERIFIED);
	return w;
}

/* ---- names ----------------------------------------------------------------- */

static void a_name_keeps_its_number(void **state)
{
	struct rules *r = some_rules();
	struct world *w = world_with(&r);
	struct agent *a = world_agent_named(w, STR("a1"));
	struct agent *made;

	(void)state;
	assert_non_null(a);
	assert_ptr_equal(world_agent(w, a->id), a);
	assert_ptr_equal(world_make_agent(w, STR("a1")), a);
	made = world_make_agent(w, STR("new"));
	assert_int_equal(made->id.v, w->agent_count);
	assert_null(world_agent_named(w, STR("nobody")));
	assert_null(world_agent(w, (struct agent_id){ 0 }));
	assert_null(world_agent(w, (struct agent_id){ 99 }));
	world_free(w);
	rules_unref(r);
}

static void who_leaves_the_config_keeps_the_object(void **state)
{
	static const struct made smaller = { 4, 2, 2, true };
	struct rules *r = some_rules();
	struct world *w = world_with(&r);
	struct agent *a = world_agent_named(w, STR("a2"));
	struct agent_id id = a->id;
	struct rng dice;

	(void)state;
	rng_seed(&dice, 8);
	rules_unref(r);
	r = made_rules(&dice, &smaller);
	world_bind(w, rules_ref(r));
	world_check(w);
	assert_ptr_equal(world_agent(w, id), a);
	assert_int_equal(a->rule, RULE_NONE);
	assert_null(a->profile);
	assert_int_equal(
	    agent_refusal(w, a, CHANNEL_CHAT), REFUSAL_NOT_IN_CONFIG);
	world_free(w);
	rules_unref(r);
}

/* ---- memories -------------------------------------------------------------- */

static void a_key_is_known_for_seven_days(void **state)
{
	struct rules *r = some_rules();
	struct world *w = world_with(&r);
	msec_t learnt = w->now;

	(void)state;
	world_learn_key(
	    w, 5, 6, (struct contact_id){ 7 }, (struct message_id){ 8 });
	/* The first content stays. */
	world_learn_key(
	    w, 5, 60, (struct contact_id){ 70 }, (struct message_id){ 80 });
	w->now = learnt + (msec_t)7 * 24 * 3600 * 1000;
	world_expire(w);
	assert_non_null(world_key(w, 5));
	assert_int_equal(world_key(w, 5)->content, 6);
	assert_int_equal(world_key(w, 5)->contact.v, 7);
	w->now++;
	world_expire(w);
	assert_null(world_key(w, 5));
	world_learn_key(
	    w, 0, 1, (struct contact_id){ 7 }, (struct message_id){ 0 });
	assert_null(world_key(w, 0));
	world_free(w);
	rules_unref(r);
}

static void an_identifier_is_known_since_it_was_last_linked(void **state)
{
	struct rules *r = some_rules();
	struct world *w = world_with(&r);
	struct identifier_id id = { 5 };
	msec_t first = w->now;

	(void)state;
	world_learn_identifier(w, id, (struct customer_id){ 1 }, LEVEL_CLAIMED);
	w->now = first + TEN_MINUTES;
	world_learn_identifier(
	    w, id, (struct customer_id){ 1 }, LEVEL_VERIFIED);
	assert_int_equal(world_identifier(w, id)->level, LEVEL_VERIFIED);
	assert_int_equal(world_identifier(w, id)->owners, 1);
	w->now += TEN_MINUTES;
	world_expire(w);
	assert_non_null(world_identifier(w, id));
	w->now++;
	world_expire(w);
	assert_null(world_identifier(w, id));
	world_free(w);
	rules_unref(r);
}

static void an_identifier_of_two_is_unclear(void **state)
{
	struct rules *r = some_rules();
	struct world *w = world_with(&r);
	struct identifier_id id = { 5 };

	(void)state;
	world_learn_identifier(w, id, (struct customer_id){ 1 }, LEVEL_CLAIMED);
	world_learn_identifier(w, id, (struct customer_id){ 2 }, LEVEL_CLAIMED);
	assert_int_equal(world_identifier(w, id)->owners, 2);
	world_free(w);
	rules_unref(r);
}

static void who_has_ended_is_kept_for_ten_minutes(void **state)
{
	struct rules *r = some_rules();
	struct world *w = world_with(&r);
	struct contact *c = add_contact(w, CONTACT_ENDED);
	struct contact_id id = c->id;

	(void)state;
	w->ended_kept = 1;
	w->now += TEN_MINUTES;
	world_expire(w);
	assert_non_null(world_contact(w, id));
	w->now++;
	world_expire(w);
	assert_null(world_contact(w, id));
	assert_int_equal(w->ended_kept, 0);
	/* Law 10: forgotten, but still counted. */
	assert_int_equal(w->tally.in_state[CONTACT_ENDED], 1);
	world_check(w);
	world_free(w);
	rules_unref(r);
}

static void of_the_ended_ten_thousand_are_kept(void **state)
{
	struct rules *r = some_rules();
	struct world *w = world_with(&r);
	size_t i;

	(void)state;
	for (i = 0; i < ENDED_KEEP_MAX + 5; i++)
		add_contact(w, CONTACT_ENDED);
	w->ended_kept = ENDED_KEEP_MAX + 5;
	world_expire(w);
	assert_int_equal(w->ended_kept, ENDED_KEEP_MAX);
	assert_null(world_contact(w, (struct contact_id){ 5 }));
	assert_non_null(world_contact(w, (struct contact_id){ 6 }));
	world_free(w);
	rules_unref(r);
}

/* ---- checkpoints ----------------------------------------------------------- */

static void a_checkpoint_is_the_same_world(void **state)
{
	struct rules *r = some_rules();
	struct world *w = full_world(&r);
	struct world *back = NULL;
	struct buf a = { 0 };
	struct buf b = { 0 };

	(void)state;
	world_check(w);
	world_encode(w, &a);
	assert_int_equal(world_decode(buf_str(&a), made_source, &r, &back), 0);
	world_check(back);
	world_encode(back, &b);
	assert_int_equal(a.len, b.len);
	assert_memory_equal(a.data, b.data, a.len);
	assert_int_equal(back->seq, 500);
	assert_int_equal(world_next_due(back), world_next_due(w));
	assert_int_equal(back->index->exception_count, 1);
	assert_string_equal(back->agents[2]->reason, "lunch");
	assert_int_equal(
	    agent_level(back, back->agents[2], back->skills[2]->id), 90);
	assert_non_null(map_find(&back->orders, 490));
	buf_done(&a);
	buf_done(&b);
	world_free(back);
	world_free(w);
	rules_unref(r);
}

static void an_empty_world_has_a_checkpoint_too(void **state)
{
	struct world *w = world_new("main", made_source, NULL);
	struct world *back = NULL;
	struct buf a = { 0 };

	(void)state;
	world_encode(w, &a);
	assert_int_equal(
	    world_decode(buf_str(&a), made_source, NULL, &back), 0);
	assert_null(back->rules);
	assert_string_equal(back->workspace, "main");
	buf_done(&a);
	world_free(back);
	world_free(w);
}

static void timers_come_back_with_their_things(void **state)
{
	struct rules *r = some_rules();
	struct world *w = full_world(&r);
	struct world *back = NULL;
	struct buf a = { 0 };

	(void)state;
	world_encode(w, &a);
	assert_int_equal(world_decode(buf_str(&a), made_source, &r, &back), 0);
	assert_int_equal(heap_min(&back->due) == NULL, 0);
	assert_int_equal(back->due.used, w->due.used);
	assert_int_equal(back->queues[2]->due.at, w->now + 6000);
	assert_int_equal(back->agents[2]->skill_due.at, w->now + 7000);
	buf_done(&a);
	world_free(back);
	world_free(w);
	rules_unref(r);
}

/* Reads bytes that are not to be trusted; gives everything back. */
static int try_bytes(struct rules **rules, struct str bytes)
{
	char *copy = mem_copy(bytes.p, bytes.n + 1); /* ASan sees its end */
	struct str s = { copy, bytes.n };
	struct world *w = NULL;
	int rc = world_decode(s, made_source, rules, &w);

	assert_true(rc == 0 || rc == ERR_CORRUPT || rc == ERR_VERSION);
	if (rc == 0)
		world_free(w);
	mem_free(copy);
	return rc;
}

static void refuse_every_cut(struct rules **rules, const struct world *w)
{
	struct buf a = { 0 };
	size_t live, n;

	world_encode(w, &a);
	live = mem_live();
	for (n = 0; n < a.len; n++) {
		struct str cut = { a.data, n };

		if (try_bytes(rules, cut) != ERR_CORRUPT)
			fail_msg("cut off at %zu of %zu", n, a.len);
	}
	assert_int_equal(mem_live(), live);
	buf_done(&a);
}

static void a_cut_off_checkpoint_is_refused_at_every_byte(void **state)
{
	struct rules *r = some_rules();
	struct world *w = plain_world(&r);

	(void)state;
	refuse_every_cut(&r, w);
	world_free(w);
	rules_unref(r);
}

/* ---- not so yet ------------------------------------------------------------ */

static void a_checkpoint_cut_off_in_its_last_record_is_refused(void **state)
{
	struct rules *r = some_rules();
	struct world *w = full_world(&r);

	(void)state;
	refuse_every_cut(&r, w);
	world_free(w);
	rules_unref(r);
}

/* A flipped bit may make another sound world (a later arrival, say): sums are
 * the store's affair. It must never stop the process or leak. */
static void a_damaged_checkpoint_stops_nobody(void **state)
{
	struct rules *r = some_rules();
	struct world *w = full_world(&r);
	struct buf a = { 0 };
	size_t live, at;
	size_t refused = 0;
	unsigned bit;

	(void)state;
	world_encode(w, &a);
	live = mem_live();
	for (at = 0; at < a.len; at++) {
		for (bit = 0; bit < 8; bit++) {
			a.data[at] ^= (char)(1u << bit);
			refused += try_bytes(&r, buf_str(&a)) != 0;
			a.data[at] ^= (char)(1u << bit);
		}
	}
	assert_int_equal(mem_live(), live);
	assert_true(refused > a.len); /* an eighth at the very least */
	buf_done(&a);
	world_free(w);
	rules_unref(r);
}

/* ---- the rest -------------------------------------------------------------- */

static void bytes_behind_the_end_are_refused(void **state)
{
	struct rules *r = some_rules();
	struct world *w = full_world(&r);
	struct buf a = { 0 };

	(void)state;
	world_encode(w, &a);
	buf_add_char(&a, '\0');
	assert_int_equal(try_bytes(&r, buf_str(&a)), ERR_CORRUPT);
	buf_done(&a);
	world_free(w);
	rules_unref(r);
}

static void a_newer_checkpoint_is_refused_as_such(void **state)
{
	struct rules *r = some_rules();
	struct world *w = full_world(&r);
	struct buf a = { 0 };

	(void)state;
	world_encode(w, &a);
	assert_int_equal(a.data[0], WORLD_VERSION);
	a.data[0] = WORLD_VERSION + 1;
	assert_int_equal(try_bytes(&r, buf_str(&a)), ERR_VERSION);
	buf_done(&a);
	world_free(w);
	rules_unref(r);
}

static struct rules *unreadable(void *arg, struct str text)
{
	(void)arg;
	(void)text;
	return NULL;
}

static void rules_nobody_can_read_are_another_version(void **state)
{
	struct rules *r = some_rules();
	struct world *w = full_world(&r);
	struct world *back = NULL;
	struct buf a = { 0 };

	(void)state;
	world_encode(w, &a);
	assert_int_equal(
	    world_decode(buf_str(&a), unreadable, NULL, &back), ERR_VERSION);
	assert_null(back);
	buf_done(&a);
	world_free(w);
	rules_unref(r);
}

static void nothing_is_left(void **state)
{
	(void)state;
	assert_int_equal(mem_live(), 0);
}

/* `test_model_world open` runs what should be so and is not yet. */
int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_keeps_its_number),
		cmocka_unit_test(who_leaves_the_config_keeps_the_object),
		cmocka_unit_test(a_key_is_known_for_seven_days),
		cmocka_unit_test(
		    an_identifier_is_known_since_it_was_last_linked),
		cmocka_unit_test(an_identifier_of_two_is_unclear),
		cmocka_unit_test(who_has_ended_is_kept_for_ten_minutes),
		cmocka_unit_test(of_the_ended_ten_thousand_are_kept),
		cmocka_unit_test(a_checkpoint_is_the_same_world),
		cmocka_unit_test(an_empty_world_has_a_checkpoint_too),
		cmocka_unit_test(timers_come_back_with_their_things),
		cmocka_unit_test(a_cut_off_checkpoint_is_refused_at_every_byte),
		cmocka_unit_test(bytes_behind_the_end_are_refused),
		cmocka_unit_test(a_newer_checkpoint_is_refused_as_such),
		cmocka_unit_test(rules_nobody_can_read_are_another_version),
		cmocka_unit_test(
		    a_checkpoint_cut_off_in_its_last_record_is_refused),
		cmocka_unit_test(a_damaged_checkpoint_stops_nobody),
		cmocka_unit_test(nothing_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
