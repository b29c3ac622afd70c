/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * check_queue.c - reads `queue` blocks: needs that relax, and overflows.
 *
 * Part of the check. A later step names only what changes; it comes out
 * complete, so that the router never has to look back.
 */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/mem.h"
#include "config/check.h"

#define AFTER_MAX   ((msec_t)30 * 86400 * 1000)
#define RING_MIN    ((msec_t)1000)
#define RING_MAX    ((msec_t)3600 * 1000)
#define RING        ((msec_t)20 * 1000)
#define WAITING_MAX 1000000

/* One item of a need: a skill, or the contact's language; level 0 drops it. */
struct want {
	uint32_t skill; /* RULE_NONE: the language */
	uint8_t level;
	const struct item *at;
};

struct wants {
	msec_t after;
	struct want items[NEEDS_MAX + 1];
	unsigned count;
	struct cursor cursor; /* where it was read, for notes */
};

struct reading {
	struct rule_queue *queue;
	struct wants steps[STEPS_MAX];
	unsigned step_count;
};

/* Statements about the same moment are one step. */
static struct wants *find_step(
    struct cursor *c, struct reading *r, msec_t after)
{
	struct wants *w;

	for (unsigned i = 0; i < r->step_count; i++)
		if (r->steps[i].after == after)
			return &r->steps[i];
	if (r->step_count == STEPS_MAX) {
		c->at = c->statement->items;
		cursor_fail(c, "a queue has at most %d steps", STEPS_MAX);
		return NULL;
	}
	w = &r->steps[r->step_count++];
	*w = (struct wants){ .after = after, .cursor = *c };
	return w;
}

/* 60+; without a number any level will do. The + is asked for because 60 alone
 * looks like "exactly 60". */
static uint8_t read_level(struct cursor *c)
{
	uint8_t level = 1;

	if (cursor_is(c, ITEM_NUMBER)) {
		level = (uint8_t)cursor_number(c, 1, 100);
		if (!cursor_skip(c, ITEM_PLUS))
			cursor_fail(c, "+ is expected here: this level or "
			               "better");
	}
	return level;
}

/* billing 60+; language of contact; no billing */
static void read_want(struct check *k, struct cursor *c, struct want *out)
{
	bool drops = cursor_skip_word(c, "no");

	out->at = c->at;
	out->skill = RULE_NONE;
	if (cursor_skip_word(c, "language")) {
		cursor_word(c, "of");
		cursor_word(c, "contact");
	} else {
		out->skill = names_read(c, k->rules, DEF_SKILL);
	}
	out->level = drops ? 0 : read_level(c);
}

/* The wants of one statement, into the step of its moment. */
static void read_needs(
    struct check *k, struct cursor *c, struct reading *r, msec_t after)
{
	struct wants *w = c->failed ? NULL : find_step(c, r, after);

	if (w == NULL)
		return;
	do {
		struct want want;

		read_want(k, c, &want);
		if (c->failed)
			return;
		for (unsigned i = 0; i < w->count; i++) {
			if (w->items[i].skill != want.skill)
				continue;
			c->at = want.at;
			cursor_fail(c, "this is asked for a second time");
			return;
		}
		if (w->count == NEEDS_MAX + 1) {
			c->at = want.at;
			cursor_fail(
			    c, "a step asks for at most %d skills", NEEDS_MAX);
			return;
		}
		w->items[w->count++] = want;
	} while (cursor_skip(c, ITEM_COMMA));
}

static void take_need(struct check *k, struct cursor *c, void *object)
{
	read_needs(k, c, object, 0);
}

/* after 2m; no agents; more than 20 waiting */
static void read_condition(struct cursor *c, struct rule_overflow *o)
{
	cursor_skip_word(c, "when");
	if (cursor_skip_word(c, "after")) {
		o->after = cursor_duration(c, 1, AFTER_MAX);
	} else if (cursor_skip_word(c, "no")) {
		cursor_word(c, "agents");
		o->when_no_agents = true;
	} else {
		cursor_word(c, "more");
		cursor_word(c, "than");
		o->longer_than = (uint32_t)cursor_number(c, 1, WAITING_MAX);
		cursor_word(c, "waiting");
	}
}

/* ... also queue general; */
static void read_overflow(struct check *k, struct cursor *c, struct reading *r,
    struct rule_overflow o)
{
	struct rule_queue *q = r->queue;
	const struct item *name;

