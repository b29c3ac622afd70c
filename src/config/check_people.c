/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * check_people.c - reads skills, teams and agents.
 *
 * Part of the check. Only routing facts stand here: no password, no token ever
 * does.
 */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/mem.h"
#include "config/check.h"

#define TAKES_ONE   50  /* of one channel at once */
#define TAKES_ALL   100 /* of all channels at once */
#define SKILLS_MAX  256 /* of one agent */
#define WRAP_UP_MAX ((msec_t)3600 * 1000)
#define GRACE_MAX   ((msec_t)3600 * 1000)
#define GRACE       ((msec_t)60 * 1000)

/* The skill above "lang.fr" is "lang", when somebody named it. */
static uint32_t parent_of(const struct rules *r, struct str name)
{
	uint32_t found = RULE_NONE;

	while (name.n > 0 && found == RULE_NONE) {
		while (name.n > 0 && name.p[name.n - 1] != '.')
			name.n--;
		if (name.n > 0)
			name.n--;
		if (name.n > 0)
			found = names_find(r, DEF_SKILL, name);
	}
	return found;
}

void check_skill(struct check *k, const struct def *d, struct rule_skill *s)
{
	const struct item *label = d->rest;
	struct str text = d->name->text;

	if (label != NULL && label->kind == ITEM_STRING)
		text = label->text;
	s->label = mem_text_n(text.p, text.n);
	s->parent = parent_of(k->rules, d->name->text);
}

/* phone 1, chat 3: what is not named is not taken. */
static void read_take(struct cursor *c, struct rule_team *t, unsigned *sum)
{
	const struct item *word = c->at;
	enum channel channel;

	if (cursor_name(c, "a channel") == NULL)
		return;
	if (!channel_parse(word->text, &channel)) {
		struct suggestion s = { .word = word->text };

		c->at = word;
		cursor_fail(
		    c, "%.*s is no channel", (int)word->text.n, word->text.p);
		for (unsigned i = 0; i < CHANNELS; i++)
			suggestion_consider(&s, str_of(channel_word(i)));
		note_suggest(c->notes, &s);
		return;
	}
	t->takes[channel] = (uint8_t)cursor_number(c, 0, TAKES_ONE);
	*sum += t->takes[channel];
}

/* takes phone 1, chat 3; takes nothing; the defaults hold only when nothing is
 * said. */
static void take_takes(struct check *k, struct cursor *c, void *object)
{
	struct rule_team *t = object;
	const struct item *first = c->at;
	unsigned sum = 0;

	(void)k;
	memset(t->takes, 0, sizeof(t->takes));
	if (cursor_skip_word(c, "nothing"))
		return;
	do
		read_take(c, t, &sum);
	while (cursor_skip(c, ITEM_COMMA));
	if (sum <= TAKES_ALL)
		return;
	c->at = first;
	cursor_fail(
	    c, "nobody can do %u things at once; at most %d", sum, TAKES_ALL);
}

static void take_wrap_up(struct check *k, struct cursor *c, void *object)
{
	struct rule_team *t = object;

	(void)k;
	t->wrap_up = cursor_duration(c, 0, WRAP_UP_MAX);
}

static void take_grace(struct check *k, struct cursor *c, void *object)
{
	struct rule_team *t = object;

	(void)k;
	t->grace = cursor_duration(c, 1000, GRACE_MAX);
}

static const struct row team_rows[] = {
	{ "takes", ROW_ONCE, take_takes, "takes phone 1, chat 3, mail 5;" },
	{ "wrap-up", ROW_ONCE, take_wrap_up, "wrap-up 30s;" },
	{ "grace", ROW_ONCE, take_grace, "grace 60s;" },
};

void check_team(struct check *k, const struct def *d, struct rule_team *t)
{
	for (unsigned i = 0; i < CHANNELS; i++)
		t->takes[i] = (uint8_t)channel_kind((enum channel)i)->takes;
	t->grace = GRACE;
	check_block(k, d->statement, BLOCK("a team", team_rows), t);
}

/* The array of skills grows while it is read. */
struct agent_reading {
	struct rule_agent *agent;
	size_t skill_cap;
};

static void take_team(struct check *k, struct cursor *c, void *object)
{
	struct agent_reading *r = object;

	r->agent->team = names_read(c, k->rules, DEF_TEAM);
}

static void add_skill(struct cursor *c, struct agent_reading *r,
    struct rule_level level, const struct item *name)
{
	struct rule_agent *a = r->agent;

	for (size_t i = 0; i < a->skill_count; i++) {
		if (a->skills[i].skill != level.skill)
			continue;
		c->at = name;
		cursor_fail(c, "this skill is named a second time");
		return;
	}
	if (a->skill_count == SKILLS_MAX) {
		cursor_fail(c, "an agent has at most %d skills", SKILLS_MAX);
		return;
	}
	mem_room(&a->skills, a->skill_count, &r->skill_cap, sizeof(level));
	a->skills[a->skill_count++] = level;
}

