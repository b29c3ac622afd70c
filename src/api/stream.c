/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stream.c - each committed event: kept, and told to whom it concerns.
 *
 * Entered once per committed event, in order, and at start for the tail of the
 * log. Whom an event concerns is decided here and now, and kept with it in the
 * ring: later, the world would give another answer.
 */
#include "api/stream.h"

#include "api/frame.h"
#include "api/offers.h"
#include "api/session.h"
#include "base/check.h"
#include "base/log.h"
#include "store/store.h"

/* ---- who owns what -------------------------------------------------------- */

/* The map's values are the ids themselves: an agent's id is never 0. */
static struct agent_id owner_of(const struct api *a, struct contact_id c)
{
	void *v = map_find(&a->owners, c.v);

	return (struct agent_id){ (uint64_t)(uintptr_t)v };
}

static void set_owner(
    struct api *a, struct contact_id contact, struct agent_id agent)
{
	map_put(&a->owners, contact.v, (void *)(uintptr_t)agent.v);
}

/* After the event has been told: whoever loses a contact hears of it. */
static void note_owner(struct api *a, const struct event *e)
{
	switch (e->kind) {
	case EV_OFFER_SETTLED:
		if (e->settled.end == OFFER_ACCEPTED)
			set_owner(a, e->contact, e->agent);
		break;
	case EV_CONTACT_STARTED:
		set_owner(a, e->contact, e->agent);
		break;
	case EV_CONTACT_QUEUED:
		/* Only a contact that waits can wait in a second queue. */
		if (!e->queued.added)
			map_remove(&a->owners, e->contact.v);
		break;
	case EV_CONTACT_ENDED:
		map_remove(&a->owners, e->contact.v);
		break;
	default:
		break;
	}
}

static void add_once(struct audience *whom, struct agent_id agent)
{
	size_t i;

	if (!id_is_set(agent))
		return;
	for (i = 0; i < whom->count; i++)
		if (id_same(whom->agents[i], agent))
			return;
	check(whom->count < AUDIENCE_MAX);
	whom->agents[whom->count++] = agent;
}

/* The agent it is about, and the owner of the contact it is about. */
static struct audience audience_of(const struct api *a, const struct event *e)
{
	struct audience whom = { .count = 0 };

	add_once(&whom, e->agent);
	if (id_is_set(e->contact))
		add_once(&whom, owner_of(a, e->contact));
	return whom;
}

/* ---- people --------------------------------------------------------------- */

/* A person switched off, or with another role, is so at once. */
static void on_person(struct api *a, const struct ev_person_set *p)
{
	struct session *s;

	list_each(s, &a->sessions, link) {
		if (s->kind == SESSION_CONTROL || s->state != SESSION_IN ||
		    !str_is(p->name, s->name))
			continue;
		s->person_role = (enum role)p->role;
		if (p->disabled)
			session_cut(s, CLOSE_DENIED, "switched off");
	}
}

static void on_revoked(struct api *a, const struct ev_token_revoked *r)
{
	struct session *s;

	list_each(s, &a->sessions, link)
		if (s->has_token && !s->closing &&
		    crypto_same(s->token, r->token, sizeof(s->token)))
			session_cut(s, CLOSE_DENIED, "the token was revoked");
}

/* Signed out by somebody else. The world is asked because a newer session may
 * have been signed in since this event. */
static void on_session(struct api *a, const struct event *e)
{
	struct session *s = session_of_agent(a, e->agent);
	const struct agent *agent = world_agent(api_world(a), e->agent);

	if (s != NULL && agent != NULL && agent->session != s->number)
		session_end(s, CLOSE_DENIED, "signed out");
}

static void apply_to_sessions(struct api *a, const struct event *e)
{
	switch (e->kind) {
	case EV_PERSON_SET:
		on_person(a, &e->person);
		a->people_seq = e->seq;
		break;
	case EV_TOKEN_REVOKED:
		on_revoked(a, &e->revoked);
		a->people_seq = e->seq;
		break;
	case EV_TOKEN_ISSUED:
		a->people_seq = e->seq;
		break;
	case EV_AGENT_SESSION:
		on_session(a, e);
		break;
	default:
		break;
	}
}

/* ---- frames --------------------------------------------------------------- */

static void tell(
    struct api *a, const struct event *e, const struct audience *whom)
{
	struct buf frame = { 0 };
	struct session *s;
	size_t i;

	for (i = 0; i < whom->count; i++) {
		s = session_of_agent(a, whom->agents[i]);
		if (s == NULL || e->seq <= s->synced)
			continue;
		if (e->kind == EV_OFFER_MADE) {
			offer_tell(a, e->offer.offer);
			continue;
		}
		if (frame.len == 0 && !frame_of_event(api_world(a), e, &frame))
			break;
		session_send(s, e->seq, buf_str(&frame));
	}
	buf_done(&frame);
}

static void keep(
    struct api *a, const struct event *e, const struct audience *whom)
{
	ring_add(&a->ring, e, whom, whom->count > 0 && frame_has(e->kind));
}

void stream_event(struct api *a, const struct event *e)
{
	struct audience whom = audience_of(a, e);

	keep(a, e, &whom);
	tell(a, e, &whom);
	note_owner(a, e);
	apply_to_sessions(a, e);
}

/* ---- the tail of the log --------------------------------------------------- */

static int prefill(void *arg, const struct event *e)
{
	struct api *a = arg;
	struct audience whom = audience_of(a, e);

	keep(a, e, &whom);
	note_owner(a, e);
	if (e->kind == EV_PERSON_SET || e->kind == EV_TOKEN_ISSUED ||
	    e->kind == EV_TOKEN_REVOKED)
		a->people_seq = e->seq;
	return 0;
}

/* Whoever owns a contact now may have owned it before the tail begins. */
static void guess_owners(struct api *a)
{
	const struct world *w = api_world(a);
	const struct contact *c;

	list_each(c, &w->contact_lists[CONTACT_ACTIVE], in_state)
		if (c->owner != NULL)
			set_owner(a, c->id, c->owner->id);
}

void stream_prefill(struct api *a)
{
	uint64_t last = store_committed(a->env.store);
	uint64_t from = last > RING_EVENTS ? last - RING_EVENTS + 1 : 1;
	int err;

	guess_owners(a);
	if (last == 0)
		return;
	err = store_events(a->env.store, from, RING_EVENTS, prefill, a);
	/* Without it clients get snapshots instead of what they missed. */
	if (err != 0)
		log_warn("api", "msg=no-prefill error=%s", err_name(err));
}
