/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * diff.c - what a reload would change, a line each.
 *
 * Entered before a config is swapped. Compares canonical texts: two sorted
 * lists of names are walked side by side, and of what both have, the lines
 * that differ are shown. A new kind of statement needs nothing here.
 */
#include <string.h>

#include "base/mem.h"
#include "config/canon.h"

#define LINES_MAX 2048 /* of one definition */

struct lines {
	struct buf text;
	struct str items[LINES_MAX];
	bool met[LINES_MAX]; /* the other side has it too */
	size_t count;
};

/* "ring 20s" of "\tring 20s;"; of a definition in one line what stands behind
 * its title: the label of a skill. */
static struct str strip(struct str s, const char *title)
{
	if (str_starts(s, title) && s.p[s.n - 1] != '{')
		s = str_from(s, str_of(title).n);
	if (str_starts(s, "} "))
		s = str_from(s, 2);
	s = str_trim(s);
	if (s.n > 0 && s.p[s.n - 1] == ';')
		s.n--;
	return s;
}

static bool is_brace(struct str s)
{
	return s.n == 0 || str_is(s, "}") || s.p[s.n - 1] == '{';
}

/* Lines of an inner block get its name in front: "closed mail wait". */
static struct lines *read_lines(
    const struct rules *r, enum def_kind kind, size_t i, const char *title)
{
	struct lines *l = new_of(struct lines);
	struct buf flat = { 0 };
	struct str rest;
	bool closed = false;

	canon_def(r, kind, i, &flat);
	rest = buf_str(&flat);
	while (rest.n > 0) {
		struct str line = str_next(&rest, '\n');
		struct str s = strip(line, title);

		if (is_brace(s)) {
			closed = str_starts(s, "closed");
			continue;
		}
		if (closed)
			buf_add_text(&l->text, "closed ");
		buf_add_str(&l->text, s);
		buf_add_char(&l->text, '\n');
	}
	buf_done(&flat);
	rest = buf_str(&l->text);
	while (rest.n > 0 && l->count < LINES_MAX)
		l->items[l->count++] = str_next(&rest, '\n');
	return l;
}

static void free_lines(struct lines *l)
{
	buf_done(&l->text);
	mem_free(l);
}

static void mark_equal(struct lines *a, struct lines *b)
{
	for (size_t i = 0; i < a->count; i++)
		for (size_t j = 0; j < b->count && !a->met[i]; j++)
			if (!b->met[j] && str_eq(a->items[i], b->items[j]))
				a->met[i] = b->met[j] = true;
}

/* Where the value begins, if both say the same thing before it: statements are
 * the same when all words in front of the first differing one are, and there
 * is at least one. */
static size_t common_words(struct str a, struct str b)
{
	size_t n = 0;
	size_t words = 0;

	while (n < a.n && n < b.n && a.p[n] == b.p[n]) {
		n++;
		if (a.p[n - 1] == ' ')
			words = n;
	}
	return words;
}

/* The closest unmet line of the other side: it was changed into this one. */
static size_t find_partner(const struct lines *l, struct str line)
{
	size_t best = l->count;
	size_t most = 0;

	for (size_t i = 0; i < l->count; i++) {
		size_t common = l->met[i] ? 0 : common_words(l->items[i], line);

		if (common <= most)
			continue;
		most = common;
		best = i;
	}
	return best;
}

static void show_change(
    struct buf *out, const char *title, struct str was, struct str is)
{
	size_t at = common_words(was, is);
	struct str new = str_from(is, at);

	buf_addf(out, "%s: %.*s -> %.*s\n", title, (int)was.n, was.p,
	    (int)new.n, new.p);
}

static void diff_lines(
    struct buf *out, const char *title, struct lines *was, struct lines *is)
{
	mark_equal(was, is);
	for (size_t i = 0; i < was->count; i++) {
		size_t j;

		if (was->met[i])
			continue;
		j = find_partner(is, was->items[i]);
		if (j == is->count) {
			buf_addf(out, "%s: without %.*s\n", title,
			    (int)was->items[i].n, was->items[i].p);
			continue;
		}
		is->met[j] = true;
		show_change(out, title, was->items[i], is->items[j]);
	}
	for (size_t j = 0; j < is->count; j++)
		if (!is->met[j])
			buf_addf(out, "%s: with %.*s\n", title,
			    (int)is->items[j].n, is->items[j].p);
}

