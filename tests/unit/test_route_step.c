/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_route_step.c - one step of the router: what it says, how much of it at
 * once, where its bounds are, and that it says the same again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/check.h"
#include "base/mem.h"
#include "made_rules.h"
#include "model/index.h"
#include "oracle.h"
#include "route/match.h"
#include "route/route.h"

#define START 1000000

/* ---- rules by hand --------------------------------------------------------- */

/* Agents a0.., all alike; queues q0.. that ask for nothing, the first one for
 * everybody. */
static struct rules *plain_rules(unsigned agents, unsigned queues)
{
	struct rules *r = rules_new();
	unsigned i;

	r->text = mem_text("plain");
	r->workspace = mem_text("main");
	r->language = mem_text("en");
	r->teams = new_array(struct rule_team, 1);
	r->team_count = 1;
	r->teams[0].name = mem_text("day");
	r->teams[0].takes[CHANNEL_CHAT] = 1;
	r->teams[0].takes[CHANNEL_MAIL] = 5;
	r->teams[0].grace = 60000;
	r->agents = new_array(struct rule_agent, agents + 1);
	r->agent_count = agents;
	for (i = 0; i < agents; i++) {
		r->agents[i].name = mem_textf("a%u", i);
		r->agents[i].label = mem_text("");
		r->agents[i].gateway = RULE_NONE;
		r->agents[i].role = ROLE_AGENT;
	}
	r->queues = new_array(struct rule_queue, queues);
	r->queue_count = queues;
	for (i = 0; i < queues; i++) {
		r->queues[i].name = mem_textf("q%u", i);
		r->queues[i].label = mem_text("");
		r->queues[i].step_count = 1;
		r->queues[i].ring = 20000;
		r->queues[i].hours = RULE_NONE;
		r->queues[i].standard = RULE_NONE;
	}
	r->routes = new_array(struct rule_route, 1);
	r->route_count = 1;
	r->routes[0].text = mem_text("otherwise");
	return r;
}

static void add_hours(struct rules *r)
{
	r->hours = new_array(struct hours, 1);
	r->hours_count = 1;
	r->hours[0].name = mem_text("office");
	r->queues[0].hours = 0;
}

/* ---- a house --------------------------------------------------------------- */

struct house {
	struct rules *rules;
	struct world *w;
	struct decision out;
	msec_t now;
};

static int post(struct house *h, struct input *in)
{
	in->at = h->now;
	return route_step(h->w, in, &h->out);
}

static void house_open(struct house *h, struct rules *rules)
{
	struct input in = { .kind = INPUT_CONFIG };

	memset(h, 0, sizeof(*h));
	h->rules = rules;
	h->now = START;
	h->w = world_new("main", made_source, &h->rules);
	in.config.text = STR("plain");
	assert_int_equal(post(h, &in), 0);
	in = (struct input){ .kind = INPUT_START };
	in.start.epoch = 1;
	assert_int_equal(post(h, &in), 0);
}

static void house_close(struct house *h)
{
	world_check(h->w);
	world_free(h->w);
	decision_done(&h->out);
	rules_unref(h->rules);
}

static struct contact *come(struct house *h, enum channel channel, uint64_t own)
{
	struct input in = { .kind = INPUT_ARRIVE };

	in.arrive.channel = (uint8_t)channel;
	in.arrive.own.v = own;
	assert_int_equal(post(h, &in), 0);
	return world_contact(h->w, h->out.outcome.contact);
}

static void sign_in(struct house *h, uint64_t agent)
{
	struct input in = { .kind = INPUT_SIGN_IN, .agent = { agent } };

	in.session.session = agent;
	assert_int_equal(post(h, &in), 0);
}

static void be_ready(struct house *h, uint64_t agent)
{
	struct input in = { .kind = INPUT_STATE, .agent = { agent } };

	sign_in(h, agent);
	in.state.state = AGENT_READY;
	assert_int_equal(post(h, &in), 0);
}

static int tick(struct house *h)
{
	struct input in = { .kind = INPUT_TICK };

	return post(h, &in);
}

