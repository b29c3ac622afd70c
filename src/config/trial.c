/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * trial.c - one contact through the real router, in a world of its own.
 *
 * Entered by the test blocks and by `try` (try.c). The world knows the rules,
 * the agents who are said to be there, and nothing else; it is thrown away
 * after. Nothing here decides anything: route_step() does.
 */
#include <string.h>

#include "base/check.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "config/case.h"
#include "route/route.h"

#define TRIAL_AT 1 /* router time: everything happens at once */

struct trial {
	const struct rules *rules;
	const struct config_case *body;
	struct world *world;
	struct decision decision;
};

/* The world asks for the rules of its one config: here they are. */
static struct rules *rules_of(void *arg, struct str text)
{
	(void)text;
	return rules_ref(arg);
}

static void step(struct trial *t, struct input *in)
{
	in->at = TRIAL_AT;
	check(route_step(t->world, in, &t->decision) == 0);
}

/* As the server does it: a start, then the config. */
static void start(struct trial *t)
{
	struct input up = { .kind = INPUT_START };
	struct input config = { .kind = INPUT_CONFIG };

	up.start.epoch = 1;
	up.start.wall_offset = t->body->wall - TRIAL_AT;
	step(t, &up);
	memcpy(config.config.digest, t->rules->digest,
	    sizeof(config.config.digest));
	config.config.text = str_of(t->rules->text);
	config.config.author = STR("trial");
	step(t, &config);
}

/* The router learns of hours by inputs only. */
static void open_hours(struct trial *t)
{
	for (size_t i = 0; i < t->rules->hours_count; i++) {
		const struct hours *h = &t->rules->hours[i];
		struct input in = { .kind = INPUT_HOURS };

		in.hours.hours = str_of(h->name);
		in.hours.open = hours_are_open(h, t->body->wall);
		in.hours.next_wall = hours_next_change(h, t->body->wall);
		step(t, &in);
	}
}

/* Signed in, phone on the hook, ready. */
static void make_ready(struct trial *t, uint32_t agent)
{
	const struct rule_agent *rule = &t->rules->agents[agent];
	const struct agent *a = world_agent_named(t->world, str_of(rule->name));
	struct input in = { .kind = INPUT_SIGN_IN };

	in.agent = a->id;
	in.session.session = agent + 1;
	step(t, &in);
	if (rule->phone != NULL) {
		in = (struct input){ .kind = INPUT_DEVICE, .agent = a->id };
		in.device.device = DEVICE_IDLE;
		step(t, &in);
	}
	in = (struct input){ .kind = INPUT_STATE, .agent = a->id };
	in.state.state = AGENT_READY;
	in.state.by = a->id;
	if (a->state != AGENT_READY)
		step(t, &in);
}

static void fill_agents(struct trial *t)
{
	const struct config_case *c = t->body;
	size_t count = c->all_ready ? t->rules->agent_count : c->ready_count;

	for (size_t i = 0; i < count; i++)
		make_ready(t, c->all_ready ? (uint32_t)i : c->ready[i]);
}

/* A contact that does not say speaks the default, as in the intake. */
static struct str language_of(const struct trial *t)
{
	return str_of(
	    t->body->language ? t->body->language : t->rules->language);
}

/* As the intake does with what a channel presents. */
static void find_verdicts(const struct trial *t, uint8_t out[VERDICT_BYTES])
{
	const struct config_case *c = t->body;
	struct attribute attributes[CASE_ATTRIBUTES];
	struct buf text = { 0 };
	struct buf folded = { 0 };
	struct leaf_facts facts = { .channel = c->channel,
		.entrance = str_of(t->rules->entrances[c->entrance].name),
		.dialled = str_of(c->dialled),
		.language = language_of(t),
		.attributes = attributes,
		.attribute_count = c->attribute_count };

	for (size_t i = 0; i < c->attribute_count; i++) {
		attributes[i].name = str_of(c->attribute_names[i]);
		attributes[i].value = str_of(c->attribute_values[i]);
	}
	buf_addf(&text, "%s%s%s", c->subject ? c->subject : "",
	    c->subject ? "\n" : "", c->text ? c->text : "");
	utf8_fold(buf_str(&text), &folded);
	facts.text = buf_str(&text);
	facts.folded_text = buf_str(&folded);
	rules_verdicts(t->rules, &facts, out);
	buf_done(&text);
	buf_done(&folded);
}

