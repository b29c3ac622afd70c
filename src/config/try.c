/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * try.c - runs test blocks, and answers "what would happen to this contact?".
 *
 * Entered by `usherd -t`, before a reload is accepted, and by `usherctl try`
 * (on a worker thread: nothing here is shared). Says not only what but why, in
 * the words of the config.
 */
#include "base/check.h"
#include "base/json.h"
#include "base/mem.h"
#include "config/canon.h"
#include "config/case.h"
#include "config/parse.h"
#include "route/explain.h"
#include "route/route.h"

#define AGENTS_SHOWN 50
#define WHAT_BYTES   65536

/* ---- test blocks ----------------------------------------------------------- */

struct ran {
	const struct rules *rules;
	const struct config_test *test;
	const struct world *world;
	struct case_result result;
};

/* Opening hours are asked of the calendar, all else of what happened. */
static bool holds(const struct ran *t, const struct case_expect *e)
{
	const struct case_result *r = &t->result;
	msec_t wall = t->test->body->wall;

	switch (e->kind) {
	case EXPECT_QUEUE:
		return r->queue == e->index;
	case EXPECT_AGENT:
		return r->agent == e->index;
	case EXPECT_NOBODY:
		return r->agent == RULE_NONE;
	case EXPECT_OPEN:
		return hours_are_open(&t->rules->hours[e->index], wall);
	case EXPECT_CLOSED:
		return !hours_are_open(&t->rules->hours[e->index], wall);
	case EXPECT_ACTION:
		return r->closed && r->action == e->index;
	}
	return false;
}

/* What came instead, in the words of the same kind of expectation. */
static void show_found(
    const struct ran *t, const struct case_expect *e, struct buf *out)
{
	const struct case_result *r = &t->result;

	if (e->kind == EXPECT_QUEUE)
		buf_addf(out, "queue %s", t->rules->queues[r->queue].name);
	else if (e->kind == EXPECT_OPEN)
		buf_addf(out, "closed %s", t->rules->hours[e->index].name);
	else if (e->kind == EXPECT_CLOSED)
		buf_addf(out, "open %s", t->rules->hours[e->index].name);
	else if (e->kind == EXPECT_ACTION && !r->closed)
		buf_add_text(out, "an open queue");
	else if (r->closed && r->action != CLOSED_WAIT)
		buf_add_text(out, closed_action_word(r->action));
	else if (r->agent != RULE_NONE)
		buf_addf(out, "agent %s", t->rules->agents[r->agent].name);
	else
		buf_add_text(out, "nobody");
}

/* The one contact of the trial; ended, when a closed queue sent it away. */
static const struct contact *contact_of(const struct world *w)
{
	return world_contact(w, (struct contact_id){ w->next_contact - 1 });
}

/* Why this agent did not get it. */
static void hint_agent(
    struct config_notes *notes, const struct ran *t, uint32_t agent)
{
	const char *name = t->rules->agents[agent].name;
	const struct agent *a = world_agent_named(t->world, str_of(name));
	const struct contact *c = contact_of(t->world);
	struct verdict v;

	if (a == NULL || c == NULL || c->state == CONTACT_ENDED)
		return;
	v = explain_agent(t->world, c, a);
	if (v.refusal != REFUSAL_NONE)
		note_hint(notes, "%s: %s", name, refusal_text(v.refusal));
	else if (t->result.step == STEP_ONLY) /* the router did not compare */
		note_hint(notes, "%s could take it too", name);
	else
		note_hint(notes, "%s could take it too; what decided: %s", name,
		    rank_step_text(t->result.step));
}

static void note_failure(struct config_notes *notes, const struct ran *t,
    const struct case_expect *e)
{
	struct far_spot at = { t->test->file, e->line, e->column, e->width,
		e->source };
	struct buf found = { 0 };
	const struct rule_route *route = &t->rules->routes[t->result.route];

	show_found(t, e, &found);
	note_far_error(notes, &at, "test \"%s\": expected %s, got %s",
	    t->test->name, e->text, found.data);
	buf_done(&found);
	if (e->kind == EXPECT_QUEUE)
		note_hint(
		    notes, "line %u matched: %s", route->line, route->text);
	else if (e->kind == EXPECT_AGENT)
		hint_agent(notes, t, e->index);
}