static unsigned count_events(const struct house *h, enum event_kind kind)
{
	unsigned n = 0;
	size_t i;

	for (i = 0; i < h->out.count; i++)
		n += h->out.events[i].kind == kind;
	return n;
}

/* Ticks until the router no longer asks to go on at once; counts events of
 * the kind, and checks that no step had more than its share. */
static unsigned run_slices(
    struct house *h, enum event_kind kind, unsigned *out_total)
{
	unsigned steps = 0;

	do {
		unsigned here = count_events(h, kind);

		assert_true(here <= MOVES_MAX);
		*out_total += here;
		steps++;
		if (h->out.wake_at != h->now)
			break;
		assert_int_equal(tick(h), 0);
	} while (steps < 100);
	return steps;
}

/* ---- slices ---------------------------------------------------------------- */

static void five_thousand_due_at_once_are_done_in_slices(void **state)
{
	struct rules *r = plain_rules(0, 1);
	struct house h;
	unsigned relaxed = 0;
	unsigned steps, i;
	const struct contact *c;

	(void)state;
	r->queues[0].step_count = 2;
	r->queues[0].steps[1].after = 30000;
	house_open(&h, r);
	for (i = 0; i < 5000; i++)
		come(&h, CHANNEL_CHAT, 0);
	assert_int_equal(h.out.wake_at, START + 30000);
	h.now += 30000;
	tick(&h);
	assert_int_equal(h.out.wake_at, h.now);
	steps = run_slices(&h, EV_CONTACT_RELAXED, &relaxed);
	assert_int_equal(relaxed, 5000);
	assert_true(steps >= 5);
	assert_int_equal(h.w->tally.in_state[CONTACT_WAITING], 5000);
	list_each(c, &h.w->contact_lists[CONTACT_WAITING], in_state)
		assert_int_equal(c->places[0]->rung, 1);
	assert_int_equal(h.out.wake_at, -1);
	house_close(&h);
}

static void between_slices_the_house_goes_on(void **state)
{
	struct rules *r = plain_rules(1, 1);
	struct house h;
	unsigned i;

	(void)state;
	r->queues[0].step_count = 2;
	r->queues[0].steps[1].after = 30000;
	house_open(&h, r);
	for (i = 0; i < 2500; i++)
		come(&h, CHANNEL_MAIL, 0);
	h.now += 30000;
	tick(&h);
	assert_int_equal(h.out.wake_at, h.now);
	/* The second slice still waits; somebody comes and is served. */
	be_ready(&h, 1);
	assert_int_equal(count_events(&h, EV_OFFER_MADE), 1);
	assert_int_equal(h.w->agents[0]->offer->contact->id.v, 1);
	house_close(&h);
}

static void a_queue_that_opens_wakes_all_in_order(void **state)
{
	struct rules *r = plain_rules(0, 1);
	struct input in = { .kind = INPUT_HOURS };
	struct house h;
	uint64_t next = 1;
	size_t i;

	(void)state;
	add_hours(r);
	house_open(&h, r);
	while (h.w->tally.arrived < 3000)
		assert_true(come(&h, CHANNEL_MAIL, 0)->dormant);
	in.hours.hours = STR("office");
	in.hours.open = true;
	in.hours.next_wall = -1;
	assert_int_equal(post(&h, &in), 0);
	for (;;) {
		for (i = 0; i < h.out.count; i++) {
			if (h.out.events[i].kind != EV_CONTACT_CLEARED)
				continue;
			assert_int_equal(h.out.events[i].contact.v, next);
			next++;
		}
		if (h.out.wake_at != h.now)
			break;
		tick(&h);
	}
	assert_int_equal(next, 3001);
	assert_true(list_is_empty(&h.w->queues[0]->dormant));
	house_close(&h);
}

/* ---- bounds ---------------------------------------------------------------- */