static void arrive(struct trial *t, struct case_result *out)
{
	const struct config_case *c = t->body;
	struct input in = { .kind = INPUT_ARRIVE };
	const char *door = t->rules->entrances[c->entrance].name;

	find_verdicts(t, out->verdicts);
	in.arrive.channel = (uint8_t)c->channel;
	in.arrive.entrance = world_entrance_named(t->world, str_of(door))->id;
	in.arrive.language = language_of(t);
	in.arrive.verdicts =
	    (struct str){ (const char *)out->verdicts, VERDICT_BYTES };
	for (size_t i = 0; i < c->by_count; i++) {
		struct presented *p = &in.arrive.by[i];

		p->id.v = i + 1;
		p->kind = (uint8_t)c->by[i].kind;
		p->level = c->by[i].verified ? LEVEL_VERIFIED : LEVEL_CLAIMED;
	}
	in.arrive.by_count = (uint8_t)c->by_count;
	step(t, &in);
}

static uint32_t agent_rule_of(const struct world *w, struct agent_id id)
{
	const struct agent *a = world_agent(w, id);

	return a != NULL ? a->rule : RULE_NONE;
}

static uint32_t queue_rule_of(const struct world *w, struct queue_id id)
{
	return world_queue(w, id)->rule;
}

/* Reads what happened out of the events. */
static void read_events(const struct trial *t, struct case_result *out)
{
	for (size_t i = 0; i < t->decision.count; i++) {
		const struct event *e = &t->decision.events[i];

		if (e->kind == EV_CONTACT_QUEUED && !e->queued.added) {
			out->queue = queue_rule_of(t->world, e->queued.queue);
		} else if (e->kind == EV_CONTACT_CLOSED) {
			out->queue = queue_rule_of(t->world, e->closed.queue);
			out->closed = true;
			out->action = (enum closed_action)e->closed.action;
		} else if (e->kind == EV_OFFER_MADE &&
		           out->agent == RULE_NONE) {
			out->agent = agent_rule_of(t->world, e->agent);
			out->second = agent_rule_of(t->world, e->offer.second);
			out->step = e->offer.step;
		}
	}
}

int64_t case_ask(const void *trial, enum expr_op op, uint32_t arg)
{
	const struct case_view *v = trial;

	if (op == EXPR_OPEN)
		return hours_are_open(&v->rules->hours[arg], v->body->wall);
	if (op == EXPR_QUEUE_READY)
		return (int64_t)(v->body->all_ready ? v->rules->agent_count
		                                    : v->body->ready_count);
	return 0; /* nobody waits in a world of one contact */
}

/* The rule itself is in no event: the conditions are asked once more. */
static void find_route(const struct trial *t, struct case_result *out)
{
	struct case_view view = { t->rules, t->body };
	struct str bits = { (const char *)out->verdicts, VERDICT_BYTES };

	while (!expr_is_true(
	    &t->rules->routes[out->route].when, bits, case_ask, &view))
		out->route++;
}

struct world *case_run(
    const struct rules *r, const struct config_case *c, struct case_result *out)
{
	struct trial t = { .rules = r, .body = c };
	union {
		const struct rules *lent;
		void *arg; /* references are counted even in const rules */
	} rules = { .lent = r };

	*out = (struct case_result){ .agent = RULE_NONE, .second = RULE_NONE };
	t.world = world_new(r->workspace, rules_of, rules.arg);
	start(&t);
	open_hours(&t);
	fill_agents(&t);
	arrive(&t, out);
	read_events(&t, out);
	find_route(&t, out);
	decision_done(&t.decision);
	return t.world;
}