static bool run_test(const struct rules *r, const struct config_test *test,
    struct config_notes *notes)
{
	struct ran t = { .rules = r, .test = test };
	struct world *w = case_run(r, test->body, &t.result);
	bool good = true;

	t.world = w;
	for (size_t i = 0; i < test->body->expect_count; i++) {
		const struct case_expect *e = &test->body->expects[i];

		if (holds(&t, e))
			continue;
		good = false;
		note_failure(notes, &t, e);
	}
	world_free(w);
	return good;
}

int config_run_tests(
    const struct config *c, struct config_notes *notes, size_t *out_run)
{
	int rc = 0;

	for (size_t i = 0; i < c->test_count; i++)
		if (!run_test(c->rules, &c->tests[i], notes))
			rc = ERR_INVALID;
	*out_run = c->test_count;
	return rc;
}

/* ---- try ------------------------------------------------------------------- */

struct answer {
	const struct rules *rules;
	const struct config_case *body;
	const struct world *world;
	struct case_result result;
	struct json_writer w;
};

/* The rules up to the one that matched: only the last is true. */
static void write_routes(struct answer *a)
{
	const struct rules *r = a->rules;
	struct json_writer *w = &a->w;

	jw_key(w, "route");
	jw_array(w);
	for (size_t i = 0; i <= a->result.route; i++) {
		jw_object(w);
		jw_kint(w, "line", r->routes[i].line);
		jw_ktext(w, "when", r->routes[i].text);
		jw_kbool(w, "true", i == a->result.route);
		jw_ktext(w, "queue", r->queues[r->routes[i].queue].name);
		jw_end(w);
	}
	jw_end(w);
}

static void write_hours(struct answer *a)
{
	const struct rule_queue *q = &a->rules->queues[a->result.queue];
	struct json_writer *w = &a->w;
	const struct hours *h;

	jw_kbool(w, "open", !a->result.closed);
	jw_ktext(w, "closed",
	    a->result.closed ? closed_action_word(a->result.action) : NULL);
	if (q->hours == RULE_NONE)
		return;
	h = &a->rules->hours[q->hours];
	jw_ktext(w, "hours", h->name);
	jw_ktext(w, "day", hours_label(h, a->body->wall));
}

static void write_ladder(struct answer *a)
{
	const struct rule_queue *q = &a->rules->queues[a->result.queue];
	struct buf line = { 0 };

	jw_key(&a->w, "ladder");
	jw_array(&a->w);
	for (unsigned i = 0; i < q->step_count; i++) {
		buf_clear(&line);
		canon_step(a->rules, q, i, &line);
		if (line.len > 0)
			jw_str(&a->w, buf_str(&line));
	}
	for (unsigned i = 0; i < q->overflow_count; i++) {
		buf_clear(&line);
		canon_overflow(a->rules, &q->overflows[i], &line);
		jw_str(&a->w, buf_str(&line));
	}
	jw_end(&a->w);
	buf_done(&line);
}

/* Who else, and why not: the first of them, or a config of ten thousand would
 * fill the screen. */
static void write_agents(struct answer *a)
{
	const struct contact *c = contact_of(a->world);

	if (c == NULL || c->state == CONTACT_ENDED)
		return;
	jw_key(&a->w, "agents");
	jw_array(&a->w);
	for (size_t i = 0; i < a->world->agent_count && i < AGENTS_SHOWN; i++)
		explain_show(a->world, c, a->world->agents[i], &a->w);
	jw_end(&a->w);
}

