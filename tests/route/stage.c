/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stage.c - the two worlds, the clock, and what is checked after every step.
 *
 * Entered by play.c and by the commands in act.c. Nothing goes into the router
 * by any other way; the second world learns only what the log would hold.
 */
#include "stage.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "config/config.h"
#include "oracle.h"
#include "tell.h"

void stage_wrong(const struct stage *st, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fprintf(stderr, "%s:%u: ", st->file, st->line);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	_Exit(2);
}

/* ---- the clockwork --------------------------------------------------------- */

static void check_same(const struct stage *st)
{
	struct buf a = { 0 };
	struct buf b = { 0 };

	world_encode(st->first, &a);
	world_encode(st->second, &b);
	if (a.len != b.len || memcmp(a.data, b.data, a.len) != 0)
		stage_wrong(st, "the following world is another one");
	buf_done(&a);
	buf_done(&b);
}

static void remember_offer(struct stage *st, const struct event *e)
{
	if (st->offered_count == OFFERED_MAX)
		stage_wrong(st, "more than %d offers", OFFERED_MAX);
	st->offered[st->offered_count++] =
	    (struct offered){ e->contact, e->agent, e->offer.offer };
}

/* As the log would give it back: what is not in the bytes is not there. */
static void apply_logged(struct stage *st, const struct event *e)
{
	struct buf body = { 0 };
	struct event back = { .seq = e->seq,
		.epoch = e->epoch,
		.at = e->at,
		.kind = e->kind,
		.contact = e->contact,
		.customer = e->customer,
		.agent = e->agent };

	event_encode(e, &body);
	if (event_decode(&back, event_version(e->kind), buf_str(&body)) != 0)
		stage_wrong(st, "%s cannot be read back", event_name(e->kind));
	apply(st->second, &back);
	buf_done(&body);
}

static void follow(struct stage *st, const struct event *e)
{
	tell_event(st, e);
	if (e->kind == EV_OFFER_MADE) {
		remember_offer(st, e);
		oracle_judge(st->second, e);
	}
	apply_logged(st, e);
}

static void step(struct stage *st, struct input *in)
{
	size_t i;

	in->at = st->now;
	(void)route_step(st->first, in, &st->out);
	for (i = 0; i < st->out.count; i++)
		follow(st, &st->out.events[i]);
	tell_outcome(st);
	world_check(st->first);
	oracle_conserves(st->first);
	check_same(st);
}

static void tick(struct stage *st)
{
	struct input in = { .kind = INPUT_TICK };

	step(st, &in);
}

/* Everything that is due up to `until`, each at its own time. */
static void catch_up(struct stage *st, msec_t until)
{
	while (st->out.wake_at >= 0 && st->out.wake_at <= until) {
		if (st->out.wake_at > st->now)
			st->now = st->out.wake_at;
		tick(st);
	}
}

void stage_post(struct stage *st, struct input *in)
{
	struct outcome said;

	step(st, in);
	said = st->out.outcome;
	catch_up(st, st->now);
	st->out.outcome = said;
}

void stage_pass(struct stage *st, msec_t until)
{
	if (until < st->now)
		stage_wrong(st, "time does not go back");
	catch_up(st, until);
	st->now = until;
}

/* ---- opening, changing, dying ---------------------------------------------- */

void stage_config(struct stage *st, const char *text)
{
	struct config_notes notes = { 0 };
	struct input in = { .kind = INPUT_CONFIG };
	struct config *c = NULL;
	struct buf said = { 0 };

	if (config_parse(st->file, str_of(text), &c, &notes) != 0) {
		config_notes_show(&notes, &said);
		stage_wrong(st, "these rules are wrong\n%s", said.data);
	}
	in.config.text = str_of(c->rules->text);
	in.config.author = STR("story");
	memcpy(in.config.digest, c->rules->digest, sizeof(in.config.digest));
	stage_post(st, &in);
	config_notes_done(&notes);
	config_free(c);
}

static void start(struct stage *st)
{
	struct input in = { .kind = INPUT_START };

	in.start.epoch = st->first->epoch + 1;
	stage_post(st, &in);
}

void stage_open(struct stage *st, const char *file, const char *config)
{
	memset(st, 0, sizeof(*st));
	st->file = file;
	st->line = 1;
	st->now = STAGE_ZERO;
	st->out.wake_at = -1;
	list_init(&st->identifier_names);
	st->first = world_new("main", config_rules_of_text, NULL);
	st->second = world_new("main", config_rules_of_text, NULL);
	stage_config(st, config);
	start(st);
	buf_clear(&st->told);
}

void stage_restart(struct stage *st)
{
	struct buf bytes = { 0 };
	struct world *w = NULL;

	world_encode(st->first, &bytes);
	world_free(st->first);
	if (world_decode(buf_str(&bytes), config_rules_of_text, NULL, &w) != 0)
		stage_wrong(st, "the checkpoint cannot be read");
	st->first = w;
	check_same(st);
	buf_done(&bytes);
	start(st);
}

/* ---- names ----------------------------------------------------------------- */

struct identifier_name {
	struct list link;
	struct identifier_id id;
	char *text;
};

struct identifier_id stage_identifier(
    struct stage *st, const char *kind, const char *value)
{
	char *text = mem_textf("%s %s", kind, value);
	struct identifier_name *n =
	    map_find_text(&st->identifiers, str_of(text));

	if (n != NULL) {
		mem_free(text);
		return n->id;
	}
	n = new_of(struct identifier_name);
	n->text = text;
	n->id.v = ++st->identifier_count;
	map_put_text(&st->identifiers, str_of(text), n);
	list_push(&st->identifier_names, &n->link);
	return n->id;
}

const char *stage_identifier_text(
    const struct stage *st, struct identifier_id id)
{
	const struct identifier_name *n;

	list_each(n, &st->identifier_names, link) {
		if (id_same(n->id, id))
			return n->text;
	}
	return "?";
}

void stage_close(struct stage *st)
{
	struct identifier_name *n;
	struct identifier_name *next;

	list_each_safe(n, next, &st->identifier_names, link) {
		mem_free(n->text);
		mem_free(n);
	}
	map_done(&st->identifiers);
	world_free(st->first);
	world_free(st->second);
	decision_done(&st->out);
	buf_done(&st->told);
}

struct agent *stage_agent(const struct stage *st, const char *name)
{
	struct agent *a = world_agent_named(st->first, str_of(name));

	if (a == NULL)
		stage_wrong(st, "there is no agent %s", name ? name : "");
	return a;
}

struct queue *stage_queue(const struct stage *st, const char *name)
{
	struct queue *q = world_queue_named(st->first, str_of(name));

	if (q == NULL)
		stage_wrong(st, "there is no queue %s", name ? name : "");
	return q;
}

struct contact_id stage_contact(const struct stage *st, const char *name)
{
	struct contact_id c = { 0 };

	if (name == NULL || id_parse('c', str_of(name), &c.v) != 0)
		stage_wrong(st, "a contact such as c1 is missing");
	return c;
}

/* The last offer of the contact to that agent (NULL: to anybody). */
struct offer_id stage_offer(
    const struct stage *st, struct contact_id c, const struct agent *a)
{
	size_t i;

	for (i = st->offered_count; i-- > 0;) {
		const struct offered *o = &st->offered[i];

		if (id_same(o->contact, c) &&
		    (a == NULL || id_same(o->agent, a->id)))
			return o->offer;
	}
	return (struct offer_id){ 0 };
}
