/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * check_test.c - reads `test` blocks: a contact, a time, who is there, and
 * what is expected.
 *
 * Part of the check, and entered by `try` for a contact written on a command
 * line. Only reads; running is try.c's.
 */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/mem.h"
#include "config/case.h"
#include "config/tzfile.h"

#define READY_MAX  1000
#define WEEK_START 1772409600000 /* Monday 2026-03-02 00:00 UTC */
#define DAY_MS     86400000

/* The time is put together at the end: zone and date come in any order. */
struct reading {
	struct config_case *body;
	struct zone zone; /* named by the block */
	const struct item *date, *clock;
	bool has_contact;
	size_t ready_cap;
};

/* at 2026-12-25 10:00; at mon 10:00; */
static void take_at(struct check *k, struct cursor *c, void *object)
{
	struct reading *r = object;

	(void)k;
	r->date = c->at;
	if (cursor_is(c, ITEM_WORD) && weekday_of(c->at->text) >= 0)
		cursor_any(c, "a day");
	else
		cursor_take(c, ITEM_DATE, "a date or mon, tue, ...");
	r->clock = cursor_take(c, ITEM_CLOCK, "a time such as 10:00");
}

/* zone "Europe/Paris"; */
static void take_zone(struct check *k, struct cursor *c, void *object)
{
	struct reading *r = object;
	const struct item *i = cursor_take(c, ITEM_STRING, "a zone");
	struct fault why;

	if (i == NULL || tzfile_load(i->text, &r->zone, &why) == 0)
		return;
	c->at = i;
	c->example = NULL;
	cursor_fail(c, "%s", why.text);
	tzfile_suggest(k->notes, i->text);
}

/* chat site "refund please"; the word is the channel. */
static void take_contact(struct check *k, struct cursor *c, void *object)
{
	struct reading *r = object;
	struct config_case *b = r->body;
	const struct item *door = c->at;

	if (r->has_contact) {
		c->at = c->statement->items;
		cursor_fail(c, "a test is about one contact");
		return;
	}
	r->has_contact = true;
	channel_parse(c->statement->items->text, &b->channel);
	b->entrance = names_read(c, k->rules, DEF_ENTRANCE);
	if (c->failed)
		return;
	if (k->rules->entrances[b->entrance].channel != b->channel) {
		c->at = door;
		cursor_fail(c, "\"%.*s\" is no %s", (int)door->text.n,
		    door->text.p, channel_word(b->channel));
		return;
	}
	if (cursor_is(c, ITEM_STRING))
		b->text = cursor_text(c, "what is said");
}

static void take_subject(struct check *k, struct cursor *c, void *object)
{
	struct reading *r = object;

	(void)k;
	r->body->subject = cursor_text(c, "a text in quotes");
}

static void take_dialled(struct check *k, struct cursor *c, void *object)
{
	struct reading *r = object;

	(void)k;
	r->body->dialled = cursor_text(c, "a number in quotes");
}

static void take_language(struct check *k, struct cursor *c, void *object)
{
	struct reading *r = object;

	(void)k;
	r->body->language = cursor_language(c);
}

/* from phone "+351..."; from mail "ana@example.org" verified; */
static void take_from(struct check *k, struct cursor *c, void *object)
{
	struct config_case *b = ((struct reading *)object)->body;
	struct case_identifier id = { 0 };
	const struct item *word = c->at;

	(void)k;
	if (cursor_name(c, "phone, mail, handle, account or visitor") == NULL)
		return;
	if (!identifier_kind_parse(word->text, &id.kind)) {
		c->at = word;
		cursor_fail(
		    c, "this is phone, mail, handle, account or visitor");
		return;
	}
	if (b->by_count == CASE_IDENTIFIERS) {
		cursor_fail(c, "a contact has at most 4 identifiers");
		return;
	}
	id.value = cursor_text(c, "a text in quotes");
	id.verified = cursor_skip_word(c, "verified");
	b->by[b->by_count++] = id;
}

/* attribute contact.topic = "billing"; stored as conditions ask for it */
static void take_attribute(struct check *k, struct cursor *c, void *object)
{
	struct config_case *b = ((struct reading *)object)->body;
	const struct item *name = cursor_take(c, ITEM_WORD, "a name");
	struct str s;

	(void)k;
	if (name == NULL)
		return;
	s = name->text;
	if (str_starts(s, "contact."))
		s = str_from(s, 8);
	if (b->attribute_count == CASE_ATTRIBUTES) {
		cursor_fail(c, "at most 32 attributes");
		return;
	}
	cursor_skip(c, ITEM_COMPARE);
	if (!cursor_is(c, ITEM_NUMBER) && !cursor_is(c, ITEM_DECIMAL) &&
	    !cursor_is(c, ITEM_STRING)) {
		cursor_fail(c, "a text in quotes or a number is missing");
		return;
	}
	name = cursor_any(c, "a value");
	if (name == NULL)
		return;
	b->attribute_names[b->attribute_count] = mem_text_n(s.p, s.n);
	b->attribute_values[b->attribute_count++] =
	    mem_text_n(name->text.p, name->text.n);
}

