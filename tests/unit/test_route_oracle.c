/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_route_oracle.c - random centres, thousands of inputs; after every event
 * the shipping matcher must have chosen what a scan of everything chooses.
 *
 * A second world follows by apply() alone; both must encode to the same bytes,
 * and so must a world that was written out, read back and went on. A third is
 * given the inputs as the log keeps them and must decide the same.
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
#include "oracle.h"
#include "route/route.h"

struct centre {
	struct rng rng;
	struct rules *rules;
	struct world *first;  /* decides */
	struct world *second; /* follows */
	struct world *third;  /* decides again, from the logged inputs */
	struct decision out, again;
	msec_t now;
	unsigned offers;
};

static void assert_same(const struct event *a, const struct event *b)
{
	struct buf x = { 0 };
	struct buf y = { 0 };

	assert_int_equal(a->seq, b->seq);
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->at, b->at);
	assert_int_equal(a->contact.v, b->contact.v);
	assert_int_equal(a->customer.v, b->customer.v);
	assert_int_equal(a->agent.v, b->agent.v);
	event_encode(a, &x);
	event_encode(b, &y);
	assert_int_equal(x.len, y.len);
	assert_memory_equal(x.data, y.data, x.len);
	buf_done(&x);
	buf_done(&y);
}

/* Law 2, the audit: the input as the log keeps it leads to the same events. */
static void audit(struct centre *x)
{
	const struct event *logged = x->out.events;
	struct input in = { 0 };
	size_t i;

	if (x->out.count == 0)
		return;
	assert_int_equal(logged[0].kind, EV_INPUT);
	in.kind = (enum input_kind)logged[0].input.input;
	in.at = logged[0].at;
	in.contact = logged[0].contact;
	in.agent = logged[0].agent;
	assert_int_equal(input_decode(&in, logged[0].input.body), 0);
	if (in.kind == INPUT_CONFIG) /* its text stands in its event */
		in.config.text = logged[1].config.text;
	assert_int_equal(route_step(x->third, &in, &x->again), 0);
	assert_int_equal(x->again.count, x->out.count);
	for (i = 0; i < x->out.count; i++)
		assert_same(&x->again.events[i], &logged[i]);
}

static void post(struct centre *x, struct input *in)
{
	size_t i;

	in->at = x->now;
	(void)route_step(x->first, in, &x->out);
	for (i = 0; i < x->out.count; i++) {
		if (x->out.events[i].kind == EV_OFFER_MADE) {
			x->offers++;
			oracle_judge(x->second, &x->out.events[i]);
		}
		apply(x->second, &x->out.events[i]);
	}
	audit(x);
	world_check(x->first);
	oracle_conserves(x->first);
}

static struct agent *some_agent(struct centre *x)
{
	return x->first->agents[rng_below(&x->rng, x->first->agent_count)];
}

static struct contact *some_contact(struct centre *x, enum contact_state s)
{
	struct list *l = &x->first->contact_lists[s];
	size_t n = list_count(l);
	struct contact *c;

	if (n == 0)
		return NULL;
	n = rng_below(&x->rng, n);
	list_each(c, l, in_state) {
		if (n-- == 0)
			return c;
	}
	return NULL;
}

static void arrive(struct centre *x)
{
	static const enum channel channels[] = { CHANNEL_PHONE, CHANNEL_CHAT,
		CHANNEL_CHAT, CHANNEL_MAIL };
	char bits[2] = { (char)rng_next(&x->rng), 0 };
	struct input in = { .kind = INPUT_ARRIVE };

	in.arrive.channel =
	    (uint8_t)channels[rng_below(&x->rng, countof(channels))];
	in.arrive.verdicts = (struct str){ bits, 1 };
	in.arrive.key = rng_below(&x->rng, 400);
	if (rng_below(&x->rng, 2) == 0) {
		in.arrive.by_count = 1;
		in.arrive.by[0].id.v = 1 + rng_below(&x->rng, 20);
		in.arrive.by[0].level =
		    (uint8_t)(LEVEL_CLAIMED + rng_below(&x->rng, 2));
	}
	if (rng_below(&x->rng, 3) == 0)
		in.arrive.own = some_agent(x)->id;
	in.arrive.unparsed =
	    in.arrive.channel == CHANNEL_MAIL && rng_below(&x->rng, 2) == 0;
	post(x, &in);
}

