/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * check_service.c - reads standards (what a customer is owed) and brands (what
 * a customer reads).
 *
 * Part of the check. Texts are templates by name and language; the names are
 * one table, so that a misspelt one is an error and not a silence.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "config/check.h"
#include "config/files.h"

#define ANSWER_MAX    ((msec_t)30 * 86400 * 1000)
#define PER_MAX       ((msec_t)366 * 86400 * 1000)
#define TEXTS_MAX     1024 /* of one brand */
#define SIGNATURE_MAX 4096

static void read_within(
    struct check *k, struct cursor *c, struct rule_standard *s)
{
	s->answer_within = cursor_duration(c, 1000, ANSWER_MAX);
	if (cursor_skip_word(c, "of"))
		s->open_hours = names_read(c, k->rules, DEF_HOURS);
	if (cursor_skip_word(c, "per"))
		s->per = cursor_duration(c, 60000, PER_MAX);
}

/* answer 80% within 20s per 30m; answer 90% within 4h of office per 1d; */
static void take_answer(struct check *k, struct cursor *c, void *object)
{
	struct rule_standard *s = object;
	const struct item *percent;

	if (s->answer_within != 0) {
		c->at = c->statement->items;
		cursor_fail(c, "the time to answer is said already");
		return;
	}
	percent = cursor_take(c, ITEM_PERCENT, "a percentage such as 80%");
	if (percent == NULL)
		return;
	if (percent->number < 1 || percent->number > 100) {
		c->at = percent;
		cursor_fail(c, "this may be 1%% to 100%%");
		return;
	}
	s->percent = (uint8_t)percent->number;
	cursor_word(c, "within");
	read_within(k, c, s);
}

/* within 4h of office; */
static void take_within(struct check *k, struct cursor *c, void *object)
{
	struct rule_standard *s = object;

	if (s->answer_within != 0) {
		c->at = c->statement->items;
		cursor_fail(c, "the time to answer is said already");
		return;
	}
	read_within(k, c, s);
	s->percent = 100;
}

static void take_after(struct check *k, struct cursor *c, void *object)
{
	struct rule_standard *s = object;

	(void)k;
	s->hold_cap = cursor_duration(c, 1000, ANSWER_MAX);
	cursor_word(c, "waiting");
	cursor_word(c, "offer");
	cursor_word(c, "callback");
}

static void take_alarm(struct check *k, struct cursor *c, void *object)
{
	struct rule_standard *s = object;

	(void)k;
	cursor_word(c, "after");
	s->alarm_after = cursor_duration(c, 1000, ANSWER_MAX);
}

static void take_value(struct check *k, struct cursor *c, void *object)
{
	struct rule_standard *s = object;

	(void)k;
	s->value = (uint8_t)cursor_number(c, 1, 4);
}

static const struct row standard_rows[] = {
	{ "answer", ROW_ONCE, take_answer, "answer 80% within 20s per 30m;" },
	{ "within", ROW_ONCE, take_within, "within 4h of office;" },
	{ "after", ROW_ONCE, take_after, "after 30s waiting offer callback;" },
	{ "alarm", ROW_ONCE, take_alarm, "alarm after 5m;" },
	{ "value", ROW_ONCE, take_value, "value 2;" },
};

void check_standard(
    struct check *k, const struct def *d, struct rule_standard *s)
{
	size_t errors = k->notes->errors;

	s->open_hours = RULE_NONE;
	s->value = 1;
	check_block(k, d->statement, BLOCK("a standard", standard_rows), s);
	if (k->notes->errors > errors || d->statement->broken)
		return;
	if (s->alarm_after > 0 && s->alarm_after < s->answer_within)
		note_warning(k->notes, &d->name->spot,
		    "the alarm comes before the answer is due");
}

/* Which texts there are, and whether they differ by channel. */
static const struct text_kind {
	const char *word;
	bool by_channel;
} text_kinds[] = {
	{ "greeting", true }, /* the first thing said */
	{ "waiting", true },  /* while in line: place and expected wait */
	{ "joined", true },   /* an agent is there */
	{ "lost", true },     /* the agent's line was lost, stay with us */
	{ "transferred", true }, { "ended", true },
	{ "closed", true },   /* outside the opening hours */
	{ "callback", true }, /* the offer of a call-back */
	{ "received", true }, /* we have it, and when we will answer */
	{ "survey", true }, { "refused", true },
	{ "signature", false }, /* under letters */
	{ "subject", false },   /* of a letter that has none */
};

static const struct text_kind *read_kind(struct cursor *c)
{
	struct str word = c->statement->items->text;

	for (size_t i = 0; i < countof(text_kinds); i++)
		if (str_is(word, text_kinds[i].word))
			return &text_kinds[i];
	return NULL;
}

struct brand_reading {
	struct rule_brand *brand;
	size_t cap;
};

/* Takes name, language and text, or frees them. */
static void add_text(
    struct cursor *c, struct brand_reading *r, struct rule_text t)
{
	struct rule_brand *b = r->brand;
	bool known = b->text_count == TEXTS_MAX;

