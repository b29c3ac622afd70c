/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * facts.c - what an arrival tells the router, and what it leaves to the record.
 *
 * Entered by arrive.c when the identifiers have been looked up. Text stops
 * here: the input gets numbers, digests and the verdicts of the rules' text
 * conditions; the payload gets the words. Nothing is posted here.
 */
#include "server/facts.h"

#include <ctype.h>

#include "base/check.h"
#include "base/codec.h"
#include "base/crypto.h"
#include "base/json.h"
#include "base/utf8.h"
#include "server/intake.h"

#define ATTRIBUTE_NAME_MAX 256 /* longer ones are routed by, but not kept */

/* ---- what the router is told ------------------------------------------- */

/* What the record knows of one identifier; a row that is not there knows
 * nothing. */
static void read_row(const struct json *row, struct presented *out)
{
	int64_t owners = json_int(json_get(row, "owners"), 0);
	enum level known = LEVEL_ANONYMOUS;

	out->id.v = (uint64_t)json_int(json_get(row, "id"), 0);
	out->customer.v = (uint64_t)json_int(json_get(row, "customer"), 0);
	out->owners = (uint8_t)(owners > 2 ? 2 : owners);
	if (level_parse(json_str(json_get(row, "level")), &known))
		out->known = (uint8_t)known;
}

static void fill_identifiers(struct server *s, const struct arrival *a,
    const struct json *rows, struct in_arrive *out)
{
	size_t i;

	for (i = 0; i < a->by_count; i++) {
		const struct json *row = json_at(rows, i);
		struct presented *p = &out->by[i];

		read_row(row, p);
		p->kind = (uint8_t)a->by[i].kind;
		p->level = (uint8_t)a->by[i].level;
		if (!id_is_set(p->id))
			p->id.v = intern_number(&s->intake->intern, &a->by[i]);
		if (p->owners == 1 && !id_is_set(out->own))
			out->own.v =
			    (uint64_t)json_int(json_get(row, "own"), 0);
	}
	out->by_count = (uint8_t)a->by_count;
	if (world_agent(s->world, out->own) == NULL)
		out->own.v = 0;
}

/* The key is one door's; the content is all that came with it. The name of
 * the raw file is made here anew each time and is no content. */
static void add_content(void *arg, struct str *text)
{
	put_str(arg, *text);
}

static void fill_key(const struct arrival *a, struct in_arrive *out)
{
	struct arrival said = *a;
	struct buf b = { 0 };

	if (a->key.n == 0)
		return;
	/* How the key is made is a promise (model/inlet.h). */
	put_u64(&b, a->channel);
	put_str(&b, a->entrance);
	put_str(&b, a->key);
	out->key = digest64(buf_str(&b));
	buf_clear(&b);
	said.raw = STR_NONE;
	put_u64(&b, a->queue.v);
	facts_each_text(&said, add_content, &b);
	out->content = digest64(buf_str(&b));
	buf_done(&b);
}

static void fill_verdicts(const struct rules *r, const struct arrival *a,
    struct str language, uint8_t bits[VERDICT_BYTES])
{
	struct buf text = { 0 };
	struct buf folded = { 0 };
	struct leaf_facts facts = {
		.channel = a->channel,
		.entrance = a->entrance,
		.dialled = a->dialled,
		.language = language,
		.attributes = a->attributes,
		.attribute_count = a->attribute_count,
	};

	buf_add_str(&text, a->subject);
	if (a->subject.n > 0)
		buf_add_char(&text, '\n');
	buf_add_str(&text, a->text);
	utf8_fold(buf_str(&text), &folded);
	facts.text = buf_str(&text);
	facts.folded_text = buf_str(&folded);
	rules_verdicts(r, &facts, bits);
	buf_done(&text);
	buf_done(&folded);
}

static const struct rule_entrance *entrance_rule(
    const struct world *w, const struct entrance *e)
{
	if (e == NULL || e->rule == RULE_NONE)
		return NULL;
	return &w->rules->entrances[e->rule];
}

/* What is owed: the queue's standard when the contact goes straight to one,
 * else the door's. (A route's queue is known only after the decision.) */
static const struct rule_standard *standard_of(const struct world *w,
    const struct arrival *a, const struct rule_entrance *door)
{
	const struct queue *q = world_queue(w, a->queue);
	const struct rule_queue *rule = NULL;

	if (q != NULL)
		rule = queue_rule(w->rules, q);
	if (rule != NULL && rule->standard != RULE_NONE)
		return &w->rules->standards[rule->standard];
	if (door != NULL && door->standard != RULE_NONE)
		return &w->rules->standards[door->standard];
	return NULL;
}