/* The story in sentences, in the order things were decided. */
static void write_reasons(struct answer *a)
{
	const struct rules *r = a->rules;
	const struct case_result *x = &a->result;
	const struct rule_queue *q = &r->queues[x->queue];
	struct json_writer *w = &a->w;

	jw_key(w, "reasons");
	jw_array(w);
	for (size_t i = 0; i < x->route; i++)
		jw_textf(w, "line %u is not true: %s", r->routes[i].line,
		    r->routes[i].text);
	jw_textf(w, "line %u: %s -> queue %s", r->routes[x->route].line,
	    r->routes[x->route].text, q->name);
	if (q->hours != RULE_NONE)
		jw_textf(w, "%s is %s", r->hours[q->hours].name,
		    x->closed ? "closed" : "open");
	if (x->closed)
		jw_textf(w, "a closed queue answers %s with %s",
		    channel_word(a->body->channel),
		    closed_action_word(x->action));
	else if (x->agent == RULE_NONE)
		jw_text(w, "nobody who is ready can take it now");
	else
		jw_textf(w, "agent %s: %s", r->agents[x->agent].name,
		    rank_step_text(x->step));
	jw_end(w);
}

static void write_answer(struct answer *a)
{
	const struct rules *r = a->rules;
	const struct case_result *x = &a->result;
	char at[CLOCK_TEXT];
	struct json_writer *w = &a->w;

	clock_format(a->body->wall, at);
	jw_object(w);
	jw_ktext(w, "channel", channel_word(a->body->channel));
	jw_ktext(w, "entrance", r->entrances[a->body->entrance].name);
	jw_ktext(w, "at", at);
	jw_ktext(w, "queue", r->queues[x->queue].name);
	jw_ktext(w, "agent",
	    x->agent != RULE_NONE ? r->agents[x->agent].name : NULL);
	jw_ktext(w, "runner_up",
	    x->second != RULE_NONE ? r->agents[x->second].name : NULL);
	write_hours(a);
	write_reasons(a);
	write_routes(a);
	write_ladder(a);
	write_agents(a);
	jw_end(w);
}

/* Reads `what` as the inside of a test block. */
static struct config_case *read_case(const struct config *c, struct str text,
    msec_t now, struct config_notes *notes)
{
	struct arena arena = { 0 };
	struct source source = { .name = "try", .dir = "", .text = text };
	struct statements all = { NULL, NULL };
	struct check k = { .arena = &arena,
		.notes = notes,
		.rules = c->rules,
		.main = &source,
		.in_memory = true };
	struct config_case *body = NULL;

	if (parse_source(&arena, &source, notes, &all) && notes->errors == 0)
		body = case_read(&k, all.first, now);
	arena_done(&arena);
	return body;
}

/* The first note is the one worth a line. */
static int say_fault(const struct config_notes *notes, struct fault *why)
{
	const struct config_note *n = &notes->items[0];

	return fault_set(why, ERR_INVALID, "%s%s%s", n->text,
	    n->hint ? "; " : "", n->hint ? n->hint : "");
}

int config_try(const struct config *c, const struct config_question *q,
    struct buf *out, struct fault *why)
{
	struct str what = q->what;
	struct str at = q->at;
	struct config_notes notes = { 0 };
	struct buf text = { 0 };
	struct answer a = { .rules = c->rules };
	struct config_case *body = NULL;
	struct world *world;
	int rc = 0;

	if (what.n > WHAT_BYTES || at.n > WHAT_BYTES)
		return fault_set(why, ERR_TOO_LARGE, "that is too long");
	buf_addf(&text, "test \"try\" {%s%.*s;\n%.*s\n;}",
	    at.n > 0 ? " at " : "", (int)at.n, at.n ? at.p : "", (int)what.n,
	    what.n ? what.p : "");
	body = read_case(c, buf_str(&text), q->wall_now, &notes);
	if (body == NULL) {
		rc = say_fault(&notes, why);
		goto out;
	}
	world = case_run(c->rules, body, &a.result);
	a.body = body;
	a.world = world;
	jw_init(&a.w, out);
	write_answer(&a);
	world_free(world);
out:
	case_free(body);
	buf_done(&text);
	config_notes_done(&notes);
	return rc;
}
