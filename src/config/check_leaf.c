/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * check_leaf.c - reads one question of a condition.
 *
 * Part of the check. The first word says what is asked about: one row each.
 */
#include <string.h>

#include "base/check.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "config/check.h"

#define VALUES_MAX 256 /* of one question */

struct asking {
	struct check *check;
	struct cursor cursor;
	struct leaf *leaf;
	struct expr_step *step;
	size_t cap;
};

/* One kind of question: `take` reads what stands behind its word. */
struct question {
	const char *word;
	void (*take)(struct asking *q);
	const char *example;
};

static void add_value(struct asking *q, struct str s)
{
	struct leaf *l = q->leaf;

	if (l->value_count == VALUES_MAX) {
		cursor_fail(&q->cursor, "at most %d values", VALUES_MAX);
		return;
	}
	mem_room(&l->values, l->value_count, &q->cap, sizeof(*l->values));
	l->values[l->value_count++] = mem_text_n(s.p, s.n);
}

/* Reads "a, b" or "in (a, b)" by `one`. */
static void read_list(struct asking *q, void (*one)(struct asking *q))
{
	cursor_skip_word(&q->cursor, "in");
	do
		one(q);
	while (cursor_skip(&q->cursor, ITEM_COMMA));
}

static void one_channel(struct asking *q)
{
	struct cursor *c = &q->cursor;
	const struct item *word = c->at;
	struct suggestion s = { 0 };
	enum channel channel;

	if (cursor_name(c, "a channel") == NULL)
		return;
	if (channel_parse(word->text, &channel)) {
		q->leaf->channels |= 1u << channel;
		return;
	}
	c->at = word;
	c->example = NULL;
	cursor_fail(c, "%.*s is no channel", (int)word->text.n, word->text.p);
	s.word = word->text;
	for (unsigned i = 0; i < CHANNELS; i++)
		suggestion_consider(&s, str_of(channel_word(i)));
	note_suggest(c->notes, &s);
}

/* channel in (chat, mail) */
static void ask_channel(struct asking *q)
{
	q->leaf->kind = LEAF_CHANNEL;
	read_list(q, one_channel);
}

static void one_entrance(struct asking *q)
{
	const struct item *word = q->cursor.at;

	if (names_read(&q->cursor, q->check->rules, DEF_ENTRANCE) != RULE_NONE)
		add_value(q, word->text);
}

/* from site; the name is kept, not its index: the intake knows names. */
static void ask_entrance(struct asking *q)
{
	q->leaf->kind = LEAF_ENTRANCE;
	read_list(q, one_entrance);
}

/* Numbers may be written with blanks: "+33 1 55 50 10 10". */
static void one_number(struct asking *q)
{
	const struct item *i =
	    cursor_take(&q->cursor, ITEM_STRING, "a number in quotes");
	char *to;
	size_t n = 0;

	if (i == NULL)
		return;
	to = arena_new(q->check->arena, i->text.n + 1);
	for (size_t at = 0; at < i->text.n; at++)
		if (i->text.p[at] != ' ' || i->text.p[0] != '+')
			to[n++] = i->text.p[at];
	add_value(q, (struct str){ to, n });
}

/* dialled "+33155501010"; dialled starts "+331", "+332" */
static void ask_dialled(struct asking *q)
{
	q->leaf->kind = LEAF_DIALLED;
	if (cursor_skip_word(&q->cursor, "starts"))
		q->leaf->compare = COMPARE_STARTS;
	read_list(q, one_number);
}

static void one_language(struct asking *q)
{
	char *language = cursor_language(&q->cursor);

	if (language != NULL)
		add_value(q, str_of(language));
	mem_free(language);
}

/* language fr, en */
static void ask_language(struct asking *q)
{
	q->leaf->kind = LEAF_LANGUAGE;
	read_list(q, one_language);
}

/* Folded here once, compared with folded texts ever after. */
static void one_phrase(struct asking *q)
{
	const struct item *i =
	    cursor_take(&q->cursor, ITEM_STRING, "words in quotes");
	struct buf folded = { 0 };

	if (i == NULL)
		return;
	utf8_fold(i->text, &folded);
	if (str_trim(buf_str(&folded)).n > 0) {
		add_value(q, str_trim(buf_str(&folded)));
	} else {
		q->cursor.at = i;
		cursor_fail(&q->cursor, "these are no words");
	}
	buf_done(&folded);
}