/* "4h of office" becomes router time here, once: the router has no calendar. */
static int64_t answer_ms(struct server *s, const struct rule_standard *standard)
{
	const struct rules *r = s->world->rules;
	msec_t wall = clock_wall(s->clock);
	msec_t until;

	if (standard == NULL || standard->open_hours == RULE_NONE)
		return 0;
	until = hours_add_open(
	    &r->hours[standard->open_hours], wall, standard->answer_within);
	return until < 0 ? 0 : until - wall;
}

/* Two small letters ("fr-CA" is fr), or the workspace's own language. */
static struct str language_of(
    const struct rules *r, const struct arrival *a, char two[3])
{
	struct str l = a->language;

	if (l.n < 2 || !isalpha((unsigned char)l.p[0]) ||
	    !isalpha((unsigned char)l.p[1]))
		return a->unparsed ? STR_NONE : str_of(r->language);
	two[0] = (char)tolower((unsigned char)l.p[0]);
	two[1] = (char)tolower((unsigned char)l.p[1]);
	two[2] = '\0';
	return str_of(two);
}

/* ---- what the payload keeps (doc/payloads.md) --------------------------- */

static void write_identifiers(
    struct json_writer *w, const struct arrival *a, const struct in_arrive *in)
{
	size_t i;

	jw_key(w, "identifiers");
	jw_array(w);
	for (i = 0; i < a->by_count; i++) {
		jw_object(w);
		jw_ku64(w, "id", in->by[i].id.v);
		jw_ktext(w, "kind", identifier_kind_word(in->by[i].kind));
		jw_kstr(w, "value", a->by[i].value);
		jw_ktext(w, "level", level_word(in->by[i].level));
		jw_end(w);
	}
	jw_end(w);
}

static void write_said(
    struct json_writer *w, const char *name, struct str value)
{
	if (value.n > 0)
		jw_kstr(w, name, value);
}

static bool came_before(const struct arrival *a, size_t i)
{
	size_t k;

	for (k = 0; k < i; k++)
		if (str_eq(a->attributes[k].name, a->attributes[i].name))
			return true;
	return false;
}

/* One key per name, or nobody could read the payload again. */
static void write_attributes(struct json_writer *w, const struct arrival *a)
{
	size_t i;

	if (a->attribute_count == 0)
		return;
	jw_key(w, "attributes");
	jw_object(w);
	for (i = 0; i < a->attribute_count; i++) {
		char name[ATTRIBUTE_NAME_MAX];

		if (came_before(a, i) ||
		    !str_copy(name, sizeof(name), a->attributes[i].name))
			continue;
		jw_kstr(w, name, a->attributes[i].value);
	}
	jw_end(w);
}

void facts_fill(struct server *s, const struct arrival *a,
    const struct json *rows, struct facts_space *space, struct in_arrive *out)
{
	const struct world *w = s->world;
	struct entrance *e = world_entrance_named(w, a->entrance);

	out->channel = (uint8_t)a->channel;
	out->entrance.v = e == NULL ? 0 : e->id.v;
	out->unparsed = a->unparsed;
	out->failed = a->failed;
	out->queue = a->queue;
	out->language = language_of(w->rules, a, space->language);
	fill_key(a, out);
	fill_identifiers(s, a, rows, out);
	fill_verdicts(w->rules, a, out->language, space->verdicts);
	out->verdicts = (struct str){ (const char *)space->verdicts,
		(w->rules->leaf_count + 7) / 8 };
	out->answer_ms = answer_ms(s, standard_of(w, a, entrance_rule(w, e)));
}

void facts_write(
    const struct arrival *a, const struct in_arrive *in, struct buf *out)
{
	struct json_writer w;

	jw_init(&w, out);
	jw_object(&w);
	write_identifiers(&w, a, in);
	write_said(&w, "name", a->name);
	write_said(&w, "subject", a->subject);
	write_said(&w, "text", a->text);
	write_attributes(&w, a);
	write_said(&w, "raw", a->raw);
	write_said(&w, "from", a->from);
	write_said(&w, "to", a->to);
	write_said(&w, "message_id", a->message_id);
	write_said(&w, "call", a->call);
	write_said(&w, "entrance", a->entrance);
	write_said(&w, "dialled", a->dialled);
	jw_end(&w);
}

void facts_each_text(struct arrival *a, text_fn fn, void *arg)
{
	struct str *const texts[] = { &a->entrance, &a->key, &a->name,
		&a->language, &a->dialled, &a->subject, &a->text, &a->from,
		&a->to, &a->message_id, &a->raw, &a->call };
	size_t i;

	for (i = 0; i < countof(texts); i++)
		fn(arg, texts[i]);
	for (i = 0; i < a->by_count; i++)
		fn(arg, &a->by[i].value);
	for (i = 0; i < a->attribute_count; i++) {
		fn(arg, &a->attributes[i].name);
		fn(arg, &a->attributes[i].value);
	}
}