static void held_contacts_beyond_the_bound_become_ordinary(void **state)
{
	struct rules *r = plain_rules(1, 1);
	struct house h;
	unsigned i;

	(void)state;
	r->queues[0].own_wait = 3600000;
	house_open(&h, r);
	sign_in(&h, 1);
	for (i = 0; i < EXCEPTIONS_MAX; i++)
		come(&h, CHANNEL_CHAT, 1);
	assert_int_equal(h.w->index->exception_count, EXCEPTIONS_MAX);
	come(&h, CHANNEL_CHAT, 1);
	come(&h, CHANNEL_CHAT, 1);
	assert_int_equal(h.w->index->exception_count, EXCEPTIONS_MAX);
	for (i = 1; i <= EXCEPTIONS_MAX + 2; i++) {
		const struct contact *c =
		    world_contact(h.w, (struct contact_id){ i });

		assert_int_equal(contact_is_exceptional(c), i > 2);
	}
	house_close(&h);
}

static void reject(struct house *h, const struct contact *c)
{
	struct input in = { .kind = INPUT_REJECT,
		.agent = c->offer->agent->id };

	in.offer.offer = c->offer->id;
	assert_int_equal(post(h, &in), 0);
}

static void a_ninth_refusal_lets_the_first_in_again(void **state)
{
	struct house h;
	struct contact *c;
	uint64_t i;

	(void)state;
	house_open(&h, plain_rules(EXCLUDED_MAX + 1, 1));
	c = come(&h, CHANNEL_CHAT, 0);
	for (i = 1; i <= EXCLUDED_MAX + 1; i++) {
		h.now += 1000;
		be_ready(&h, i);
		assert_int_equal(c->offer->agent->id.v, i);
		assert_int_equal(c->excluded_count, i - 1);
		reject(&h, c);
		if (i <= EXCLUDED_MAX)
			assert_null(c->offer);
	}
	assert_int_equal(c->excluded_count, EXCLUDED_MAX);
	assert_int_equal(c->offer->agent->id.v, 1);
	house_close(&h);
}

static void a_contact_waits_in_four_queues_at_most(void **state)
{
	struct rules *r = plain_rules(0, PLACES_MAX + 2);
	struct house h;
	struct contact *c;
	unsigned i;

	(void)state;
	for (i = 0; i < PLACES_MAX + 1; i++) {
		r->queues[i].overflow_count = 1;
		r->queues[i].overflows[0].queue = i + 1;
		r->queues[i].overflows[0].after = 1000;
	}
	house_open(&h, r);
	c = come(&h, CHANNEL_CHAT, 0);
	for (i = 0; i < 20; i++) {
		h.now += 1000;
		tick(&h);
		assert_true(c->place_count <= PLACES_MAX);
		world_check(h.w);
	}
	assert_int_equal(c->place_count, PLACES_MAX);
	for (i = 0; i < PLACES_MAX; i++)
		assert_ptr_equal(c->places[i]->queue, h.w->queues[i]);
	assert_int_equal(h.out.wake_at, -1);
	house_close(&h);
}

/* ---- refusing -------------------------------------------------------------- */

static void assert_changes_nothing(struct house *h, struct input *in, int err)
{
	struct buf before = { 0 };
	struct buf after = { 0 };

	world_encode(h->w, &before);
	assert_int_equal(post(h, in), err);
	assert_int_equal(h->out.count, 0);
	assert_int_equal(h->out.outcome.err, err);
	if (err != 0)
		assert_int_equal(h->out.outcome.why.code, err);
	world_encode(h->w, &after);
	assert_int_equal(before.len, after.len);
	assert_memory_equal(before.data, after.data, before.len);
	assert_int_equal(h->out.wake_at, world_next_due(h->w));
	buf_done(&before);
	buf_done(&after);
}

