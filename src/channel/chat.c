/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * chat.c - the chat channel: customers on a web page.
 *
 * Entered by the server. Turns what customers say into inputs and committed
 * events into frames for whoever listens. What must never happen here: a note
 * of an agent, or another customer's word, on a customer's page.
 */
#include "channel/chat.h"

#include <inttypes.h>

#include "base/codec.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/utf8.h"

#define TICK_MS     5000
#define WINDOW_MS   60000
#define TYPING_GAP  1000
#define KEY_PURPOSE "visitor"

const struct world *chat_world(const struct chat_room *room)
{
	return *room->env.world;
}

msec_t chat_wall(const struct chat_room *room)
{
	return clock_wall(loop_clock(room->env.loop));
}

struct visitor_scope chat_scope(const struct chat_room *room)
{
	return (struct visitor_scope){ room->key,
		str_of(chat_world(room)->workspace) };
}

/* ---- chats ------------------------------------------------------------------- */

struct chat *chat_find(struct chat_room *room, struct contact_id contact)
{
	return map_find(&room->chats, contact.v);
}

struct chat *chat_open(struct chat_room *room, struct contact_id contact)
{
	struct chat *c = chat_find(room, contact);

	if (c != NULL)
		return c;
	c = new_of(struct chat);
	c->contact = contact;
	c->last_seq = room->seen; /* older frames are the record's */
	c->next_wall = -1;
	list_init(&c->streams);
	list_init(&c->lonely);
	map_put(&room->chats, contact.v, c);
	return c;
}

static void chat_free(struct chat_room *room, struct chat *c)
{
	map_remove(&room->chats, c->contact.v);
	list_remove(&c->lonely);
	mem_free(c);
}

/* Whose end or whose page's absence is to be looked after. */
void chat_left_alone(struct chat_room *room, struct chat *c)
{
	bool ended = door_live(chat_world(room), c->contact) == NULL;

	if (!list_is_empty(&c->streams) || (!ended && !c->visited))
		return;
	list_remove(&c->lonely);
	c->since = loop_now(room->env.loop);
	list_push(&room->lonely, &c->lonely);
}

/* Left while waiting: nobody holds a place for a page that is closed. With an
 * agent it is the agent who decides how long to wait. */
static void look_after(struct chat_room *room, struct chat *c)
{
	const struct contact *contact = door_live(chat_world(room), c->contact);

	list_remove(&c->lonely);
	if (contact == NULL) {
		chat_free(room, c);
		return;
	}
	if (contact->owner == NULL)
		(void)door_leave(&room->env, c->contact, END_ABANDONED);
}

static void on_tick(void *arg)
{
	struct chat_room *room = arg;
	msec_t now = loop_now(room->env.loop);
	struct chat *c;

	while ((c = list_first(&room->lonely, struct chat, lonely)) != NULL &&
	       c->since + CHAT_LONELY_MS <= now)
		look_after(room, c);
	streams_tick(room);
	loop_timer_set(room->tick, TICK_MS);
}

/* ---- what customers do ----------------------------------------------------------- */

static int check_said(const struct said *said, struct fault *why)
{
	struct str rest = said->text;
	size_t characters = 0;
	uint32_t c;
	size_t n;

	if (said->key.n == 0 || said->key.n > CHAT_KEY_MAX)
		return fault_set(why, ERR_INVALID,
		    "key: 1 to %d bytes are needed", CHAT_KEY_MAX);
	if (str_trim(said->text).n == 0)
		return fault_set(why, ERR_INVALID, "text: empty");
	while ((n = utf8_next(rest, &c)) > 0) {
		rest = str_from(rest, n);
		characters++;
	}
	if (characters > CHAT_TEXT_MAX)
		return fault_set(why, ERR_TOO_LARGE,
		    "text: more than %d characters", CHAT_TEXT_MAX);
	return 0;
}

/* A window, not a bucket: it is easy to say and to test, and who hits its edge
 * is nobody's customer. */