/* The compiler says where: the caret goes there, behind the slash. */
static void note_pattern(
    struct asking *q, const struct item *i, const struct fault *why)
{
	struct str rest = str_of(why->text);
	struct str digits = str_next(&rest, ':');
	struct spot at = i->spot;
	uint64_t offset;

	q->cursor.failed = true;
	if (str_to_u64(digits, &offset) == 0 && offset + 1 < at.bytes) {
		at.column += (unsigned)offset + 1;
		at.offset += (uint32_t)offset + 1;
		at.width = 1;
	}
	rest = str_trim(rest);
	note_error(
	    q->check->notes, &at, "in this pattern: %.*s", (int)rest.n, rest.p);
}

/* Compiled here, once: a pattern that does not compile is an error of the
 * config, and the copy in the rules is ready to match. */
static void ask_matches(struct asking *q)
{
	const struct item *i = cursor_take(
	    &q->cursor, ITEM_PATTERN, "a pattern such as /invoice/i");
	struct fault why;

	if (i == NULL)
		return;
	q->leaf->kind = LEAF_MATCHES;
	if (i->number & PATTERN_NOCASE)
		q->leaf->name = mem_text("i");
	add_value(q, i->text);
	if (leaf_compile(q->leaf, &why) != 0)
		note_pattern(q, i, &why);
}

/* text has "invoice"; text matches /re/i */
static void ask_text(struct asking *q)
{
	struct cursor *c = &q->cursor;

	if (cursor_skip_word(c, "matches")) {
		ask_matches(q);
		return;
	}
	q->leaf->kind = LEAF_HAS_WORDS;
	if (!cursor_skip_word(c, "has"))
		cursor_fail(c, "has or matches is expected here");
	read_list(q, one_phrase);
}

/* A bare word would be ambiguous: is gold a value, or the next question? */
static void one_literal(struct asking *q)
{
	struct cursor *c = &q->cursor;
	const struct item *i = c->at;

	if (cursor_is(c, ITEM_WORD)) {
		cursor_fail(c, "a value is a text or a number");
		note_hint(c->notes, "put it in quotes: \"%.*s\"",
		    (int)i->text.n, i->text.p);
	} else if (cursor_is(c, ITEM_NUMBER) || cursor_is(c, ITEM_DECIMAL)) {
		cursor_any(c, "a value");
		add_value(q, i->text);
	} else if (cursor_take(c, ITEM_STRING, "a value") != NULL) {
		add_value(q, i->text);
	}
}

static enum leaf_compare compare_of(int64_t mark)
{
	static const enum leaf_compare of[] = {
		[MARK_EQUAL] = COMPARE_EQUAL,
		[MARK_LESS] = COMPARE_LESS,
		[MARK_LESS_EQUAL] = COMPARE_LESS_EQUAL,
		[MARK_MORE] = COMPARE_MORE,
		[MARK_MORE_EQUAL] = COMPARE_MORE_EQUAL,
	};

	return of[mark];
}

/* customer.tier = "gold"; contact.topic in ("a", "b"); contact.age > 17 */
static void ask_attribute(struct asking *q, struct str name)
{
	struct cursor *c = &q->cursor;
	const struct item *mark = c->at;

	q->leaf->kind = LEAF_ATTRIBUTE;
	q->leaf->name = mem_text_n(name.p, name.n);
	if (cursor_skip_word(c, "present")) {
		q->leaf->compare = COMPARE_PRESENT;
	} else if (cursor_skip_word(c, "starts")) {
		q->leaf->compare = COMPARE_STARTS;
		read_list(q, one_literal);
	} else if (cursor_is_word(c, "in")) {
		read_list(q, one_literal);
	} else if (cursor_take(c, ITEM_COMPARE, "=, <, >, in or present")) {
		q->leaf->compare = compare_of(mark->number);
		if (mark->number == MARK_EQUAL)
			read_list(q, one_literal);
		else if (!cursor_is(c, ITEM_DECIMAL))
			cursor_take(c, ITEM_NUMBER, "a number");
		else
			cursor_any(c, "a number");
		if (mark->number != MARK_EQUAL && !c->failed)
			add_value(q, c->last->text);
	}
}