static void parse(struct centre *x)
{
	struct contact *c = some_contact(x, CONTACT_WAITING);
	struct input in = { .kind = INPUT_PARSED };

	if (c == NULL || !c->unparsed)
		return;
	in.contact = c->id;
	in.arrive.channel = CHANNEL_MAIL;
	in.arrive.verdicts = STR("\1");
	post(x, &in);
}

static void sign(struct centre *x)
{
	struct agent *a = some_agent(x);
	struct input in = { .kind = INPUT_SIGN_IN, .agent = a->id };

	in.session.session = 1 + rng_below(&x->rng, 1000);
	if (a->state != AGENT_OFFLINE && rng_below(&x->rng, 6) == 0) {
		in.kind =
		    rng_below(&x->rng, 2) == 0 ? INPUT_GONE : INPUT_SIGN_OUT;
		in.session.session = a->session;
	}
	post(x, &in);
}

static void state(struct centre *x)
{
	struct input in = { .kind = INPUT_STATE, .agent = some_agent(x)->id };

	in.state.state =
	    rng_below(&x->rng, 4) == 0 ? AGENT_NOT_READY : AGENT_READY;
	in.state.reason = STR("lunch");
	post(x, &in);
}

static void answer(struct centre *x)
{
	struct contact *c = some_contact(x, CONTACT_OFFERED);
	struct input in = { .kind = INPUT_ACCEPT };

	if (c == NULL)
		return;
	in.agent = c->offer->agent->id;
	in.contact = c->id;
	if (rng_below(&x->rng, 5) == 0)
		in.kind = INPUT_REJECT;
	if (c->channel == CHANNEL_PHONE) {
		in.kind = INPUT_CALL;
		in.call.step =
		    rng_below(&x->rng, 4) == 0 ? CALL_FAILED : CALL_TALKING;
		in.call.reason = STR("busy");
		in.call.offer = c->offer->id;
	} else {
		in.offer.offer = c->offer->id;
	}
	post(x, &in);
}

static void finish(struct centre *x)
{
	struct contact *c = some_contact(x, CONTACT_ACTIVE);
	struct input in = { .kind = INPUT_END };

	if (c == NULL)
		return;
	in.contact = c->id;
	in.agent = c->owner->id;
	if (rng_below(&x->rng, 4) == 0) {
		in.kind = INPUT_TRANSFER;
		if (rng_below(&x->rng, 2) == 0)
			in.transfer.to = some_agent(x)->id;
		else
			in.transfer.queue.v =
			    1 + rng_below(&x->rng, x->first->queue_count);
	}
	post(x, &in);
}

static void leave(struct centre *x)
{
	struct contact *c = some_contact(
	    x, (enum contact_state)rng_below(&x->rng, CONTACT_ENDED));
	struct input in = { .kind = INPUT_LEAVE };

	if (c == NULL)
		return;
	in.contact = c->id;
	in.leave.reason = END_CUSTOMER_LEFT;
	post(x, &in);
}

static void device(struct centre *x)
{
	struct input in = { .kind = INPUT_DEVICE, .agent = some_agent(x)->id };

	in.device.device = (uint8_t)rng_below(&x->rng, DEVICE_KINDS);
	post(x, &in);
}

static void overrule(struct centre *x)
{
	struct input in = { .kind = INPUT_SKILL_OVERRIDE };

	in.agent = some_agent(x)->id;
	in.skill_override.skill.v =
	    1 + rng_below(&x->rng, x->first->skill_count);
	in.skill_override.what = (uint8_t)rng_below(&x->rng, 2);
	in.skill_override.level = (uint8_t)rng_below(&x->rng, 101);
	in.skill_override.until =
	    rng_below(&x->rng, 2) == 0 ? 0 : x->now + 5000;
	in.skill_override.author = STR("test");
	if (rng_below(&x->rng, 2) == 0) {
		in.kind = INPUT_QUEUE_OVERRIDE;
		in.queue_override = (struct in_queue_override){
			.queue = { 1 +
			           rng_below(&x->rng, x->first->queue_count) },
			.what = (uint8_t)rng_below(&x->rng, 3),
			.until = x->now + 3000,
			.author = STR("test")
		};
	}
	post(x, &in);
}

