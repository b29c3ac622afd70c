/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * arrive.c - contacts come in.
 *
 * Entered by act.c. Does here what the intake does in the server: tests the
 * rules' text conditions, numbers identifiers, asks the record whose they are,
 * makes digests of keys and contents.
 */
#include "arrive.h"

#include <string.h>

#include "base/check.h"
#include "base/codec.h"
#include "base/utf8.h"
#include "model/inlet.h"
#include "read.h"

/* An arrival while it is read. */
struct coming {
	struct stage *st;
	struct input in;
	struct leaf_facts facts;
	struct attribute attributes[ATTRIBUTES_MAX];
	struct buf text, folded;
	struct buf content; /* of all that came, for the key */
	uint8_t verdicts[VERDICTS_CAP];
	struct contact_id named; /* c1: what it must be called */
};

/* ---- its parts ------------------------------------------------------------- */

static struct str part(struct coming *c, struct words *w, const char *what)
{
	struct str s = str_of(read_word(c->st, w, what));

	put_str(&c->content, s);
	return s;
}

static void take_at(struct coming *c, struct words *w)
{
	const struct entrance *e;

	c->facts.entrance = part(c, w, "a door");
	e = world_entrance_named(c->st->first, c->facts.entrance);
	if (e == NULL)
		stage_wrong(c->st, "there is no such door");
	c->in.arrive.entrance = e->id;
}

static void take_says(struct coming *c, struct words *w)
{
	buf_add_str(&c->text, part(c, w, "what is said"));
	buf_add_char(&c->text, '\n');
}

static void take_in(struct coming *c, struct words *w)
{
	c->facts.language = part(c, w, "a language");
}

static void take_dialled(struct coming *c, struct words *w)
{
	c->facts.dialled = part(c, w, "a number");
}

static void ask_record(const struct stage *st, struct presented *p)
{
	size_t i;

	for (i = 0; i < st->record_count; i++) {
		const struct in_record *r = &st->records[i];

		if (!id_same(r->id, p->id))
			continue;
		p->customer = r->customer;
		p->owners = r->owners;
		p->known = r->level;
	}
}

/* from phone +351... [verified]; else it is claimed */
static void take_from(struct coming *c, struct words *w)
{
	struct in_arrive *a = &c->in.arrive;
	struct presented *p = &a->by[a->by_count];
	struct str kind = part(c, w, "what it is: phone, mail, ...");
	struct str value = part(c, w, "the identifier");
	enum identifier_kind k;
	enum level level = LEVEL_CLAIMED;

	if (a->by_count == IDENTIFIERS_MAX)
		stage_wrong(c->st, "too many identifiers");
	if (!identifier_kind_parse(kind, &k))
		stage_wrong(c->st, "no such identifier: %s", kind.p);
	a->by_count++;
	if (words_peek(w) != NULL && level_parse(str_of(words_peek(w)), &level))
		(void)words_next(w);
	p->id = stage_identifier(c->st, kind.p, value.p);
	p->kind = (uint8_t)k;
	p->level = (uint8_t)level;
	ask_record(c->st, p);
}

static void take_with(struct coming *c, struct words *w)
{
	size_t i = c->facts.attribute_count++;

	if (i == ATTRIBUTES_MAX)
		stage_wrong(c->st, "too many attributes");
	c->attributes[i].name = part(c, w, "an attribute");
	c->attributes[i].value = part(c, w, "its value");
}

static void take_own(struct coming *c, struct words *w)
{
	c->in.arrive.own = stage_agent(c->st, words_next(w))->id;
}

static void take_key(struct coming *c, struct words *w)
{
	c->in.arrive.key = digest_of(str_of(read_word(c->st, w, "a key")));
}

static void take_queue(struct coming *c, struct words *w)
{
	c->in.arrive.queue = stage_queue(c->st, words_next(w))->id;
}

static void take_promised(struct coming *c, struct words *w)
{
	c->in.arrive.answer_ms = read_duration(c->st, w);
}

static void take_raw(struct coming *c, struct words *w)
{
	(void)w;
	c->in.arrive.unparsed = true;
}

static void take_failed(struct coming *c, struct words *w)
{
	(void)w;
	c->in.arrive.failed = true;
}

static const struct option {
	const char *word;
	void (*take)(struct coming *c, struct words *w);
} options[] = {
	{ "at", take_at },
	{ "says", take_says },
	{ "in", take_in },
	{ "dialled", take_dialled },
	{ "from", take_from },
	{ "with", take_with },
	{ "own", take_own },
	{ "key", take_key },
	{ "queue", take_queue },
	{ "promised", take_promised },
	{ "raw", take_raw },
	{ "failed", take_failed },
};

