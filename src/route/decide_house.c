/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * decide_house.c - the house itself: it starts, its rules and hours change,
 * supervisors overrule the file, people get their keys.
 */
#include "route/decide.h"

#include <string.h>

#include "base/check.h"
#include "route/agents.h"

/* After a start every agent is lost with a fresh grace; offers nobody can see
 * any more go back in line. */
int decide_start(struct step *s)
{
	struct event e = { .kind = EV_STARTED };
	size_t i;

	if (s->in->start.epoch <= s->w->epoch)
		return step_refuse(
		    s, ERR_STALE, "a newer owner has started already");
	e.started.epoch = s->in->start.epoch;
	e.started.router = ROUTER_VERSION;
	e.started.wall_offset = s->in->start.wall_offset;
	step_emit(s, &e);
	for (i = 0; i < s->w->agent_count; i++) {
		if (s->w->agents[i]->state != AGENT_OFFLINE)
			agent_lose(s, s->w->agents[i]);
	}
	return 0;
}

int decide_config(struct step *s)
{
	struct event e = { .kind = EV_CONFIG_ACTIVATED };
	size_t i;

	if (s->in->config.text.n == 0)
		return step_refuse(s, ERR_INVALID, "an empty config");
	memcpy(e.config.digest, s->in->config.digest, sizeof(e.config.digest));
	e.config.text = s->in->config.text;
	e.config.author = s->in->config.author;
	step_emit(s, &e);
	for (i = 0; i < s->w->agent_count; i++)
		step_look_at_agent(s, s->w->agents[i]->id);
	return 0;
}

int decide_wall(struct step *s)
{
	struct event e = { .kind = EV_WALL_SET };

	e.wall.offset = s->in->wall_offset;
	step_emit(s, &e);
	return 0;
}

static const struct hours_state *hours_named(
    const struct world *w, struct str name)
{
	size_t i;

	for (i = 0; i < w->hours_count; i++) {
		if (str_is(name, w->hours[i].name))
			return &w->hours[i];
	}
	return NULL;
}

int decide_hours(struct step *s)
{
	const struct in_hours *in = &s->in->hours;
	const struct hours_state *h = hours_named(s->w, in->hours);
	struct event e = { .kind = EV_HOURS_CHANGED };

	if (h == NULL)
		return step_refuse(s, ERR_NOT_FOUND, "no such hours");
	if (h->open == in->open && h->next_wall == in->next_wall)
		return 0;
	e.hours.hours = in->hours;
	e.hours.open = in->open;
	e.hours.next_wall = in->next_wall;
	step_emit(s, &e);
	return 0;
}

int decide_queue_override(struct step *s)
{
	const struct in_queue_override *in = &s->in->queue_override;
	struct event e = { .kind = EV_QUEUE_OVERRIDE, .agent = s->in->agent };

	if (world_queue(s->w, in->queue) == NULL)
		return step_refuse(s, ERR_NOT_FOUND, "no such queue");
	if (in->what > 2)
		return step_refuse(
		    s, ERR_INVALID, "a queue is set open, closed or by file");
	e.queue_override.queue = in->queue;
	e.queue_override.what = in->what;
	e.queue_override.until = in->until;
	e.queue_override.author = in->author;
	step_emit(s, &e);
	return 0;
}

static bool has_override(const struct agent *a, struct skill_id s)
{
	size_t i;

	for (i = 0; i < a->override_count; i++) {
		if (id_same(a->overrides[i].skill, s))
			return true;
	}
	return false;
}

int decide_skill_override(struct step *s)
{
	const struct in_skill_override *in = &s->in->skill_override;
	const struct agent *a = world_agent(s->w, s->in->agent);
	struct event e = { .kind = EV_SKILL_OVERRIDE, .agent = s->in->agent };

	if (a == NULL)
		return step_refuse(s, ERR_NOT_FOUND, "no such agent");
	if (world_skill(s->w, in->skill) == NULL)
		return step_refuse(s, ERR_NOT_FOUND, "no such skill");
	if (in->level > 100 || in->what > 1)
		return step_refuse(s, ERR_INVALID, "a level is 0 to 100");
	if (in->what == 1 && !has_override(a, in->skill) &&
	    a->override_count == SKILL_OVERRIDES_MAX)
		return step_refuse(s, ERR_TOO_MANY,
		    "%s has %d overrides already", a->name,
		    SKILL_OVERRIDES_MAX);
	e.skill_override.skill = in->skill;
	e.skill_override.what = in->what;
	e.skill_override.level = in->level;
	e.skill_override.until = in->until;
	e.skill_override.author = in->author;
	step_emit(s, &e);
	return 0;
}

int decide_person(struct step *s)
{
	const struct in_person *in = &s->in->person;
	struct event e = { .kind = EV_PERSON_SET,
		.agent = s->in->agent,
		.payload = s->in->payload };

	if (in->name.n == 0 || in->role >= ROLE_KINDS)
		return step_refuse(
		    s, ERR_INVALID, "a person has a name and a role");
	e.person.name = in->name;
	e.person.role = in->role;
	e.person.disabled = in->disabled;
	memcpy(e.person.digest, in->digest, sizeof(e.person.digest));
	step_emit(s, &e);
	return 0;
}

int decide_token(struct step *s)
{
	const struct in_token *in = &s->in->token;
	struct event e = { .kind = EV_TOKEN_ISSUED, .agent = s->in->agent };

	e.token.name = in->name;
	memcpy(e.token.token, in->token, sizeof(e.token.token));
	e.token.role = in->role;
	e.token.until_wall = in->until_wall;
	step_emit(s, &e);
	return 0;
}

int decide_revoke(struct step *s)
{
	struct event e = { .kind = EV_TOKEN_REVOKED, .agent = s->in->agent };

	memcpy(e.revoked.token, s->in->token.token, sizeof(e.revoked.token));
	step_emit(s, &e);
	return 0;
}