static bool is_too_fast(struct chat_room *room, struct chat *c)
{
	msec_t now = loop_now(room->env.loop);

	if (c->said == 0 || now - c->window >= WINDOW_MS) {
		c->window = now;
		c->said = 0;
	}
	return ++c->said > CHAT_A_MINUTE;
}

/* A client's key counts within its contact only. */
static uint64_t key_of(struct contact_id contact, struct str key)
{
	struct buf b = { 0 };
	uint64_t number;

	put_str(&b, STR("chat message"));
	put_u64(&b, contact.v);
	put_str(&b, key);
	number = digest64(buf_str(&b));
	buf_done(&b);
	return number;
}

/* The router sees key, digest and size; the words go beside the event. */
static int post_message(struct chat_room *room, struct contact_id contact,
    enum author author, const struct said *said, struct outcome *out)
{
	struct input in = { .kind = INPUT_MESSAGE, .contact = contact };
	struct buf payload = { 0 };
	struct json_writer w;
	int err;

	jw_init(&w, &payload);
	jw_object(&w);
	jw_kstr(&w, "text", said->text);
	jw_end(&w);
	in.message.author = (uint8_t)author;
	in.message.key = key_of(contact, said->key);
	in.message.content = digest64(said->text);
	in.message.size = (uint32_t)payload.len;
	err = room->env.inlet->post(
	    room->env.inlet->host, &in, buf_str(&payload), out);
	buf_done(&payload);
	return err;
}

int chat_say(struct chat_room *room, struct contact_id contact,
    const struct said *said, struct outcome *out)
{
	*out = (struct outcome){ 0 };
	out->err = check_said(said, &out->why);
	if (out->err != 0)
		return out->err;
	/* Of one that has ended only repeated messages get an answer, the
	 * first one's: that is for the router to say. */
	if (door_live(chat_world(room), contact) != NULL &&
	    is_too_fast(room, chat_open(room, contact)))
		return out->err = fault_set(&out->why, ERR_TOO_MANY,
		           "more than %d messages a minute", CHAT_A_MINUTE);
	return post_message(room, contact, AUTHOR_CUSTOMER, said, out);
}

/* Ending twice is what was wanted, not an error: a page that closes does not
 * know whether its first request got through. */
int chat_end(struct chat_room *room, struct contact_id contact)
{
	const struct contact *c = door_live(chat_world(room), contact);

	if (c == NULL)
		return 0; /* it is what was wanted */
	return door_leave(&room->env, contact,
	    c->owner == NULL ? END_ABANDONED : END_CUSTOMER_LEFT);
}

/* What a customer is told is part of the timeline, so it is a message. */
void chat_greet(
    struct chat_room *room, struct contact_id contact, const char *greeting)
{
	struct said said = { STR("greeting"), str_of(greeting) };
	struct outcome out;

	if (greeting == NULL || door_live(chat_world(room), contact) == NULL)
		return;
	if (post_message(room, contact, AUTHOR_SYSTEM, &said, &out) != 0)
		log_warn("chat", "msg=not-greeted contact=c%" PRIu64 " why=%s",
		    contact.v, err_name(out.err));
}

/* ---- what happens ----------------------------------------------------------------- */

/* Offers are the house's own affair, until one is accepted. */
static bool changes_state(const struct event *e)
{
	if (e->kind == EV_OFFER_SETTLED)
		return e->settled.end == OFFER_ACCEPTED;
	return e->kind == EV_CONTACT_QUEUED || e->kind == EV_CONTACT_STARTED ||
	       e->kind == EV_CONTACT_TRANSFERRED || e->kind == EV_CONTACT_ENDED;
}

/* All is said. Polls were answered by the frame of the end. */
static void close_sockets(struct chat_room *room, struct chat *c)
{
	struct stream *s;
	struct stream *next;

	list_each_safe(s, next, &c->streams, link) {
		if (s->poll || s->reading)
			continue; /* told and closed when caught up */
		net_close(room->env.net, s->peer, 1000, "ended");
		stream_free(room, s);
	}
}

