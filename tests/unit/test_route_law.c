/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_route_law.c - laws that no scan of the present can see broken.
 *
 * A field that a checkpoint forgets is missing from both of two worlds that
 * are compared by their bytes; the word for an offer of yesterday looks like
 * one for today's. So each of them is asked for here by name.
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
#include "route/route.h"

#define START 1000000

/* One agent with a phone, one queue, office hours. */
static struct rules *small_rules(void)
{
	struct rules *r = rules_new();

	r->text = mem_text("small");
	r->workspace = mem_text("main");
	r->language = mem_text("en");
	r->teams = new_array(struct rule_team, 1);
	r->team_count = 1;
	r->teams[0].name = mem_text("day");
	r->teams[0].takes[CHANNEL_PHONE] = 1;
	r->skills = new_array(struct rule_skill, 1);
	r->skill_count = 1;
	r->skills[0].name = mem_text("s");
	r->skills[0].label = mem_text("");
	r->skills[0].parent = RULE_NONE;
	r->agents = new_array(struct rule_agent, 1);
	r->agent_count = 1;
	r->agents[0].name = mem_text("a");
	r->agents[0].label = mem_text("");
	r->agents[0].phone = mem_text("SIP/1");
	r->agents[0].gateway = RULE_NONE;
	r->agents[0].role = ROLE_AGENT;
	r->hours = new_array(struct hours, 1);
	r->hours_count = 1;
	r->hours[0].name = mem_text("office");
	r->queues = new_array(struct rule_queue, 1);
	r->queue_count = 1;
	r->queues[0].name = mem_text("q");
	r->queues[0].label = mem_text("");
	r->queues[0].step_count = 1;
	r->queues[0].ring = 20000;
	r->queues[0].hours = RULE_NONE;
	r->queues[0].standard = RULE_NONE;
	r->routes = new_array(struct rule_route, 1);
	r->route_count = 1;
	r->routes[0].text = mem_text("otherwise");
	return r;
}

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

static void overrule(struct house *h)
{
	struct input in = { .kind = INPUT_SKILL_OVERRIDE, .agent = { 1 } };

	in.skill_override = (struct in_skill_override){ .skill = { 1 },
		.what = 1,
		.level = 50,
		.until = START + 3600000,
		.author = STR("sup") };
	assert_int_equal(post(h, &in), 0);
}

/* A caller, known by number, is offered to the one agent there is. */
static struct contact *ring(struct house *h)
{
	struct input in = { .kind = INPUT_ARRIVE };

	in.arrive.channel = CHANNEL_PHONE;
	in.arrive.key = 7;
	in.arrive.by_count = 1;
	in.arrive.by[0].id.v = 3;
	in.arrive.by[0].level = LEVEL_VERIFIED;
	assert_int_equal(post(h, &in), 0);
	return world_contact(h->w, h->out.outcome.contact);
}

static struct contact *house_open(struct house *h)
{
	struct input in = { .kind = INPUT_CONFIG };

	memset(h, 0, sizeof(*h));
	h->rules = small_rules();
	h->now = START;
	h->w = world_new("main", made_source, &h->rules);
	in.config.text = STR("small");
	assert_int_equal(post(h, &in), 0);
	in = (struct input){ .kind = INPUT_START };
	in.start.epoch = 1;
	assert_int_equal(post(h, &in), 0);
	in = (struct input){ .kind = INPUT_SIGN_IN, .agent = { 1 } };
	in.session.session = 1;
	assert_int_equal(post(h, &in), 0);
	in = (struct input){ .kind = INPUT_STATE, .agent = { 1 } };
	in.state.state = AGENT_READY;
	assert_int_equal(post(h, &in), 0);
	overrule(h);
	return ring(h);
}

static void house_close(struct house *h)
{
	world_check(h->w);
	world_free(h->w);
	decision_done(&h->out);
	rules_unref(h->rules);
	assert_int_equal(mem_live(), 0);
}

/* ---- what a checkpoint holds ------------------------------------------------ */

struct part {
	const char *name;
	size_t at;
};
#define PART(type, field)                                                      \
	{                                                                      \
#type "." #field, offsetof(struct type, field)                 \
	}
#define PART_END                                                               \
	{                                                                      \
		NULL, 0                                                        \
	}

static const struct part contact_parts[] = { PART(contact, id),
	PART(contact, channel), PART(contact, entrance),
	PART(contact, language), PART(contact, outbound),
	PART(contact, unparsed), PART(contact, dormant), PART(contact, end),
	PART(contact, call), PART(contact, queue), PART(contact, customer),
	PART(contact, maybe), PART(contact, key), PART(contact, arrived),
	PART(contact, offset), PART(contact, since), PART(contact, own),
	PART(contact, held_for), PART(contact, held_by_transfer),
	PART(contact, held_until), PART(contact, excluded_count),
	PART(contact, messages), PART(contact, last_message),
	PART(contact, offers), PART(contact, excepted_at), PART_END };
static const struct part place_parts[] = { PART(place, entered),
	PART(place, rung), PART(place, flowed), PART_END };
static const struct part offer_parts[] = { PART(offer, id),
	PART(offer, made_at), PART(offer, deadline), PART(offer, ringing),
	PART_END };
static const struct part agent_parts[] = { PART(agent, state),
	PART(agent, before_lost), PART(agent, since), PART(agent, until),
	PART(agent, idle_since), PART(agent, session), PART(agent, device),
	PART(agent, live_streak), PART_END };
static const struct part override_parts[] = { PART(skill_override, skill),
	PART(skill_override, level), PART(skill_override, until), PART_END };