/* skills billing 80, lang.fr 60; */
static void take_skills(struct check *k, struct cursor *c, void *object)
{
	struct rule_level level = { 0 };

	do {
		const struct item *name = c->at;

		level.skill = names_read(c, k->rules, DEF_SKILL);
		if (c->failed)
			return;
		level.level = (uint8_t)cursor_number(c, 0, 100);
		if (!c->failed)
			add_skill(c, object, level, name);
	} while (cursor_skip(c, ITEM_COMMA));
}

/* The only gateway there is, when none is named. */
static uint32_t only_gateway(struct check *k, struct cursor *c)
{
	uint32_t found = RULE_NONE;

	for (size_t i = 0; i < k->rules->entrance_count; i++) {
		const struct def *d = &k->defs[DEF_ENTRANCE].items[i];

		if (!str_is(d->statement->items->text, "gateway"))
			continue;
		if (found != RULE_NONE) {
			cursor_fail(c, "via which gateway?");
			return RULE_NONE;
		}
		found = (uint32_t)i;
	}
	if (found == RULE_NONE)
		cursor_fail(c, "there is no gateway to ring this phone");
	return found;
}

/* phone "PJSIP/2001" via pbx1; what is in the quotes is the gateway's affair. */
static void take_phone(struct check *k, struct cursor *c, void *object)
{
	struct rule_agent *a = ((struct agent_reading *)object)->agent;
	const struct item *name;
	const struct def *d;

	a->phone = cursor_text(c, "the address of the phone");
	if (!cursor_skip_word(c, "via")) {
		a->gateway = only_gateway(k, c);
		return;
	}
	name = c->at;
	a->gateway = names_read(c, k->rules, DEF_ENTRANCE);
	if (a->gateway == RULE_NONE)
		return;
	d = &k->defs[DEF_ENTRANCE].items[a->gateway];
	if (str_is(d->statement->items->text, "gateway"))
		return;
	c->at = name;
	cursor_fail(c, "\"%.*s\" is a channel, not a gateway",
	    (int)name->text.n, name->text.p);
}

/* Only roles a person can have: a gateway is not hired. */
static void take_role(struct check *k, struct cursor *c, void *object)
{
	struct rule_agent *a = ((struct agent_reading *)object)->agent;
	const struct item *word = c->at;
	enum role role;

	(void)k;
	if (cursor_name(c, "a role") == NULL)
		return;
	if (role_parse(word->text, &role) &&
	    ((role >= ROLE_AGENT && role <= ROLE_ADMIN) ||
	        role == ROLE_AUDITOR)) {
		a->role = role;
		return;
	}
	c->at = word;
	cursor_fail(c, "a role is agent, lead, supervisor, admin or auditor");
}

static void take_language(struct check *k, struct cursor *c, void *object)
{
	struct rule_agent *a = ((struct agent_reading *)object)->agent;

	(void)k;
	a->language = cursor_language(c);
}

/* As the second word of `agent`, or here: the canonical text has it here. */
static void take_label(struct check *k, struct cursor *c, void *object)
{
	struct rule_agent *a = ((struct agent_reading *)object)->agent;

	(void)k;
	if (a->label != NULL) {
		cursor_fail(c, "the label stands behind the name already");
		return;
	}
	a->label = cursor_text(c, "a label");
}

static const struct row agent_rows[] = {
	{ "label", ROW_ONCE, take_label, "label \"Maria Costa\";" },
	{ "team", ROW_ONCE, take_team, "team day;" },
	{ "skills", ROW_REPEAT, take_skills, "skills billing 80, lang.fr 60;" },
	{ "phone", ROW_ONCE, take_phone, "phone \"PJSIP/2001\" via pbx1;" },
	{ "role", ROW_ONCE, take_role, "role lead;" },
	{ "language", ROW_ONCE, take_language, "language fr;" },
};

static int by_skill(const void *a, const void *b)
{
	const struct rule_level *x = a;
	const struct rule_level *y = b;

	return x->skill < y->skill ? -1 : x->skill > y->skill;
}

void check_agent(struct check *k, const struct def *d, struct rule_agent *a)
{
	struct agent_reading r = { .agent = a };
	size_t errors = k->notes->errors;
	struct str label = d->name->text;

	a->team = RULE_NONE;
	a->gateway = RULE_NONE;
	a->role = ROLE_AGENT;
	if (d->rest != NULL && d->rest->kind == ITEM_STRING)
		a->label = mem_text_n(d->rest->text.p, d->rest->text.n);
	check_block(k, d->statement, BLOCK("an agent", agent_rows), &r);
	if (a->label == NULL)
		a->label = mem_text_n(label.p, label.n);
	if (a->skill_count > 0)
		qsort(a->skills, a->skill_count, sizeof(*a->skills), by_skill);
	if (a->team != RULE_NONE || k->notes->errors > errors ||
	    d->statement->broken)
		return;
	note_error(k->notes, &d->name->spot, "this agent has no team");
	note_hint(k->notes, "as in: team day;");
}