/* Takes the text. An event that customers are not shown has none. */
static void tell(struct chat_room *room, struct chat *c, bool message,
    const struct event *e, struct buf *text)
{
	struct chat_frame f = { e->seq, message, buf_str(text) };

	if (text->len > 0)
		stream_tell(room, c, &f);
	buf_done(text);
}

static void tell_state(
    struct chat_room *room, struct chat *c, const struct event *e)
{
	struct buf text = { 0 };

	chat_put_state(chat_world(room), c->contact, e->seq, &text);
	tell(room, c, false, e, &text);
	if (e->kind == EV_CONTACT_ENDED) {
		close_sockets(room, c);
		chat_left_alone(room, c);
	}
}

static void tell_closed(
    struct chat_room *room, struct chat *c, const struct event *e)
{
	struct buf text = { 0 };

	c->closed = true;
	c->action = (enum closed_action)e->closed.action;
	c->next_wall = e->closed.next_wall;
	chat_put_closed(chat_world(room), c, e->seq, &text);
	tell(room, c, false, e, &text);
}

static void on_event(void *arg, const struct event *e)
{
	struct chat_room *room = arg;
	struct chat *c = chat_find(room, e->contact);
	struct buf text = { 0 };

	room->seen = e->seq;
	if (c == NULL)
		return;
	if (changes_state(e)) {
		tell_state(room, c, e);
	} else if (e->kind == EV_CONTACT_CLOSED) {
		tell_closed(room, c, e);
	} else {
		(void)chat_put_event(chat_world(room), e, &text);
		tell(room, c, true, e, &text);
	}
}

/* Not durable and not held back: it is true now or worthless. */
static void on_typing(void *arg, struct contact_id contact)
{
	struct chat_room *room = arg;
	struct chat *c = chat_find(room, contact);
	struct stream *s;

	if (c == NULL)
		return;
	list_each(s, &c->streams, link)
		if (!s->poll)
			net_send_now(room->env.net, s->peer,
			    STR("{\"type\":\"typing\"}"));
}

/* A WebSocket or the connection of a poll. */
static void on_gone(void *arg, struct peer p, enum net_gone why)
{
	struct chat_room *room = arg;
	struct stream *s = stream_find(room, p);

	(void)why;
	if (s != NULL)
		stream_free(room, s);
}

/* ---- the table ---------------------------------------------------------------------- */

static void on_rules(void *arg)
{
	struct chat_room *room = arg;

	if (chat_world(room)->rules != NULL)
		tokens_load(
		    &room->tokens, chat_world(room)->rules, CHANNEL_CHAT);
}

static int start(const struct channel_env *env, void **out, struct fault *why)
{
	struct chat_room *room = new_of(struct chat_room);
	int err = secret_key(env->data_dir, KEY_PURPOSE, room->key, why);

	if (err != 0) {
		mem_free(room);
		return err;
	}
	room->env = *env;
	room->seen = chat_world(room)->seq;
	list_init(&room->lonely);
	list_init(&room->arriving);
	list_init(&room->reading);
	room->tick = loop_timer_new(env->loop, on_tick, room);
	loop_timer_set(room->tick, TICK_MS);
	on_rules(room);
	*out = room;
	return 0;
}

static void stop(void *arg)
{
	struct chat_room *room = arg;
	struct map_slot *slot;

	streams_done(room);
	chat_arriving_done(room);
	while ((slot = map_next(&room->chats, NULL)) != NULL)
		chat_free(room, slot->value);
	map_done(&room->chats);
	tokens_done(&room->tokens);
	loop_timer_free(room->tick);
	mem_free(room);
}

const struct channel_ops channel_chat = {
	.name = "chat",
	.start = start,
	.stop = stop,
	.rows = chat_rows,
	.row_count = CHAT_ROWS,
	.message = chat_on_message,
	.gone = on_gone,
	.on_event = on_event,
	.on_rules = on_rules,
	.typing = on_typing,
};