	while (cursor_skip_word(c, "or"))
		read_condition(c, &o);
	cursor_word(c, "also");
	cursor_word(c, "queue");
	name = c->at;
	o.queue = names_read(c, k->rules, DEF_QUEUE);
	if (c->failed)
		return;
	c->at = name;
	if (names_row(k->rules, DEF_QUEUE, o.queue) == q)
		cursor_fail(c, "a queue does not flow over to itself");
	for (unsigned i = 0; i < q->overflow_count; i++)
		if (q->overflows[i].queue == o.queue)
			cursor_fail(c, "this queue is named above: join the "
			               "conditions by or");
	if (q->overflow_count == OVERFLOWS_MAX)
		cursor_fail(c, "a queue flows over to at most %d queues",
		    OVERFLOWS_MAX);
	if (c->failed)
		return;
	c->at = name->next;
	q->overflows[q->overflow_count++] = o;
}

/* after 30s need ...; after 2m or no agents also queue general; */
static void take_after(struct check *k, struct cursor *c, void *object)
{
	struct rule_overflow o = { 0 };

	o.after = cursor_duration(c, 1, AFTER_MAX);
	if (cursor_skip_word(c, "need"))
		read_needs(k, c, object, o.after);
	else
		read_overflow(k, c, object, o);
}

/* when more than 20 waiting also queue general; when no agents also ... */
static void take_when(struct check *k, struct cursor *c, void *object)
{
	struct rule_overflow o = { 0 };

	read_condition(c, &o);
	read_overflow(k, c, object, o);
}

static void take_ring(struct check *k, struct cursor *c, void *object)
{
	struct reading *r = object;

	(void)k;
	r->queue->ring = cursor_duration(c, RING_MIN, RING_MAX);
}

static void take_own(struct check *k, struct cursor *c, void *object)
{
	struct reading *r = object;

	(void)k;
	cursor_word(c, "agent");
	r->queue->own_wait = cursor_duration(c, 0, AFTER_MAX);
}

/* open office; open always; */
static void take_open(struct check *k, struct cursor *c, void *object)
{
	struct reading *r = object;

	if (cursor_skip_word(c, "always"))
		return;
	r->queue->hours = names_read(c, k->rules, DEF_HOURS);
}

/* One line of the closed block: its first word is the channel. */
static void take_closed_line(struct check *k, struct cursor *c, void *object)
{
	struct rule_queue *q = object;
	const struct item *word = c->at;
	enum channel channel = CHANNEL_PHONE;
	enum closed_action action;

	(void)k;
	channel_parse(c->statement->items->text, &channel);
	if (cursor_name(c, "wait, voicemail, mail-form or refuse") == NULL)
		return;
	c->at = word;
	if (!closed_action_parse(word->text, &action)) {
		cursor_fail(c, "a closed queue answers with wait, voicemail, "
		               "mail-form or refuse");
		return;
	}
	if (action == CLOSED_VOICEMAIL && channel != CHANNEL_PHONE)
		cursor_fail(c, "voicemail is for phone only");
	if (action == CLOSED_MAIL_FORM && channel != CHANNEL_CHAT)
		cursor_fail(c, "a mail-form is for chat only");
	if (c->failed)
		return;
	c->at = word->next;
	q->closed[channel] = action;
}

#define CLOSED_ROW(symbol, word, ...)                                          \
	{ word, ROW_ONCE, take_closed_line, "phone voicemail;" },
static const struct row closed_rows[] = { CHANNEL_TABLE(CLOSED_ROW) };

/* closed { phone voicemail; mail wait; } */
static void take_closed(struct check *k, struct cursor *c, void *object)
{
	struct reading *r = object;

	check_block(k, c->statement, BLOCK("closed", closed_rows), r->queue);
}

static void take_standard(struct check *k, struct cursor *c, void *object)
{
	struct reading *r = object;

	r->queue->standard = names_read(c, k->rules, DEF_STANDARD);
}

static void take_label(struct check *k, struct cursor *c, void *object)
{
	struct reading *r = object;

	(void)k;
	r->queue->label = cursor_text(c, "a label in quotes");
}