static void a_refusal_changes_nothing(void **state)
{
	struct house h;
	struct input in;

	(void)state;
	house_open(&h, plain_rules(2, 1));
	come(&h, CHANNEL_CHAT, 0);
	be_ready(&h, 1);
	h.now += 5;
	in = (struct input){ .kind = INPUT_START };
	in.start.epoch = 1;
	assert_changes_nothing(&h, &in, ERR_STALE);
	in = (struct input){ .kind = INPUT_ACCEPT, .agent = { 2 } };
	in.offer.offer.v = 1;
	assert_changes_nothing(&h, &in, ERR_STALE);
	in = (struct input){ .kind = INPUT_LEAVE, .contact = { 99 } };
	assert_changes_nothing(&h, &in, ERR_NOT_FOUND);
	in = (struct input){ .kind = INPUT_SIGN_IN, .agent = { 99 } };
	assert_changes_nothing(&h, &in, ERR_NOT_FOUND);
	in = (struct input){ .kind = INPUT_STATE, .agent = { 2 } };
	in.state.state = AGENT_READY;
	assert_changes_nothing(&h, &in, ERR_STATE);
	in = (struct input){ .kind = INPUT_ARRIVE };
	in.arrive.channel = CHANNELS;
	assert_changes_nothing(&h, &in, ERR_INVALID);
	in = (struct input){ .kind = INPUT_ARRIVE };
	in.arrive.entrance.v = 1;
	assert_changes_nothing(&h, &in, ERR_NOT_FOUND);
	in = (struct input){ .kind = INPUT_TRANSFER, .contact = { 1 } };
	in.agent.v = 1;
	assert_changes_nothing(&h, &in, ERR_STATE);
	in = (struct input){ .kind = INPUT_PARSED, .contact = { 1 } };
	assert_changes_nothing(&h, &in, ERR_STALE);
	in = (struct input){ .kind = INPUT_CONFIG };
	assert_changes_nothing(&h, &in, ERR_INVALID);
	house_close(&h);
}

static void a_bad_supervisor_changes_nothing(void **state)
{
	struct house h;
	struct input in;

	(void)state;
	house_open(&h, plain_rules(1, 1));
	in = (struct input){ .kind = INPUT_QUEUE_OVERRIDE };
	in.queue_override.queue.v = 1;
	in.queue_override.what = 3;
	assert_changes_nothing(&h, &in, ERR_INVALID);
	in.queue_override.queue.v = 2;
	assert_changes_nothing(&h, &in, ERR_NOT_FOUND);
	in = (struct input){ .kind = INPUT_SKILL_OVERRIDE, .agent = { 1 } };
	in.skill_override.skill.v = 1;
	assert_changes_nothing(&h, &in, ERR_NOT_FOUND);
	in = (struct input){ .kind = INPUT_HOURS };
	in.hours.hours = STR("office");
	assert_changes_nothing(&h, &in, ERR_NOT_FOUND);
	in = (struct input){ .kind = INPUT_DEVICE, .agent = { 1 } };
	in.device.device = DEVICE_KINDS;
	assert_changes_nothing(&h, &in, ERR_INVALID);
	in = (struct input){ .kind = INPUT_PERSON };
	assert_changes_nothing(&h, &in, ERR_INVALID);
	house_close(&h);
}

static void what_says_nothing_new_is_not_logged(void **state)
{
	struct house h;
	struct input in;

	(void)state;
	house_open(&h, plain_rules(1, 1));
	be_ready(&h, 1);
	in = (struct input){ .kind = INPUT_TICK };
	assert_changes_nothing(&h, &in, 0);
	in = (struct input){ .kind = INPUT_STATE, .agent = { 1 } };
	in.state.state = AGENT_READY;
	assert_changes_nothing(&h, &in, 0);
	in = (struct input){ .kind = INPUT_GONE, .agent = { 1 } };
	in.session.session = 77;
	assert_changes_nothing(&h, &in, 0);
	in = (struct input){ .kind = INPUT_RESULT };
	in.result.order = 12345;
	assert_changes_nothing(&h, &in, 0);
	house_close(&h);
}

static void before_the_first_rules_nobody_comes_in(void **state)
{
	struct house h = { .now = START };
	struct input in = { .kind = INPUT_ARRIVE };

	(void)state;
	h.w = world_new("main", made_source, NULL);
	assert_changes_nothing(&h, &in, ERR_BUSY);
	world_free(h.w);
	decision_done(&h.out);
}

