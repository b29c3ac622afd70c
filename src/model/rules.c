/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rules.c - the life of a config snapshot, and finding things in it by name.
 *
 * Everybody holds references; the last one gone frees it, on whatever thread
 * that happens. After the config floor has filled it nothing here or anywhere
 * may change it.
 */
#include "model/rules.h"

#include <string.h>

#include "base/check.h"
#include "base/mem.h"

struct rules *rules_new(void)
{
	struct rules *r = new_of(struct rules);

	r->references = 1;
	return r;
}

/* Relaxed is enough: whoever hands it on holds a reference of its own. */
struct rules *rules_ref(struct rules *r)
{
	__atomic_add_fetch(&r->references, 1, __ATOMIC_RELAXED);
	return r;
}

static void free_texts(char **texts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		mem_free(texts[i]);
	mem_free(texts);
}

static void brand_done(struct rule_brand *b)
{
	for (size_t i = 0; i < b->text_count; i++) {
		mem_free(b->texts[i].name);
		mem_free(b->texts[i].language);
		mem_free(b->texts[i].text);
	}
	mem_free(b->texts);
	mem_free(b->name);
	mem_free(b->label);
}

static void entrance_done(struct rule_entrance *e)
{
	free_texts(e->from, e->from_count);
	free_texts(e->origins, e->origin_count);
	mem_free(e->name);
	mem_free(e->address);
	mem_free(e->protocol);
	mem_free(e->provider);
	mem_free(e->token_file);
	mem_free(e->smtp_url);
	mem_free(e->smtp_from);
}

static void agent_done(struct rule_agent *a)
{
	mem_free(a->name);
	mem_free(a->label);
	mem_free(a->skills);
	mem_free(a->phone);
	mem_free(a->language);
}

/* In three parts, as rules.h groups them. */
static void free_people(struct rules *r)
{
	for (size_t i = 0; i < r->skill_count; i++) {
		mem_free(r->skills[i].name);
		mem_free(r->skills[i].label);
	}
	for (size_t i = 0; i < r->team_count; i++)
		mem_free(r->teams[i].name);
	for (size_t i = 0; i < r->agent_count; i++)
		agent_done(&r->agents[i]);
	mem_free(r->skills);
	mem_free(r->teams);
	mem_free(r->agents);
}

static void free_service(struct rules *r)
{
	for (size_t i = 0; i < r->hours_count; i++)
		hours_done(&r->hours[i]);
	for (size_t i = 0; i < r->standard_count; i++)
		mem_free(r->standards[i].name);
	for (size_t i = 0; i < r->brand_count; i++)
		brand_done(&r->brands[i]);
	for (size_t i = 0; i < r->entrance_count; i++)
		entrance_done(&r->entrances[i]);
	mem_free(r->hours);
	mem_free(r->standards);
	mem_free(r->brands);
	mem_free(r->entrances);
}

static void free_routing(struct rules *r)
{
	for (size_t i = 0; i < r->segment_count; i++) {
		mem_free(r->segments[i].name);
		expr_done(&r->segments[i].when);
	}
	for (size_t i = 0; i < r->queue_count; i++) {
		mem_free(r->queues[i].name);
		mem_free(r->queues[i].label);
	}
	for (size_t i = 0; i < r->route_count; i++) {
		expr_done(&r->routes[i].when);
		mem_free(r->routes[i].text);
	}
	for (size_t i = 0; i < r->leaf_count; i++)
		leaf_done(&r->leaves[i]);
	mem_free(r->segments);
	mem_free(r->queues);
	mem_free(r->routes);
	mem_free(r->leaves);
}

void rules_unref(struct rules *r)
{
	if (r == NULL)
		return;
	check(r->references > 0);
	/* Release what this holder wrote, acquire what the others did. */
	if (__atomic_sub_fetch(&r->references, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	free_people(r);
	free_service(r);
	free_routing(r);
	mem_free(r->text);
	mem_free(r->workspace);
	mem_free(r->language);
	mem_free(r);
}

/* Rows are found by bisection over the pointer to a name `at` bytes into each:
 * ten thousand agents are fourteen comparisons. */
struct table {
	const char *rows;
	size_t count, size, at;
};
#define TABLE(type, array, n)                                                  \
	((struct table){                                                       \
	    (const char *)(array), n, sizeof(type), offsetof(type, name) })

static uint32_t find_name(struct table t, struct str name)
{
	size_t low = 0;
	size_t high = t.count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const char *here;
		int order;

		memcpy(&here, t.rows + mid * t.size + t.at, sizeof(here));
		order = str_cmp(str_of(here), name);
		if (order == 0)
			return (uint32_t)mid;
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return RULE_NONE;
}

uint32_t rules_find_skill(const struct rules *r, struct str name)
{
	return find_name(
	    TABLE(struct rule_skill, r->skills, r->skill_count), name);
}

uint32_t rules_find_hours(const struct rules *r, struct str name)
{
	return find_name(TABLE(struct hours, r->hours, r->hours_count), name);
}

uint32_t rules_find_queue(const struct rules *r, struct str name)
{
	return find_name(
	    TABLE(struct rule_queue, r->queues, r->queue_count), name);
}

uint32_t rules_find_agent(const struct rules *r, struct str name)
{
	return find_name(
	    TABLE(struct rule_agent, r->agents, r->agent_count), name);
}

uint32_t rules_find_entrance(const struct rules *r, struct str name)
{
	return find_name(
	    TABLE(struct rule_entrance, r->entrances, r->entrance_count), name);
}

/* Skills of languages are named by convention. */
uint32_t rules_language_skill(const struct rules *r, struct str language)
{
	char name[8] = "lang.xx";

	if (language.n < 2)
		return RULE_NONE;
	memcpy(name + 5, language.p, 2); /* "fr-CA" is French */
	return rules_find_skill(r, str_of(name));
}

void rules_verdicts(const struct rules *r, const struct leaf_facts *facts,
    uint8_t out[VERDICT_BYTES])
{
	memset(out, 0, VERDICT_BYTES);
	check(r->leaf_count <= VERDICTS_MAX);
	for (size_t i = 0; i < r->leaf_count; i++)
		if (leaf_test(&r->leaves[i], facts))
			out[i / 8] |= (uint8_t)(1u << (i % 8));
}

/* How well a text fits: its language, no language, the workspace's, none. */
static int text_fit(
    const struct rules *r, const struct rule_text *t, struct str language)
{
	struct str own = str_of(t->language);

	if (own.n > 0 && str_eq(own, str_sub(language, 0, 2)))
		return 3;
	if (own.n == 0)
		return 2;
	return str_eq(own, str_of(r->language)) ? 1 : 0;
}

const char *rules_text(const struct rules *r, uint32_t brand, const char *name,
    struct str language)
{
	const struct rule_brand *b;
	const char *found = NULL;
	int best = -1;

	if (brand >= r->brand_count)
		return NULL;
	b = &r->brands[brand];
	for (size_t i = 0; i < b->text_count; i++) {
		int fit;

		if (!str_is(str_of(name), b->texts[i].name))
			continue;
		fit = text_fit(r, &b->texts[i], language);
		if (fit <= best)
			continue;
		best = fit;
		found = b->texts[i].text;
	}
	return found;
}
