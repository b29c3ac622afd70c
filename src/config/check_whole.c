/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * check_whole.c - what only shows when everything is seen together.
 *
 * Last stage of the check: queues that flow over in a circle, queues nobody
 * can serve. Rules may be half filled here when errors were noted before.
 */
#include "base/check.h"
#include "base/mem.h"
#include "config/check.h"

enum mark { UNSEEN, ON_PATH, DONE };

struct walk {
	struct check *check;
	enum mark *marks;
	uint32_t *path;
	size_t depth;
};

/* "a -> b -> a", from where the circle begins. */
static void note_loop(struct walk *w, uint32_t to)
{
	const struct rules *r = w->check->rules;
	const struct def *d = &w->check->defs[DEF_QUEUE].items[to];
	struct buf loop = { 0 };
	size_t from = 0;

	while (w->path[from] != to)
		from++;
	for (size_t i = from; i < w->depth; i++)
		buf_addf(&loop, "%s -> ", r->queues[w->path[i]].name);
	buf_add_text(&loop, r->queues[to].name);
	note_error(w->check->notes, &d->name->spot,
	    "queues flow over in a circle: %.150s", loop.data);
	buf_done(&loop);
}

/* As deep as there are queues: at most 1,024. */
static void visit(struct walk *w, uint32_t queue)
{
	const struct rule_queue *q = &w->check->rules->queues[queue];

	w->marks[queue] = ON_PATH;
	w->path[w->depth++] = queue;
	for (unsigned i = 0; i < q->overflow_count; i++) {
		uint32_t to = q->overflows[i].queue;

		if (w->marks[to] == ON_PATH)
			note_loop(w, to);
		else if (w->marks[to] == UNSEEN)
			visit(w, to);
	}
	w->depth--;
	w->marks[queue] = DONE;
}

static void check_loops(struct check *k)
{
	size_t count = k->rules->queue_count;
	struct walk w = { .check = k };

	if (count == 0)
		return;
	w.marks = new_array(enum mark, count);
	w.path = new_array(uint32_t, count);
	for (size_t i = 0; i < count; i++)
		if (w.marks[i] == UNSEEN)
			visit(&w, (uint32_t)i);
	mem_free(w.marks);
	mem_free(w.path);
}

/* As the router sees it: the skill itself, not one above or below it. */
static bool has_level(const struct rule_agent *a, const struct rule_level *need)
{
	for (size_t i = 0; i < a->skill_count; i++)
		if (a->skills[i].skill == need->skill)
			return a->skills[i].level >= need->level;
	return false;
}

static bool meets(const struct rule_agent *a, const struct rule_step *s)
{
	for (unsigned i = 0; i < s->need_count; i++)
		if (!has_level(a, &s->needs[i]))
			return false;
	return true;
}

/* The last step asks for least. */
static bool has_server(const struct rules *r, const struct rule_queue *q)
{
	for (size_t i = 0; i < r->agent_count; i++)
		if (meets(&r->agents[i], &q->steps[q->step_count - 1]))
			return true;
	return false;
}

/* A queue nobody can serve fills up in silence. */
static void check_servers(struct check *k)
{
	const struct rules *r = k->rules;

	if (r->agent_count == 0) {
		note_warning(k->notes, NULL, "there is no agent");
		return;
	}
	for (size_t i = 0; i < r->queue_count; i++) {
		const struct def *d = &k->defs[DEF_QUEUE].items[i];

		if (has_server(r, &r->queues[i]))
			continue;
		note_warning(k->notes, &d->name->spot,
		    "no agent has what this queue needs");
	}
}

/* Without lang.xx skills the need means nothing. */
static void check_languages(struct check *k)
{
	const struct rules *r = k->rules;
	bool asked = false;

	for (size_t i = 0; i < r->queue_count; i++)
		asked |= r->queues[i].steps[0].language;
	if (!asked)
		return;
	for (size_t i = 0; i < r->skill_count; i++)
		if (str_starts(str_of(r->skills[i].name), "lang."))
			return;
	note_warning(k->notes, NULL,
	    "queues need the language of the contact, but no skill is "
	    "called lang.xx");
}

/* A mail says where it goes by its address alone. */
static void check_addresses(struct check *k)
{
	const struct rules *r = k->rules;
	struct map seen = { 0 };

	for (size_t i = 0; i < r->entrance_count; i++) {
		const struct rule_entrance *e = &r->entrances[i];
		const struct def *d = &k->defs[DEF_ENTRANCE].items[i];
		struct rule_entrance *first;

		if (e->channel != CHANNEL_MAIL || e->address == NULL)
			continue;
		first = map_find_text(&seen, str_of(e->address));
		if (first == NULL)
			map_put_text(
			    &seen, str_of(e->address), &r->entrances[i]);
		else
			note_error(k->notes, &d->name->spot,
			    "channel %s has the same address", first->name);
	}
	map_done(&seen);
}

void check_whole(struct check *k)
{
	check_loops(k);
	check_addresses(k);
	if (k->notes->errors > 0)
		return; /* warnings about half a config mislead */
	check_servers(k);
	check_languages(k);
}