/* ---- the log --------------------------------------------------------------- */

static void the_cause_stands_first_in_the_log(void **state)
{
	struct house h;
	uint64_t seq;
	size_t i;

	(void)state;
	house_open(&h, plain_rules(1, 1));
	seq = h.w->seq;
	come(&h, CHANNEL_CHAT, 0);
	assert_true(h.out.count > 1);
	assert_int_equal(h.out.events[0].kind, EV_INPUT);
	assert_int_equal(h.out.events[0].input.input, INPUT_ARRIVE);
	for (i = 0; i < h.out.count; i++) {
		assert_int_equal(h.out.events[i].seq, seq + 1 + i);
		assert_int_equal(h.out.events[i].at, h.now);
		assert_int_equal(h.out.events[i].epoch, 1);
		if (i > 0)
			assert_int_not_equal(h.out.events[i].kind, EV_INPUT);
	}
	house_close(&h);
}

/* A day by dice: the same seed makes the same day. */
static void play_day(struct house *h, struct rng *dice, struct buf *log)
{
	unsigned n = 0;
	size_t i;

	for (n = 0; n < 400; n++) {
		uint64_t agent = 1 + rng_below(dice, h->w->agent_count);

		h->now += (msec_t)rng_below(dice, 3000);
		switch (rng_below(dice, 4)) {
		case 0:
			come(h, CHANNEL_MAIL, agent);
			break;
		case 1:
			be_ready(h, agent);
			break;
		case 2:
			come(h, CHANNEL_CHAT, 0);
			break;
		default:
			tick(h);
			break;
		}
		for (i = 0; i < h->out.count; i++) {
			put_u64(log, h->out.events[i].kind);
			event_encode(&h->out.events[i], log);
		}
		buf_add(log, &h->out.wake_at, sizeof(h->out.wake_at));
	}
}

static void the_same_inputs_make_the_same_events(void **state)
{
	static const struct made how = { 3, 5, 3, true };
	struct buf logs[2] = { { 0 }, { 0 } };
	unsigned i;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct rng dice;
		struct house h;

		rng_seed(&dice, 42);
		house_open(&h, made_rules(&dice, &how));
		play_day(&h, &dice, &logs[i]);
		world_free(h.w);
		decision_done(&h.out);
		rules_unref(h.rules);
	}
	assert_true(logs[0].len > 10000);
	assert_int_equal(logs[0].len, logs[1].len);
	assert_memory_equal(logs[0].data, logs[1].data, logs[0].len);
	buf_done(&logs[0]);
	buf_done(&logs[1]);
}

/* ---- async floor ----------------------------------------------------------- */

/* A chat and a letter wait; a0 is ready but has not been looked at. */
static const struct agent *beside_two(struct house *h, uint32_t streak)
{
	struct agent *a;

	house_open(h, plain_rules(1, 1));
	come(h, CHANNEL_MAIL, 0);
	h->now += 1000;
	come(h, CHANNEL_CHAT, 0);
	sign_in(h, 1);
	a = h->w->agents[0];
	index_remove_agent(h->w, a);
	a->state = AGENT_READY;
	a->live_streak = streak;
	index_add_agent(h->w, a);
	return a;
}

static void one_in_ten_goes_to_a_letter_past_its_promise(void **state)
{
	msec_t promise = START + channel_kind(CHANNEL_MAIL)->answer_ms;
	struct contact_choice choice;
	const struct agent *a;
	struct house h;

	(void)state;
	a = beside_two(&h, 9);
	choice = pick_contact(h.w, a, promise + 1);
	assert_int_equal(choice.contact->channel, CHANNEL_MAIL);
	assert_int_equal(choice.step, STEP_FLOOR);
	assert_int_equal(choice.second->channel, CHANNEL_CHAT);
	/* Within its promise, or too early in the row: live goes first. */
	choice = pick_contact(h.w, a, promise);
	assert_int_equal(choice.contact->channel, CHANNEL_CHAT);
	assert_int_equal(choice.step, STEP_LIVE);
	house_close(&h);
	a = beside_two(&h, 8);
	choice = pick_contact(h.w, a, promise + 1);
	assert_int_equal(choice.contact->channel, CHANNEL_CHAT);
	assert_int_equal(choice.step, STEP_LIVE);
	house_close(&h);
}