	for (size_t i = 0; i < b->text_count && !known; i++)
		known = strcmp(b->texts[i].name, t.name) == 0 &&
		        strcmp(b->texts[i].language, t.language) == 0;
	if (!known) {
		mem_room(&b->texts, b->text_count, &r->cap, sizeof(t));
		b->texts[b->text_count++] = t;
		return;
	}
	c->at = c->statement->items;
	cursor_fail(c, b->text_count == TEXTS_MAX
	                   ? "a brand has at most 1024 texts"
	                   : "this text is said a second time");
	mem_free(t.name);
	mem_free(t.language);
	mem_free(t.text);
}

/* signature file "acme.txt": its content becomes part of the config. */
static char *read_file_text(struct check *k, struct cursor *c)
{
	const struct item *file = cursor_take(c, ITEM_STRING, "a file");
	struct buf text = { 0 };
	struct fault why;
	char *path;

	if (file == NULL)
		return NULL;
	c->at = file;
	c->example = NULL;
	path = check_path(file);
	if (k->in_memory)
		cursor_fail(c, "no files are read here");
	else if (file_read(path, SIGNATURE_MAX, &text, &why) != 0)
		cursor_fail(c, "%s", why.text);
	else if (!utf8_valid(buf_str(&text)))
		cursor_fail(c, "this file is not UTF-8 text");
	mem_free(path);
	if (c->failed) {
		buf_done(&text);
		return NULL;
	}
	c->at = file->next;
	return buf_take(&text);
}

/* Line ends as \n, no other control character: as if it had been written in
 * quotes. */
static char *clean_text(char *text)
{
	char *to = text;

	if (text == NULL)
		return NULL;
	for (const char *p = text; *p != '\0'; p++) {
		unsigned char c = (unsigned char)*p;

		if (c == '\n' || c == '\t' || (c >= 0x20 && c != 0x7f))
			*to++ = *p;
	}
	while (to > text && to[-1] == '\n')
		to--;
	*to = '\0';
	return text;
}

/* greeting chat fr "..."; closed "..."; signature file "acme.txt"; */
static void take_text(struct check *k, struct cursor *c, void *object)
{
	const struct text_kind *kind = read_kind(c);
	struct rule_text t = { 0 };
	enum channel channel;

	if (kind->by_channel && cursor_is(c, ITEM_WORD) &&
	    channel_parse(c->at->text, &channel)) {
		t.name = mem_textf("%s.%s", kind->word, channel_word(channel));
		cursor_any(c, "a text");
	} else {
		t.name = mem_text(kind->word);
	}
	if (cursor_is(c, ITEM_WORD) && is_language(c->at->text))
		t.language = cursor_language(c);
	else
		t.language = mem_text("");
	if (cursor_skip_word(c, "file"))
		t.text = clean_text(read_file_text(k, c));
	else
		t.text = cursor_text(c, "a text in quotes");
	add_text(c, object, t);
}

static void take_name(struct check *k, struct cursor *c, void *object)
{
	struct brand_reading *r = object;

	(void)k;
	r->brand->label = cursor_text(c, "a name in quotes");
}

#define TEXT_EXAMPLE "greeting chat fr \"Bonjour\";"

static const struct row brand_rows[] = {
	{ "name", ROW_ONCE, take_name, "name \"Acme\";" },
	{ "greeting", ROW_REPEAT, take_text, TEXT_EXAMPLE },
	{ "waiting", ROW_REPEAT, take_text, TEXT_EXAMPLE },
	{ "joined", ROW_REPEAT, take_text, TEXT_EXAMPLE },
	{ "lost", ROW_REPEAT, take_text, TEXT_EXAMPLE },
	{ "transferred", ROW_REPEAT, take_text, TEXT_EXAMPLE },
	{ "ended", ROW_REPEAT, take_text, TEXT_EXAMPLE },
	{ "closed", ROW_REPEAT, take_text, TEXT_EXAMPLE },
	{ "callback", ROW_REPEAT, take_text, TEXT_EXAMPLE },
	{ "received", ROW_REPEAT, take_text, TEXT_EXAMPLE },
	{ "survey", ROW_REPEAT, take_text, TEXT_EXAMPLE },
	{ "refused", ROW_REPEAT, take_text, TEXT_EXAMPLE },
	{ "signature", ROW_REPEAT, take_text, "signature file \"acme.txt\";" },
	{ "subject", ROW_REPEAT, take_text, "subject \"Your question\";" },
};

static int by_text(const void *a, const void *b)
{
	const struct rule_text *x = a;
	const struct rule_text *y = b;
	int order = strcmp(x->name, y->name);

	return order != 0 ? order : strcmp(x->language, y->language);
}

void check_brand(struct check *k, const struct def *d, struct rule_brand *b)
{
	struct brand_reading r = { .brand = b };

	check_block(k, d->statement, BLOCK("a brand", brand_rows), &r);
	if (b->label == NULL)
		b->label = mem_text_n(d->name->text.p, d->name->text.n);
	if (b->text_count > 0)
		qsort(b->texts, b->text_count, sizeof(*b->texts), by_text);
}
