/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * api.c - the front of the room: made, freed, and what the net calls.
 *
 * Entered by the server only. Peers' words go to command.c, requests to
 * http.c, committed events to stream.c.
 */
#include "api/api.h"

#include "api/command.h"
#include "api/frame.h"
#include "api/http.h"
#include "api/stream.h"
#include "base/mem.h"

#define SWEEP_MS 5000

void ask_open(struct api *a, struct ask *k, ask_drop_fn drop)
{
	k->drop = drop;
	list_push(&a->asks, &k->link);
}

void ask_close(struct ask *k)
{
	list_remove(&k->link);
}

void ask_drop(struct ask *k)
{
	k->drop(k);
}

msec_t api_now(const struct api *a)
{
	const struct world *w = api_world(a);
	msec_t now = clock_wall(loop_clock(a->env.loop)) - w->wall_offset;

	/* The wall clock may have jumped; router time never goes back. */
	return now > w->now ? now : w->now;
}

/* Every 5 s is often enough for a limit of 60. */
static void on_sweep(void *arg)
{
	struct api *a = arg;

	sessions_sweep(a);
	loop_timer_set(a->sweep, SWEEP_MS);
}

/* The tail of the log is read before the doors open: who resumes at once
 * finds it. */
struct api *api_new(const struct api_env *env)
{
	struct api *a = new_of(struct api);

	a->env = *env;
	list_init(&a->sessions);
	list_init(&a->asks);
	ring_init(&a->ring, RING_BYTES);
	guard_init(&a->guard);
	hasher_init(&a->hasher, env->work);
	pages_load(&a->pages, env->web_dir);
	http_rows_make(a);
	stream_prefill(a);
	a->sweep = loop_timer_new(env->loop, on_sweep, a);
	loop_timer_set(a->sweep, SWEEP_MS);
	return a;
}

void api_free(struct api *a)
{
	struct ask *k;

	if (a == NULL)
		return;
	loop_timer_free(a->sweep);
	while ((k = list_first(&a->asks, struct ask, link)) != NULL)
		ask_drop(k);
	hasher_done(&a->hasher);
	sessions_free(a);
	map_done(&a->owners);
	ring_done(&a->ring);
	guard_done(&a->guard);
	pages_done(&a->pages);
	mem_free(a->rows);
	mem_free(a);
}

/* ---- message peers -------------------------------------------------------- */

static void on_agent_open(void *arg, struct peer p)
{
	session_open(arg, p, SESSION_LINES);
}

static void on_control_open(void *arg, struct peer p)
{
	session_open(arg, p, SESSION_CONTROL);
}

static void on_message(void *arg, struct peer p, struct str text)
{
	(void)api_message(arg, p, text);
}

static void on_gone(void *arg, struct peer p, enum net_gone why)
{
	api_gone(arg, p, why);
}

struct net_app api_agent_app(struct api *a)
{
	return (struct net_app){ .arg = a,
		.open = on_agent_open,
		.message = on_message,
		.gone = on_gone };
}

struct net_app api_control_app(struct api *a)
{
	struct net_app app = api_agent_app(a);

	app.open = on_control_open;
	return app;
}

bool api_message(struct api *a, struct peer p, struct str text)
{
	struct session *s = session_find(a, p);

	if (s == NULL)
		return false;
	command_message(s, text);
	return true;
}

void api_gone(struct api *a, struct peer p, enum net_gone why)
{
	struct session *s = session_find(a, p);

	(void)why;
	if (s != NULL)
		session_gone(s);
}

void api_on_event(struct api *a, const struct event *e)
{
	stream_event(a, e);
}

/* Not held back: it derives from no state. Not kept either: a client that
 * is still catching up has missed nothing. */
void api_typing(struct api *a, struct contact_id contact)
{
	const struct contact *c = world_contact(api_world(a), contact);
	struct session *s;
	struct buf frame = { 0 };

	if (c == NULL || c->owner == NULL)
		return;
	s = session_of_agent(a, c->owner->id);
	if (s == NULL || s->syncing || s->closing)
		return;
	frame_typing(&frame, contact);
	net_send_now(a->env.net, s->peer, buf_str(&frame));
	buf_done(&frame);
}

struct http_table api_http(struct api *a)
{
	return (struct http_table){ a->rows, a->row_count, a };
}