static void add_ready(struct reading *r, uint32_t agent)
{
	struct config_case *b = r->body;

	mem_room(&b->ready, b->ready_count, &r->ready_cap, sizeof(agent));
	b->ready[b->ready_count++] = agent;
}

/* ready maria, joe; ready all; ready nobody; */
static void take_ready(struct check *k, struct cursor *c, void *object)
{
	struct reading *r = object;
	uint32_t agent;

	r->body->all_ready = cursor_skip_word(c, "all");
	if (r->body->all_ready || cursor_skip_word(c, "nobody"))
		return;
	do {
		agent = names_read(c, k->rules, DEF_AGENT);
		if (agent == RULE_NONE)
			return;
		if (r->body->ready_count == READY_MAX)
			cursor_fail(c, "at most %d agents", READY_MAX);
		else
			add_ready(r, agent);
	} while (cursor_skip(c, ITEM_COMMA));
}

static bool read_expect(
    struct check *k, struct cursor *c, struct case_expect *e)
{
	enum closed_action action;

	if (cursor_skip_word(c, "queue")) {
		e->kind = EXPECT_QUEUE;
		e->index = names_read(c, k->rules, DEF_QUEUE);
	} else if (cursor_skip_word(c, "agent")) {
		e->kind = EXPECT_AGENT;
		e->index = names_read(c, k->rules, DEF_AGENT);
	} else if (cursor_skip_word(c, "nobody")) {
		e->kind = EXPECT_NOBODY;
	} else if (cursor_is_word(c, "open") || cursor_is_word(c, "closed")) {
		e->kind =
		    cursor_is_word(c, "open") ? EXPECT_OPEN : EXPECT_CLOSED;
		cursor_any(c, "hours");
		e->index = names_read(c, k->rules, DEF_HOURS);
	} else if (cursor_is(c, ITEM_WORD) &&
	           closed_action_parse(c->at->text, &action)) {
		e->kind = EXPECT_ACTION;
		e->index = action;
		cursor_any(c, "what it does");
	} else {
		cursor_fail(c,
		    "queue NAME, agent NAME, nobody, open HOURS, "
		    "closed HOURS, wait, voicemail, mail-form or refuse is "
		    "expected here");
	}
	return !c->failed;
}

/* expect queue billing, agent maria; each with its place in the file, for the
 * day it fails. */
static void take_expect(struct check *k, struct cursor *c, void *object)
{
	struct config_case *b = ((struct reading *)object)->body;

	do {
		const struct item *first = c->at;
		struct case_expect e = { 0 };
		struct spot at;
		struct str s;

		if (!read_expect(k, c, &e))
			return;
		if (b->expect_count == CASE_EXPECTS) {
			cursor_fail(c, "a test expects at most 16 things");
			return;
		}
		at = spot_join(first->spot, c->last->spot);
		e.line = at.line;
		e.column = at.column;
		e.width = at.width;
		s = spot_line(&at);
		e.source = mem_text_n(s.p, s.n);
		s = spot_text(&at);
		e.text = mem_text_n(s.p, s.n);
		b->expects[b->expect_count++] = e;
	} while (cursor_skip(c, ITEM_COMMA));
}

#define CONTACT_ROW(symbol, word, ...)                                         \
	{ word, ROW_REPEAT, take_contact, "chat site \"refund please\";" },
static const struct row rows[] = {
	{ "at", ROW_ONCE, take_at, "at 2026-12-25 10:00; or: at mon 10:00;" },
	{ "zone", ROW_ONCE, take_zone, "zone \"Europe/Paris\";" },
	CHANNEL_TABLE(CONTACT_ROW){
	    "subject", ROW_ONCE, take_subject, "subject \"Invoice 42\";" },
	{ "dialled", ROW_ONCE, take_dialled, "dialled \"+33155501010\";" },
	{ "language", ROW_ONCE, take_language, "language fr;" },
	{ "from", ROW_REPEAT, take_from, "from phone \"+351912345678\";" },
	{ "attribute", ROW_REPEAT, take_attribute,
	    "attribute customer.tier = \"gold\";" },
	{ "ready", ROW_ONCE, take_ready, "ready maria, joe;" },
	{ "expect", ROW_REPEAT, take_expect,
	    "expect queue billing, agent maria;" },
};