static const struct part queue_parts[] = { PART(queue, override),
	PART(queue, override_until), PART(queue, arrived),
	PART(queue, answered), PART(queue, ended), PART(queue, wait_sum),
	PART_END };
static const struct part order_parts[] = { PART(order, id), PART(order, kind),
	PART(order, contact), PART(order, agent), PART(order, offer),
	PART(order, message), PART(order, until), PART(order, detail),
	PART_END };
static const struct part key_parts[] = { PART(known_key, key),
	PART(known_key, content), PART(known_key, contact),
	PART(known_key, message), PART(known_key, since), PART_END };
static const struct part identifier_parts[] = { PART(known_identifier, id),
	PART(known_identifier, customer), PART(known_identifier, level),
	PART(known_identifier, owners), PART(known_identifier, since),
	PART_END };
static const struct part hours_parts[] = { PART(hours_state, open),
	PART(hours_state, next_wall), PART_END };
static const struct part world_parts[] = { PART(world, seq), PART(world, epoch),
	PART(world, now), PART(world, wall_offset), PART(world, next_contact),
	PART(world, next_customer), PART(world, next_offer),
	PART(world, next_message), PART(world, tally.arrived),
	PART(world, tally.offers), PART(world, tally.accepted),
	PART(world, tally.messages), PART_END };

/* Each part, changed by one bit, must change the bytes. */
static void assert_all_written(
    const struct world *w, void *object, const struct part *parts)
{
	struct buf was = { 0 };
	struct buf is = { 0 };

	world_encode(w, &was);
	for (; parts->name != NULL; parts++) {
		unsigned char *byte = (unsigned char *)object + parts->at;

		*byte ^= 1;
		buf_clear(&is);
		world_encode(w, &is);
		*byte ^= 1;
		if (is.len == was.len &&
		    memcmp(is.data, was.data, was.len) == 0)
			fail_msg("%s is not in a checkpoint", parts->name);
	}
	buf_done(&was);
	buf_done(&is);
}

static void a_checkpoint_holds_all_that_cannot_be_derived(void **state)
{
	struct house h;
	struct contact *c = house_open(&h);
	struct world *w = h.w;
	struct agent *a = w->agents[0];

	(void)state;
	assert_non_null(c->offer);
	assert_all_written(w, c, contact_parts);
	assert_all_written(w, c->places[0], place_parts);
	assert_all_written(w, c->offer, offer_parts);
	assert_all_written(w, a, agent_parts);
	assert_int_equal(a->override_count, 1);
	assert_all_written(w, &a->overrides[0], override_parts);
	assert_all_written(w, w->queues[0], queue_parts);
	assert_all_written(
	    w, list_first(&w->order_list, struct order, link), order_parts);
	assert_all_written(
	    w, list_first(&w->key_list, struct known_key, link), key_parts);
	assert_all_written(w,
	    list_first(&w->identifier_list, struct known_identifier, link),
	    identifier_parts);
	assert_int_equal(w->hours_count, 1);
	assert_all_written(w, &w->hours[0], hours_parts);
	assert_all_written(w, w, world_parts);
	house_close(&h);
}

/* ---- fencing ---------------------------------------------------------------- */

static int told(
    struct house *h, const struct contact *c, enum call_step step, uint64_t o)
{
	struct input in = { .kind = INPUT_CALL, .contact = c->id };

	in.agent.v = 1;
	in.call.step = (uint8_t)step;
	in.call.offer.v = o;
	in.call.reason = STR("busy");
	return post(h, &in);
}

static void the_word_for_an_old_offer_does_not_settle_a_new_one(void **state)
{
	struct house h;
	struct input in = { .kind = INPUT_TICK };
	const struct contact *c = house_open(&h);
	uint64_t old = c->offer->id.v;

	(void)state;
	assert_int_equal(told(&h, c, CALL_FAILED, old), 0);
	assert_null(c->offer);
	h.now += 30000;
	assert_int_equal(post(&h, &in), 0);
	assert_non_null(c->offer);
	assert_int_not_equal(c->offer->id.v, old);
	assert_int_equal(told(&h, c, CALL_RINGING, old), ERR_STALE);
	assert_int_equal(told(&h, c, CALL_FAILED, old), ERR_STALE);
	assert_int_equal(told(&h, c, CALL_TALKING, old), ERR_STALE);
	assert_int_equal(c->state, CONTACT_OFFERED);
	assert_int_equal(told(&h, c, CALL_TALKING, c->offer->id.v), 0);
	assert_int_equal(c->state, CONTACT_ACTIVE);
	house_close(&h);
}

/* ---- whose turn it is ------------------------------------------------------- */

static void idle_time_begins_when_live_work_ends(void **state)
{
	struct house h;
	struct input in = { .kind = INPUT_END };
	const struct contact *c = house_open(&h);
	const struct agent *a = h.w->agents[0];

	(void)state;
	assert_int_equal(a->idle_since, START);
	h.now += 2000;
	assert_int_equal(told(&h, c, CALL_TALKING, c->offer->id.v), 0);
	assert_int_equal(a->live_streak, 1);
	h.now += 3000;
	in.contact = c->id;
	in.agent = a->id;
	assert_int_equal(post(&h, &in), 0);
	assert_int_equal(a->idle_since, START + 5000);
	house_close(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_checkpoint_holds_all_that_cannot_be_derived),
		cmocka_unit_test(
		    the_word_for_an_old_offer_does_not_settle_a_new_one),
		cmocka_unit_test(idle_time_begins_when_live_work_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
