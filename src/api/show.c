/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * show.c - what the world holds, written down.
 *
 * Entered by commands, snapshots and frames. Reads only; nothing here may cost
 * more than the object it shows is large.
 */
#include "api/show.h"

/* The wall's name for a router time is a label: it moves when the wall clock
 * is corrected, the router time does not. */
void show_time(struct json_writer *w, const char *name,
    const struct world *world, msec_t router_time)
{
	char text[CLOCK_TEXT];

	jw_key(w, name);
	if (router_time == 0) {
		jw_null(w);
		return;
	}
	clock_format(router_time + world->wall_offset, text);
	jw_text(w, text);
}

void show_agent_name(struct json_writer *w, const char *name,
    const struct world *world, struct agent_id id)
{
	const struct agent *a = world_agent(world, id);

	jw_ktext(w, name, a == NULL ? NULL : a->name);
}

void show_queue_name(struct json_writer *w, const char *name,
    const struct world *world, struct queue_id id)
{
	const struct queue *q = world_queue(world, id);

	jw_ktext(w, name, q == NULL ? NULL : q->name);
}

void show_language(struct json_writer *w, uint16_t packed)
{
	char two[3];

	jw_key(w, "language");
	if (packed == 0) {
		jw_null(w);
		return;
	}
	language_unpack(packed, two);
	jw_text(w, two);
}

/* ---- agents --------------------------------------------------------------- */

/* The channels a contact could be offered on at once. */
static void show_free(
    struct json_writer *w, const struct world *world, const struct agent *a)
{
	unsigned c;

	jw_key(w, "free");
	jw_array(w);
	for (c = 0; c < CHANNELS; c++)
		if (agent_refusal(world, a, (enum channel)c) == REFUSAL_NONE)
			jw_text(w, channel_word(c));
	jw_end(w);
}

/* Only the channels this agent takes at all. */
static void show_load(struct json_writer *w, const struct agent *a)
{
	unsigned c;

	jw_key(w, "load");
	jw_object(w);
	for (c = 0; c < CHANNELS; c++) {
		if (a->takes[c] == 0)
			continue;
		jw_key(w, channel_word(c));
		jw_object(w);
		jw_ku64(w, "has", a->load[c]);
		jw_ku64(w, "takes", a->takes[c]);
		jw_end(w);
	}
	jw_end(w);
}

static void show_skills(
    struct json_writer *w, const struct world *world, const struct agent *a)
{
	size_t i;

	jw_key(w, "skills");
	jw_object(w);
	for (i = 0; i < world->skill_count; i++) {
		const struct skill *s = world->skills[i];
		unsigned level = agent_level(world, a, s->id);

		if (level > 0)
			jw_ku64(w, s->name, level);
	}
	jw_end(w);
}

static void show_agent_contacts(struct json_writer *w, const struct agent *a)
{
	const struct contact *c;
	char id[ID_TEXT];

	jw_key(w, "contacts");
	jw_array(w);
	list_each(c, &a->contacts, in_owner)
		jw_text(w, id_format('c', c->id.v, id));
	jw_end(w);
}

void show_agent(struct json_writer *w, const struct world *world,
    const struct agent *a, bool whole)
{
	const struct rule_agent *rule = NULL;

	if (world->rules != NULL)
		rule = agent_rule(world->rules, a);
	jw_object(w);
	jw_kid(w, "agent", 'a', a->id.v);
	jw_ktext(w, "name", a->name);
	jw_ktext(w, "label", rule == NULL ? NULL : rule->label);
	jw_kbool(w, "in_config", rule != NULL);
	jw_ktext(w, "state", agent_state_word(a->state));
	jw_ktext(w, "reason", a->reason);
	show_time(w, "since", world, a->since);
	show_time(w, "until", world, a->until);
	jw_ktext(w, "device", device_state_word(a->device));
	show_free(w, world, a);
	show_load(w, a);
	if (whole)
		show_skills(w, world, a);
	jw_kid(w, "offer", 'o', a->offer == NULL ? 0 : a->offer->id.v);
	show_agent_contacts(w, a);
	jw_end(w);
}

/* ---- queues --------------------------------------------------------------- */

/* Places are in order of entry, so the first that waits waited longest. */
static msec_t longest_wait(const struct queue *q, msec_t now)
{
	const struct place *p;

	list_each(p, &q->places, in_queue)
		if (p->contact->state == CONTACT_WAITING)
			return now > p->entered ? now - p->entered : 0;
	return 0;
}

/* What somebody has set it to; NULL: as the config says. */
static const char *override_word(const struct queue *q)
{
	if (q->override == 0)
		return NULL;
	return q->override == 1 ? "open" : "closed";
}

