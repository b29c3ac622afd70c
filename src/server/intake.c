/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * intake.c - inputs in, decisions made, events into the log.
 *
 * Entered through the inlet by channels and the API, and by this floor's own
 * clocks. Nobody else calls route_step(). What must never happen here: an
 * event that is applied but not appended, or a post that waits for anything.
 */
#include "server/intake.h"

#include "base/check.h"
#include "base/crypto.h"
#include "base/mem.h"
#include "base/rng.h"

/* Where the digest of the payload goes, for inputs that have one. */
static uint8_t *digest_of(struct input *in)
{
	switch (in->kind) {
	case INPUT_ARRIVE:
	case INPUT_PARSED:
	case INPUT_START_CONTACT:
		return in->arrive.digest;
	case INPUT_MESSAGE:
		return in->message.digest;
	case INPUT_PERSON:
		return in->person.digest;
	default:
		return NULL;
	}
}

/* The log knows the digest only; without the salt beside the payload nobody
 * can guess a short text back from it (design part 6). */
static void seal(struct input *in, struct str body, struct payload *out)
{
	uint8_t *digest = digest_of(in);
	struct digest *d;

	rng_bytes(out->salt, sizeof(out->salt));
	out->body = body;
	in->payload = out;
	if (digest == NULL)
		return;
	d = digest_new();
	digest_add(d, out->salt, sizeof(out->salt));
	digest_add(d, body.p, body.n);
	digest_end(d, digest);
}

struct intake *intake_new(struct server *s, uint64_t next_identifier)
{
	struct intake *k = new_of(struct intake);
	const struct world *w = s->world;
	msec_t labelled = clock_wall(s->clock) - w->wall_offset;

	/* Law 3: never back, and the time the house was down counts. */
	k->router_zero = labelled > w->now ? labelled : w->now;
	k->mono_zero = loop_now(s->loop);
	k->wake_at = -1;
	intern_init(&k->intern, next_identifier);
	list_init(&k->reading);
	list_init(&k->settled);
	store_status(s->store, &k->status);
	return k;
}

void intake_free(struct intake *k)
{
	if (k == NULL)
		return;
	arrivals_free(k);
	intern_done(&k->intern);
	decision_done(&k->decision);
	mem_free(k);
}

msec_t server_now(const struct server *s)
{
	const struct intake *k = s->intake;
	msec_t now = k->router_zero + loop_now(s->loop) - k->mono_zero;

	return now > s->world->now ? now : s->world->now;
}

int intake_post(
    void *host, struct input *in, struct str body, struct outcome *out)
{
	struct server *s = host;
	struct decision *d = &s->intake->decision;
	struct payload payload;
	size_t i;
	int err;

	in->at = server_now(s);
	if (body.n > 0)
		seal(in, body, &payload);
	err = route_step(s->world, in, d);
	in->payload = NULL;
	for (i = 0; i < d->count; i++)
		store_append(s->store, &d->events[i]);
	s->intake->wake_at = d->wake_at;
	/* Law 1: what is written from here on has seen these events. */
	net_mark(s->net, s->world->seq);
	if (out != NULL)
		*out = d->outcome;
	return err;
}

/* One step per turn: a decision that stopped at its limit of moves asks to be
 * woken at once, and sockets get their turn in between. */
static void tick(struct server *s)
{
	struct intake *k = s->intake;
	struct input in = { .kind = INPUT_TICK };
	msec_t now = server_now(s);

	if (k->wake_at >= 0 && k->wake_at <= now)
		(void)intake_post(s, &in, STR_NONE, NULL);
	if (k->wake_at < 0)
		loop_timer_set(s->wake, -1);
	else if (k->wake_at <= now)
		loop_wake(s->loop);
	else
		loop_timer_set(s->wake, k->wake_at - now);
}

void intake_turn(struct server *s)
{
	store_status(s->store, &s->intake->status);
	arrivals_settle(s);
	tick(s);
}