/* The zone all hours agree on; NULL when they do not. */
static const struct zone *common_zone(const struct rules *r)
{
	static const struct zone utc = { 0 };
	const struct zone *z = NULL;

	for (size_t i = 0; i < r->hours_count; i++) {
		const struct zone *one = &r->hours[i].zone;

		if (one->name == NULL)
			continue;
		if (z != NULL && strcmp(z->name, one->name) != 0)
			return NULL;
		z = one;
	}
	return z != NULL ? z : &utc;
}

/* The clock time in the zone on the date that `day` has in UTC. */
static msec_t at_clock(const struct zone *z, msec_t day, unsigned minute)
{
	static const struct zone utc = { 0 };
	struct local_time local;

	zone_local(&utc, day, &local);
	local.minute = minute;
	local.second = 0;
	return zone_wall(z, &local);
}

msec_t case_usual_time(const struct rules *r)
{
	static const struct zone utc = { 0 };
	const struct zone *z = common_zone(r);

	return at_clock(z != NULL ? z : &utc, WEEK_START, 600);
}

/* The weekday on or behind the day of `now`, in the zone. */
static msec_t next_weekday(
    const struct zone *z, msec_t now, const struct reading *r)
{
	struct local_time local;
	unsigned wanted = (unsigned)weekday_of(r->date->text);
	unsigned ahead;

	zone_local(z, now, &local);
	ahead = (wanted + 7 - local.weekday) % 7;
	local.minute = 720; /* a day later is the next day, whatever changes */
	now = zone_wall(z, &local) + (msec_t)ahead * DAY_MS;
	zone_local(z, now, &local);
	local.minute = (unsigned)r->clock->number;
	local.second = 0;
	return zone_wall(z, &local);
}

/* `now` is returned too when the block names no time. */
static msec_t read_time(struct check *k, const struct statement *s,
    const struct reading *r, msec_t now)
{
	const struct zone *z = &r->zone;
	struct local_time local = { 0 };

	if (r->date == NULL || r->clock == NULL)
		return now;
	if (z->name == NULL)
		z = common_zone(k->rules);
	if (z == NULL) {
		note_error(k->notes, &s->spot,
		    "hours lie in several zones: which one is meant?");
		note_hint(k->notes, "as in: zone \"Europe/Paris\";");
		return now;
	}
	if (r->date->kind == ITEM_WORD)
		return next_weekday(z, now, r);
	local.year = (int)(r->date->number / 10000);
	local.month = (unsigned)(r->date->number / 100 % 100);
	local.day = (unsigned)(r->date->number % 100);
	local.minute = (unsigned)r->clock->number;
	return zone_wall(z, &local);
}

struct config_case *case_read(
    struct check *k, const struct statement *s, msec_t now)
{
	struct reading r = { .body = new_of(struct config_case) };
	size_t errors = k->notes->errors;

	r.body->all_ready = true;
	check_block(k, s, BLOCK("a test", rows), &r);
	if (!r.has_contact && !s->broken && k->notes->errors == errors) {
		note_error(k->notes, &s->spot, "this is about no contact");
		note_hint(k->notes, "as in: chat site \"refund please\";");
	}
	r.body->wall = read_time(k, s, &r, now);
	mem_free(r.zone.name);
	mem_free(r.zone.changes);
	if (k->notes->errors == errors)
		return r.body;
	case_free(r.body);
	return NULL;
}

void case_free(struct config_case *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->by_count; i++)
		mem_free(c->by[i].value);
	for (size_t i = 0; i < c->attribute_count; i++) {
		mem_free(c->attribute_names[i]);
		mem_free(c->attribute_values[i]);
	}
	for (size_t i = 0; i < c->expect_count; i++) {
		mem_free(c->expects[i].source);
		mem_free(c->expects[i].text);
	}
	mem_free(c->text);
	mem_free(c->subject);
	mem_free(c->language);
	mem_free(c->dialled);
	mem_free(c->ready);
	mem_free(c);
}

/* Back from the order of names to the order of the files. */
static int by_order(const void *a, const void *b)
{
	const struct def *x = a;
	const struct def *y = b;

	return x->order < y->order ? -1 : 1;
}

void check_tests(struct check *k)
{
	msec_t usual = case_usual_time(k->rules);

	if (k->tests.count == 0)
		return;
	qsort(k->tests.items, k->tests.count, sizeof(struct def), by_order);
	k->config->tests = new_array(struct config_test, k->tests.count);
	for (size_t i = 0; i < k->tests.count; i++) {
		const struct def *d = &k->tests.items[i];
		struct config_test *t =
		    &k->config->tests[k->config->test_count++];

		t->name = mem_text_n(d->name->text.p, d->name->text.n);
		t->file = mem_text(d->name->spot.source->name);
		t->line = d->statement->spot.line;
		t->body = case_read(k, d->statement, usual);
		if (t->body != NULL && t->body->expect_count == 0)
			note_warning(k->notes, &d->statement->spot,
			    "this test expects nothing");
	}
}