/* during office: answered by the world, whose hours are inputs */
static void ask_hours(struct asking *q)
{
	q->step->op = EXPR_OPEN;
	q->step->arg = names_read(&q->cursor, q->check->rules, DEF_HOURS);
}

/* queue general waiting > 20; longest > 2m; ready < 1 */
static void ask_queue(struct asking *q)
{
	struct cursor *c = &q->cursor;
	const struct item *mark;

	q->step->op = EXPR_QUEUE_WAITING;
	q->step->arg = names_read(c, q->check->rules, DEF_QUEUE);
	if (cursor_skip_word(c, "longest"))
		q->step->op = EXPR_QUEUE_LONGEST;
	else if (cursor_skip_word(c, "ready"))
		q->step->op = EXPR_QUEUE_READY;
	else if (!cursor_skip_word(c, "waiting"))
		cursor_fail(c, "waiting, longest or ready is expected here");
	mark = cursor_take(c, ITEM_COMPARE, "a comparison such as > 20");
	if (mark == NULL)
		return;
	q->step->compare = compare_of(mark->number);
	q->step->value = q->step->op == EXPR_QUEUE_LONGEST
	                     ? cursor_duration(c, 0, (msec_t)30 * 86400 * 1000)
	                     : cursor_number(c, 0, 1000000);
}

static const struct question questions[] = {
	{ "channel", ask_channel, "channel in (chat, mail)" },
	{ "from", ask_entrance, "from site" },
	{ "dialled", ask_dialled, "dialled \"+33155501010\"" },
	{ "language", ask_language, "language fr" },
	{ "text", ask_text, "text has \"invoice\", \"refund\"" },
	{ "during", ask_hours, "during office" },
	{ "queue", ask_queue, "queue general waiting > 20" },
};

/* "topic" of contact.topic; customer.tier as it stands; else empty. */
static struct str attribute_name(struct str word)
{
	if (str_starts(word, "contact.") && word.n > 8)
		return str_from(word, 8);
	if (str_starts(word, "customer.") && word.n > 9)
		return word;
	return STR_NONE;
}

static void note_unknown(struct check *k, const struct item *word)
{
	struct suggestion s = { .word = word->text };

	note_error(k->notes, &word->spot,
	    "a condition cannot begin with \"%.*s\"", (int)word->text.n,
	    word->text.p);
	for (size_t i = 0; i < countof(questions); i++)
		suggestion_consider(&s, str_of(questions[i].word));
	if (s.best.p == NULL)
		note_hint(k->notes,
		    "what forms and partners know is asked "
		    "for as contact.%.*s or customer.%.*s",
		    (int)word->text.n, word->text.p, (int)word->text.n,
		    word->text.p);
	else
		note_suggest(k->notes, &s);
}

static const struct question *find_question(struct str word)
{
	for (size_t i = 0; i < countof(questions); i++)
		if (str_is(word, questions[i].word))
			return &questions[i];
	return NULL;
}

bool check_leaf(struct check *k, const struct node *n, struct leaf *l,
    struct expr_step *out_step)
{
	struct statement as = { .items = n->items, .spot = n->spot };
	struct str name = attribute_name(n->items->text);
	const struct question *asked = find_question(n->items->text);
	struct asking q = { .check = k, .leaf = l, .step = out_step };

	cursor_init(&q.cursor, k->notes, &as,
	    asked != NULL ? asked->example : "customer.tier = \"gold\"");
	out_step->op = EXPR_VERDICT;
	if (asked != NULL) {
		asked->take(&q);
	} else if (name.n > 0) {
		ask_attribute(&q, name);
	} else if (str_is(n->items->text, "otherwise")) {
		note_error(k->notes, &n->spot,
		    "otherwise stands alone: otherwise -> queue NAME;");
		return false;
	} else {
		note_unknown(k, n->items);
		return false;
	}
	cursor_end(&q.cursor);
	return !q.cursor.failed;
}