static void results(struct centre *x)
{
	struct order *o = list_first(&x->first->order_list, struct order, link);
	struct input in = { .kind = INPUT_RESULT };

	if (o == NULL || o->kind == ORDER_MAIL_PARSE)
		return;
	in.result.order = o->id;
	in.result.code = rng_below(&x->rng, 10) == 0 ? ERR_IO : 0;
	post(x, &in);
}

static void pass_time(struct centre *x)
{
	struct input in = { .kind = INPUT_TICK };

	x->now += (msec_t)rng_below(&x->rng, 4000);
	post(x, &in);
}

/* Written out, read back, and on it goes in its own place. */
static void rebirth(struct centre *x)
{
	struct buf a = { 0 };
	struct buf b = { 0 };
	struct buf again = { 0 };
	struct world *w = NULL;

	world_encode(x->first, &a);
	world_encode(x->second, &b);
	assert_int_equal(a.len, b.len);
	assert_memory_equal(a.data, b.data, a.len);
	assert_int_equal(
	    world_decode(buf_str(&a), made_source, &x->rules, &w), 0);
	world_encode(w, &again);
	assert_int_equal(a.len, again.len);
	assert_memory_equal(a.data, again.data, a.len);
	world_check(w);
	world_free(x->first);
	x->first = w;
	buf_done(&a);
	buf_done(&b);
	buf_done(&again);
}

static void restart(struct centre *x)
{
	struct input in = { .kind = INPUT_START };

	in.start.epoch = x->first->epoch + 1;
	post(x, &in);
}

static void begin(struct centre *x, uint64_t seed, const struct made *how)
{
	struct input in = { .kind = INPUT_CONFIG };

	memset(x, 0, sizeof(*x));
	rng_seed(&x->rng, seed);
	x->rules = made_rules(&x->rng, how);
	x->first = world_new("main", made_source, &x->rules);
	x->second = world_new("main", made_source, &x->rules);
	x->third = world_new("main", made_source, &x->rules);
	x->now = 1000;
	in.config.text = STR("made");
	post(x, &in);
	restart(x);
}

static void end(struct centre *x)
{
	rebirth(x);
	world_free(x->first);
	world_free(x->second);
	world_free(x->third);
	decision_done(&x->out);
	decision_done(&x->again);
	rules_unref(x->rules);
}

typedef void (*act_fn)(struct centre *x);

/* Returns how many offers were judged. */
static unsigned play(uint64_t seed, const struct made *how, unsigned steps)
{
	static const act_fn acts[] = { arrive, arrive, arrive, arrive, sign,
		sign, state, state, state, state, answer, answer, answer,
		finish, finish, leave, device, overrule, results, results,
		parse, pass_time, pass_time, pass_time };
	struct centre x;
	unsigned i;

	begin(&x, seed, how);
	for (i = 0; i < steps; i++) {
		acts[rng_below(&x.rng, countof(acts))](&x);
		if (rng_below(&x.rng, 100) == 0)
			rebirth(&x);
		if (rng_below(&x.rng, 300) == 0)
			restart(&x);
	}
	end(&x);
	return x.offers;
}

static void shipping_matcher_agrees_with_a_scan(void **state)
{
	static const struct made flat = { 4, 6, 4, false };
	static const struct made laddered = { 5, 8, 5, true };
	static const struct made one = { 1, 2, 1, true };
	unsigned offers = 0;
	uint64_t seed;

	(void)state;
	for (seed = 1; seed <= 40; seed++) {
		offers += play(seed, &flat, 600);
		offers += play(seed + 1000, &laddered, 600);
		offers += play(seed + 2000, &one, 300);
	}
	print_message("%u offers judged\n", offers);
	assert_true(offers > 2000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shipping_matcher_agrees_with_a_scan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