/* "queue billing", "channel help" */
static char *title_of(const struct rules *r, enum def_kind kind, size_t i)
{
	const char *word = def_word(kind);

	if (kind == DEF_ENTRANCE)
		word = r->entrances[i].kind == ENTRANCE_GATEWAY ? "gateway"
		                                                : "channel";
	return mem_textf("%s %s", word, names_get(r, kind, i));
}

/* One definition on each side, both of the same name. */
struct pair {
	const struct rules *from, *to;
	size_t i, j;
};

static void diff_both(struct buf *out, const struct pair *p, enum def_kind kind)
{
	char *title = title_of(p->to, kind, p->j);
	struct lines *was = read_lines(p->from, kind, p->i, title);
	struct lines *is = read_lines(p->to, kind, p->j, title);

	diff_lines(out, title, was, is);
	mem_free(title);
	free_lines(was);
	free_lines(is);
}

static void show_one(struct buf *out, const struct rules *r, enum def_kind kind,
    size_t i, const char *what)
{
	char *title = title_of(r, kind, i);

	buf_addf(out, "%s: %s\n", title, what);
	mem_free(title);
}

/* Which side's name comes first: below 0 the old one's, 0 both. */
static int order_of(const struct pair *p, enum def_kind kind)
{
	if (p->i == names_count(p->from, kind))
		return 1;
	if (p->j == names_count(p->to, kind))
		return -1;
	return strcmp(
	    names_get(p->from, kind, p->i), names_get(p->to, kind, p->j));
}

/* Both lists are sorted by name. */
static void diff_kind(const struct rules *from, const struct rules *to,
    enum def_kind kind, struct buf *out)
{
	struct pair p = { .from = from, .to = to };

	while (p.i < names_count(from, kind) || p.j < names_count(to, kind)) {
		int order = order_of(&p, kind);

		if (order < 0)
			show_one(out, from, kind, p.i, "removed");
		else if (order > 0)
			show_one(out, to, kind, p.j, "added");
		else
			diff_both(out, &p, kind);
		p.i += order <= 0;
		p.j += order >= 0;
	}
}

static char **read_rules(const struct rules *r)
{
	char **texts = new_array(char *, r->route_count + 1);

	for (size_t i = 0; i < r->route_count; i++) {
		struct buf b = { 0 };

		canon_rule(r, i, &b);
		texts[i] = buf_take(&b);
	}
	return texts;
}

static void free_rules(const struct rules *r, char **texts)
{
	for (size_t i = 0; i < r->route_count; i++)
		mem_free(texts[i]);
	mem_free(texts);
}

/* How far behind `from` the text stands, or `to` when it does not. */
static size_t look_ahead(char **texts, size_t from, size_t to, const char *text)
{
	size_t i = from;

	while (i < to && strcmp(texts[i], text) != 0)
		i++;
	return i < to ? i - from : to;
}

/* The order of rules matters: a moved one is taken out and put in again. Both
 * lists are walked side by side; where they part, the nearer reunion counts. */
static void diff_route(
    const struct rules *from, const struct rules *to, struct buf *out)
{
	char **was = read_rules(from);
	char **is = read_rules(to);
	size_t a = from->route_count;
	size_t b = to->route_count;
	size_t i = 0;
	size_t j = 0;

	while (i < a || j < b) {
		size_t added = i < a ? look_ahead(is, j, b, was[i]) : 0;
		size_t lost = j < b ? look_ahead(was, i, a, is[j]) : 0;

		if (i < a && j < b && added == 0) {
			i++;
			j++;
		} else if (j < b && (i == a || (added < b && added <= lost))) {
			buf_addf(out, "route: with %s\n", is[j++]);
		} else {
			buf_addf(out, "route: without %s\n", was[i++]);
		}
	}
	free_rules(from, was);
	free_rules(to, is);
}

void config_diff(
    const struct rules *from, const struct rules *to, struct buf *out)
{
	if (strcmp(from->workspace, to->workspace) != 0)
		buf_addf(out, "workspace %s -> %s\n", from->workspace,
		    to->workspace);
	if (strcmp(from->language, to->language) != 0)
		buf_addf(out, "default language %s -> %s\n", from->language,
		    to->language);
	for (unsigned kind = 0; kind < DEFS; kind++)
		diff_kind(from, to, (enum def_kind)kind, out);
	diff_route(from, to, out);
}
