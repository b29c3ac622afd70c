/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * session.c - the table of message peers, and what each remembers.
 *
 * Entered by the listeners' apps, the login and the stream. One agent has one
 * session: the newest. Nothing here outlives its peer: what must survive a
 * lost connection is in the log and comes back by resume or snapshot.
 */
#include "api/session.h"

#include "api/frame.h"
#include "base/check.h"
#include "base/log.h"
#include "base/mem.h"

static uint64_t peer_key(struct peer p)
{
	return (uint64_t)p.slot << 32 | p.generation;
}

struct session *session_find(struct api *a, struct peer p)
{
	return map_find(&a->session_by_peer, peer_key(p));
}

/* 0 is nobody: sessions without an agent are not in this map. */
struct session *session_of_agent(struct api *a, struct agent_id agent)
{
	if (!id_is_set(agent))
		return NULL;
	return map_find(&a->session_by_agent, agent.v);
}

struct session *session_open(
    struct api *a, struct peer p, enum session_kind kind)
{
	struct session *s = new_of(struct session);

	s->api = a;
	s->peer = p;
	s->kind = kind;
	s->opened = s->heard = s->minute = loop_now(a->env.loop);
	buf_init(&s->held, HELD_BYTES_MAX);
	list_push(&a->sessions, &s->link);
	check(map_put(&a->session_by_peer, peer_key(p), s) == NULL);
	if (kind == SESSION_CONTROL) {
		/* Whoever may open the socket's file is trusted. */
		s->state = SESSION_IN;
		s->person_role = ROLE_ADMIN;
		str_copy(s->name, sizeof(s->name), STR("control"));
		net_trust(a->env.net, p);
	}
	return s;
}

/* Its frames and answers end here; the agent may already be another's. */
static void detach_agent(struct session *s)
{
	if (session_of_agent(s->api, s->agent) == s)
		map_remove(&s->api->session_by_agent, s->agent.v);
	s->agent.v = 0;
	s->number = 0;
}

/* Commands under way live on without it; their answers find nobody. */
static void session_free(struct session *s)
{
	unsigned i;

	detach_agent(s);
	map_remove(&s->api->session_by_peer, peer_key(s->peer));
	list_remove(&s->link);
	for (i = 0; s->answers != NULL && i < ANSWERS_MAX; i++)
		mem_free(s->answers[i].text);
	mem_free(s->answers);
	buf_done(&s->held);
	mem_free(s);
}

void session_gone(struct session *s)
{
	const struct inlet *inlet = s->api->env.inlet;
	struct input in = { .kind = INPUT_GONE, .agent = s->agent };

	if (s->number != 0) {
		in.session.session = s->number;
		/* Refused when a newer session has won: nothing is lost. */
		(void)inlet->post(inlet->host, &in, STR_NONE, NULL);
	}
	session_free(s);
}

void sessions_free(struct api *a)
{
	struct session *s, *next;

	list_each_safe(s, next, &a->sessions, link)
		session_free(s);
	map_done(&a->session_by_peer);
	map_done(&a->session_by_agent);
}

enum role effective_role(
    const struct world *w, struct agent_id agent, enum role person)
{
	const struct agent *a = world_agent(w, agent);
	const struct rule_agent *rule;

	if (a == NULL || w->rules == NULL)
		return person;
	rule = agent_rule(w->rules, a);
	/* `agent` is what the file says when it says nothing. */
	if (rule == NULL || rule->role == ROLE_AGENT)
		return person;
	return rule->role;
}

enum role session_role(const struct session *s)
{
	if (s->state != SESSION_IN || s->closing)
		return ROLE_NONE;
	return effective_role(api_world(s->api), s->agent, s->person_role);
}

void session_cut(struct session *s, unsigned code, const char *why)
{
	s->closing = true;
	net_close(s->api->env.net, s->peer, code, why);
}

void session_end(struct session *s, unsigned code, const char *why)
{
	detach_agent(s);
	session_cut(s, code, why);
}

/* The old peer is told before it is closed: a client that reconnected by
 * itself must not fight for the agent with its own ghost. */
void session_take_agent(struct session *s, struct agent_id agent)
{
	struct session *old = session_of_agent(s->api, agent);
	struct buf text = { 0 };

	if (old != NULL && old != s) {
		frame_conflict(&text);
		net_send(s->api->env.net, old->peer, buf_str(&text));
		session_end(old, CLOSE_CONFLICT, "signed in elsewhere");
	}
	buf_done(&text);
	s->agent = agent;
	map_put(&s->api->session_by_agent, agent.v, s);
}

/* A frame has no line end of its own: the writer escapes them. */
static void send_lines(struct session *s, struct str frames)
{
	while (frames.n > 0)
		net_send(s->api->env.net, s->peer, str_next(&frames, '\n'));
}

void session_send(struct session *s, uint64_t seq, struct str frames)
{
	if (s->closing || (seq != 0 && seq <= s->synced))
		return;
	if (!s->syncing) {
		send_lines(s, frames);
		return;
	}
	buf_add_str(&s->held, frames);
	buf_add_char(&s->held, '\n');
	if (s->held.failed) {
		log_warn("api", "msg=behind agent=%s", s->name);
		session_cut(s, CLOSE_BEHIND, "too far behind");
	}
}

void session_synced(struct session *s)
{
	s->syncing = false;
	send_lines(s, buf_str(&s->held));
	buf_done(&s->held);
}

void session_heard(struct session *s)
{
	msec_t now = loop_now(s->api->env.loop);

	s->heard = now;
	if (now - s->minute >= 60 * 1000) {
		s->minute = now;
		s->spoken = 0;
	}
	s->spoken++;
}

bool session_is_too_fast(const struct session *s)
{
	return s->kind != SESSION_CONTROL && s->spoken > MESSAGES_A_MINUTE;
}

void sessions_sweep(struct api *a)
{
	msec_t now = loop_now(a->env.loop);
	struct session *s;

	/* The net pings WebSockets itself; a line has only its own word. A
	 * stranger's pings are no reason to keep a place. */
	list_each(s, &a->sessions, link)
		if (s->kind == SESSION_LINES && now - s->heard > SILENCE_MS)
			session_cut(s, CLOSE_SILENT, "no ping in a minute");
		else if (s->state == SESSION_NEW &&
		         now - s->opened > SILENCE_MS)
			session_cut(s, CLOSE_SILENT, "no login in a minute");
}

struct answer *answer_find(struct session *s, struct str id)
{
	unsigned i;

	for (i = 0; s->answers != NULL && i < ANSWERS_MAX; i++)
		if (s->answers[i].used && str_is(id, s->answers[i].id))
			return &s->answers[i];
	return NULL;
}

/* The oldest of the ids makes room: a client that repeats a command does so
 * after a lost line, not 256 commands later. */
void answer_begin(struct session *s, struct str id, uint64_t content)
{
	struct answer *x;

	if (s->answers == NULL)
		s->answers = new_array(struct answer, ANSWERS_MAX);
	x = &s->answers[s->next_answer];
	s->next_answer = (s->next_answer + 1) % ANSWERS_MAX;
	mem_free(x->text);
	*x = (struct answer){ .content = content, .used = true };
	str_copy(x->id, sizeof(x->id), id);
}

void answer_finish(struct session *s, struct str id, struct str text)
{
	struct answer *x = answer_find(s, id);

	if (x == NULL || x->text != NULL)
		return;
	x->text = mem_text_n(text.p, text.n);
}

void answer_forget(struct session *s, struct str id)
{
	struct answer *x = answer_find(s, id);

	if (x != NULL && x->text == NULL)
		x->used = false;
}