static void nothing_is_left(void **state)
{
	(void)state;
	assert_int_equal(mem_live(), 0);
}

/* ---- not so yet ------------------------------------------------------------ */

/* Who falls out of the bounded list is anybody's, and somebody is free. */
static void an_ordinary_contact_does_not_wait_beside_a_free_agent(void **state)
{
	struct rules *r = plain_rules(2, 1);
	struct house h;
	unsigned i;

	(void)state;
	r->queues[0].own_wait = 3600000;
	house_open(&h, r);
	sign_in(&h, 1);
	be_ready(&h, 2);
	for (i = 0; i < EXCEPTIONS_MAX + 1; i++)
		come(&h, CHANNEL_CHAT, 1);
	assert_non_null(h.w->agents[1]->offer);
	house_close(&h);
}

/* Lets n letters come to a closed queue and opens it; how many still sleep
 * after the first step. */
static size_t open_before(struct house *h, unsigned n)
{
	struct rules *r = plain_rules(0, 1);
	struct input in = { .kind = INPUT_HOURS };

	add_hours(r);
	house_open(h, r);
	while (h->w->tally.arrived < n)
		come(h, CHANNEL_MAIL, 0);
	in.hours.hours = STR("office");
	in.hours.open = true;
	in.hours.next_wall = -1;
	assert_int_equal(post(h, &in), 0);
	return list_count(&h->w->queues[0]->dormant);
}

/* One more sleeps than a step can wake, and leaves before the next step. */
static void the_last_sleeper_may_leave_between_slices(void **state)
{
	struct input in = { .kind = INPUT_LEAVE };
	struct house h;
	size_t woken = 2 * MOVES_MAX - open_before(&h, 2 * MOVES_MAX);

	(void)state;
	house_close(&h);
	assert_int_equal(open_before(&h, (unsigned)woken + 1), 1);
	in.contact =
	    list_first(&h.w->queues[0]->dormant, struct contact, excepted)->id;
	assert_int_equal(post(&h, &in), 0);
	assert_int_equal(h.out.wake_at, -1);
	house_close(&h);
}

/* `test_route_step open` runs what should be so and is not yet. */
int main(int argc, char **argv)
{
	const struct CMUnitTest open[] = {
		cmocka_unit_test(
		    an_ordinary_contact_does_not_wait_beside_a_free_agent),
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(five_thousand_due_at_once_are_done_in_slices),
		cmocka_unit_test(between_slices_the_house_goes_on),
		cmocka_unit_test(a_queue_that_opens_wakes_all_in_order),
		cmocka_unit_test(
		    held_contacts_beyond_the_bound_become_ordinary),
		cmocka_unit_test(a_ninth_refusal_lets_the_first_in_again),
		cmocka_unit_test(a_contact_waits_in_four_queues_at_most),
		cmocka_unit_test(a_refusal_changes_nothing),
		cmocka_unit_test(a_bad_supervisor_changes_nothing),
		cmocka_unit_test(what_says_nothing_new_is_not_logged),
		cmocka_unit_test(before_the_first_rules_nobody_comes_in),
		cmocka_unit_test(the_cause_stands_first_in_the_log),
		cmocka_unit_test(the_same_inputs_make_the_same_events),
		cmocka_unit_test(one_in_ten_goes_to_a_letter_past_its_promise),
		cmocka_unit_test(the_last_sleeper_may_leave_between_slices),
		cmocka_unit_test(nothing_is_left),
	};

	if (argc == 2 && strcmp(argv[1], "open") == 0)
		return cmocka_run_group_tests(open, NULL, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