static void read_options(struct coming *c, struct words *w)
{
	const char *word;
	size_t i;

	while ((word = words_next(w)) != NULL) {
		for (i = 0; i < countof(options); i++) {
			if (strcmp(word, options[i].word) == 0)
				break;
		}
		if (i == countof(options))
			stage_wrong(c->st, "left over: %s", word);
		options[i].take(c, w);
	}
}

/* ---- as a whole ------------------------------------------------------------ */

/* What the rules ask of the outside, answered once (design, law 2). */
static void judge(struct coming *c)
{
	const struct rules *r = c->st->first->rules;

	if (c->facts.language.n == 0 && !c->in.arrive.unparsed)
		c->facts.language = str_of(r->language);
	utf8_fold(buf_str(&c->text), &c->folded);
	c->facts.text = buf_str(&c->text);
	c->facts.folded_text = buf_str(&c->folded);
	c->facts.channel = (enum channel)c->in.arrive.channel;
	c->facts.attributes = c->attributes;
	rules_verdicts(r, &c->facts, c->verdicts);
	c->in.arrive.language = c->facts.language;
	c->in.arrive.verdicts =
	    (struct str){ (const char *)c->verdicts, (r->leaf_count + 7) / 8 };
	if (c->in.arrive.key != 0)
		c->in.arrive.content = digest_of(buf_str(&c->content));
}

static void come(struct coming *c, struct words *w)
{
	const struct outcome *o = &c->st->out.outcome;

	read_options(c, w);
	judge(c);
	stage_post(c->st, &c->in);
	if (id_is_set(c->named) && o->err == 0 &&
	    !id_same(o->contact, c->named))
		stage_wrong(
		    c->st, "this is c%llu", (unsigned long long)o->contact.v);
	buf_done(&c->text);
	buf_done(&c->folded);
	buf_done(&c->content);
}

static void read_name(struct coming *c, struct words *w)
{
	const char *word = words_peek(w);

	if (word == NULL || id_parse('c', str_of(word), &c->named.v) != 0)
		stage_wrong(c->st, "a name such as c1 is missing");
	(void)words_next(w);
}

void arrive_channel(struct stage *st, struct words *w, enum channel channel)
{
	struct coming c = { .st = st };

	c.in.kind = INPUT_ARRIVE;
	c.in.arrive.channel = (uint8_t)channel;
	read_name(&c, w);
	come(&c, w);
}

void arrive_start(struct stage *st, struct words *w, const struct beat *b)
{
	struct coming c = { .st = st };
	enum channel channel = CHANNEL_PHONE;

	(void)b;
	c.in.kind = INPUT_START_CONTACT;
	c.in.agent = stage_agent(st, words_next(w))->id;
	if (!channel_parse(str_of(words_next(w)), &channel))
		stage_wrong(st, "start NAME CHANNEL c1 ...");
	c.in.arrive.channel = (uint8_t)channel;
	read_name(&c, w);
	come(&c, w);
}

void arrive_parsed(struct stage *st, struct words *w, const struct beat *b)
{
	struct coming c = { .st = st };

	(void)b;
	c.in.kind = INPUT_PARSED;
	c.in.arrive.channel = CHANNEL_MAIL;
	read_name(&c, w);
	c.in.contact = c.named;
	come(&c, w);
}

void arrive_record(struct stage *st, struct words *w, const struct beat *b)
{
	struct in_record *r = &st->records[st->record_count];
	const char *kind = read_word(st, w, "what it is");
	enum level level = LEVEL_CLAIMED;

	(void)b;
	if (st->record_count++ == RECORDS_MAX)
		stage_wrong(st, "too much in the record");
	r->id = stage_identifier(st, kind, read_word(st, w, "the identifier"));
	if (!words_skip(w, "is") || !words_skip(w, "of") ||
	    id_parse('p', str_of(words_next(w)), &r->customer.v) != 0 ||
	    !level_parse(str_of(words_next(w)), &level))
		stage_wrong(st, "record phone +351... is of p1 verified");
	r->level = (uint8_t)level;
	r->owners = 1;
	if (words_skip(w, "and"))
		r->owners = (uint8_t)(1 + read_number(st, w, 1));
	(void)words_skip(w, "more");
}