static const struct row rows[] = {
	{ "label", ROW_ONCE, take_label, "label \"Billing\";" },
	{ "need", ROW_REPEAT, take_need,
	    "need billing 60+, language of contact;" },
	{ "after", ROW_REPEAT, take_after,
	    "after 30s need billing 20+; or: after 2m or no agents also "
	    "queue general;" },
	{ "when", ROW_REPEAT, take_when,
	    "when more than 20 waiting also queue general;" },
	{ "ring", ROW_ONCE, take_ring, "ring 20s;" },
	{ "own", ROW_ONCE, take_own, "own agent 20s;" },
	{ "open", ROW_ONCE, take_open, "open office;" },
	{ "closed", ROW_ONCE | ROW_BLOCK, take_closed,
	    "closed { phone voicemail; chat mail-form; }" },
	{ "standard", ROW_ONCE, take_standard, "standard calls;" },
};

static int by_after(const void *a, const void *b)
{
	const struct wants *x = a;
	const struct wants *y = b;

	return x->after < y->after ? -1 : x->after > y->after;
}

/* Freed places are zeroed: equal steps are equal bytes. */
static void remove_need(struct rule_step *s, unsigned at)
{
	memmove(&s->needs[at], &s->needs[at + 1],
	    (s->need_count - at - 1u) * sizeof(s->needs[0]));
	memset(&s->needs[--s->need_count], 0, sizeof(s->needs[0]));
}

static void insert_need(struct rule_step *s, unsigned at, const struct want *w)
{
	memmove(&s->needs[at + 1], &s->needs[at],
	    (s->need_count - (size_t)at) * sizeof(s->needs[0]));
	s->needs[at] = (struct rule_level){ w->skill, w->level };
	s->need_count++;
}

/* Puts one want over what the step before asked; NULL, or what is wrong. */
static const char *merge_skill(struct rule_step *s, const struct want *w)
{
	unsigned at = 0;
	bool there;

	while (at < s->need_count && s->needs[at].skill < w->skill)
		at++;
	there = at < s->need_count && s->needs[at].skill == w->skill;
	if (w->level == 0 && !there)
		return "nothing before asks for this";
	if (w->level == 0)
		remove_need(s, at);
	else if (there)
		s->needs[at].level = w->level;
	else if (s->need_count == NEEDS_MAX)
		return "a step asks for at most 8 skills";
	else
		insert_need(s, at, w);
	return NULL;
}

static const char *merge_want(struct rule_step *s, const struct want *w)
{
	if (w->skill != RULE_NONE)
		return merge_skill(s, w);
	if (w->level == 0 && !s->language)
		return "nothing before asks for this";
	s->language = w->level > 0;
	s->language_level = w->level;
	return NULL;
}

/* The first step is what holds at once, asked for or not. */
static void build_steps(struct rule_queue *q, struct reading *r)
{
	struct rule_step step = { 0 };

	qsort(r->steps, r->step_count, sizeof(r->steps[0]), by_after);
	q->step_count = 0;
	if (r->step_count == 0 || r->steps[0].after > 0)
		q->steps[q->step_count++] = step;
	for (unsigned i = 0; i < r->step_count; i++) {
		struct wants *w = &r->steps[i];

		if (q->step_count == STEPS_MAX) {
			w->cursor.at = w->cursor.statement->items;
			cursor_fail(&w->cursor, "a queue has at most %d steps",
			    STEPS_MAX);
			return;
		}
		step.after = w->after;
		for (unsigned j = 0; j < w->count; j++) {
			const char *wrong = merge_want(&step, &w->items[j]);

			if (wrong == NULL)
				continue;
			w->cursor.at = w->items[j].at;
			cursor_fail(&w->cursor, "%s", wrong);
		}
		q->steps[q->step_count++] = step;
	}
}

/* Who calls or chats is there now and gets a way to be called back; letters
 * can wait. */
static void set_defaults(struct rule_queue *q)
{
	q->ring = RING;
	q->hours = RULE_NONE;
	q->standard = RULE_NONE;
	q->closed[CHANNEL_PHONE] = CLOSED_VOICEMAIL;
	q->closed[CHANNEL_CHAT] = CLOSED_MAIL_FORM;
	q->closed[CHANNEL_WALKIN] = CLOSED_REFUSE;
}

void check_queue(struct check *k, const struct def *d, struct rule_queue *q)
{
	struct reading r = { .queue = q };
	struct str label = d->name->text;

	set_defaults(q);
	check_block(k, d->statement, BLOCK("a queue", rows), &r);
	build_steps(q, &r);
	if (q->label == NULL)
		q->label = mem_text_n(label.p, label.n);
}