void show_queue(struct json_writer *w, const struct world *world,
    const struct queue *q, msec_t now)
{
	const struct rule_queue *rule = NULL;

	if (world->rules != NULL)
		rule = queue_rule(world->rules, q);
	jw_object(w);
	jw_kid(w, "queue", 'q', q->id.v);
	jw_ktext(w, "name", q->name);
	jw_ktext(w, "label", rule == NULL ? NULL : rule->label);
	jw_kbool(w, "in_config", rule != NULL);
	jw_kbool(w, "open", queue_is_open(world, q));
	jw_ktext(w, "override", override_word(q));
	jw_ku64(w, "waiting", q->waiting);
	jw_ku64(w, "offered", q->offered);
	jw_kint(w, "longest_wait_ms", longest_wait(q, now));
	jw_ku64(w, "arrived", q->arrived);
	jw_ku64(w, "answered", q->answered);
	jw_ku64(w, "ended", q->ended);
	jw_kint(w, "mean_wait_ms",
	    q->answered == 0 ? 0 : q->wait_sum / (msec_t)q->answered);
	jw_end(w);
}

/* ---- contacts ------------------------------------------------------------- */

/* Up to four queues at once, one place in line. */
static void show_places(
    struct json_writer *w, const struct contact *c, msec_t now)
{
	unsigned i;

	jw_key(w, "places");
	jw_array(w);
	for (i = 0; i < c->place_count; i++) {
		const struct place *p = c->places[i];

		jw_object(w);
		jw_ktext(w, "queue", p->queue->name);
		jw_kint(
		    w, "waited_ms", now > p->entered ? now - p->entered : 0);
		jw_ku64(w, "rung", p->rung);
		jw_end(w);
	}
	jw_end(w);
}

static void show_state(
    struct json_writer *w, const struct world *world, const struct contact *c)
{
	jw_ktext(w, "state", contact_state_word(c->state));
	show_time(w, "since", world, c->since);
	jw_ktext(w, "agent", c->owner == NULL ? NULL : c->owner->name);
	jw_kid(w, "offer", 'o', c->offer == NULL ? 0 : c->offer->id.v);
	/* Ended ones stay in the world for a while, for those who ask. */
	if (c->state == CONTACT_ENDED)
		jw_ktext(w, "reason", end_reason_word(c->end));
}

void show_contact_members(struct json_writer *w, const struct world *world,
    const struct contact *c, msec_t now)
{
	const struct entrance *door = world_entrance(world, c->entrance);

	jw_kid(w, "contact", 'c', c->id.v);
	jw_ktext(w, "channel", channel_word(c->channel));
	jw_ktext(w, "entrance", door == NULL ? NULL : door->name);
	show_state(w, world, c);
	show_time(w, "arrived", world, c->arrived);
	show_language(w, c->language);
	jw_kid(w, "customer", 'p', c->customer.v);
	jw_kid(w, "maybe", 'p', c->maybe.v);
	show_places(w, c, now);
	show_agent_name(w, "own_agent", world, c->own);
	show_agent_name(w, "held_for", world, c->held_for);
	jw_kbool(w, "outbound", c->outbound);
	jw_kbool(w, "waits_for_opening", c->dormant);
	jw_ku64(w, "messages", c->messages);
	show_time(w, "last_message", world, c->last_message);
	jw_ku64(w, "offers", c->offers);
	if (c->call != 0)
		jw_ktext(w, "call", call_step_word(c->call));
}

void show_contact(struct json_writer *w, const struct world *world,
    const struct contact *c, msec_t now)
{
	jw_object(w);
	show_contact_members(w, world, c, now);
	jw_end(w);
}

void show_record(struct json_writer *w, struct str record)
{
	/* The last member. In a string these quotes would be escaped. */
	static const char mark[] = ",\"events\":[";
	struct str needle = { mark, sizeof(mark) - 1 };
	struct str rest = record;
	struct buf brief = { 0 };
	size_t at = 0;
	size_t next;

	while ((next = str_find_str(rest, needle)) < rest.n) {
		at = record.n - rest.n + next;
		rest = str_from(rest, next + needle.n);
	}
	if (at == 0) {
		jw_raw(w, record);
		return;
	}
	buf_add_str(&brief, str_sub(record, 0, at));
	buf_add_char(&brief, '}');
	jw_raw(w, buf_str(&brief));
	buf_done(&brief);
}

/* ---- overrides ------------------------------------------------------------ */

static void show_queue_override(
    struct json_writer *w, const struct world *world, const struct queue *q)
{
	jw_object(w);
	jw_ktext(w, "queue", q->name);
	jw_ktext(w, "set", override_word(q));
	show_time(w, "until", world, q->override_until);
	jw_ktext(w, "author", q->override_author);
	jw_end(w);
}

static void show_skill_overrides(
    struct json_writer *w, const struct world *world, const struct agent *a)
{
	unsigned i;

	for (i = 0; i < a->override_count; i++) {
		const struct skill_override *o = &a->overrides[i];
		const struct skill *s = world_skill(world, o->skill);

		jw_object(w);
		jw_ktext(w, "agent", a->name);
		jw_ktext(w, "skill", s == NULL ? NULL : s->name);
		jw_ku64(w, "level", o->level);
		show_time(w, "until", world, o->until);
		jw_ktext(w, "author", o->author);
		jw_end(w);
	}
}

void show_overrides(struct json_writer *w, const struct world *world)
{
	size_t i;

	jw_array(w);
	for (i = 0; i < world->queue_count; i++)
		if (world->queues[i]->override != 0)
			show_queue_override(w, world, world->queues[i]);
	for (i = 0; i < world->agent_count; i++)
		show_skill_overrides(w, world, world->agents[i]);
	jw_end(w);
}
