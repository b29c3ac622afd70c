/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * chat_ws.c - the chat over a WebSocket.
 *
 * Entered by the row that upgrades and by the server with every message of a
 * peer it does not know. The first message must bring the contact's token; a
 * token is never in the URL, where logs and referrers would keep it.
 */
#include <stddef.h>

#include "channel/chat.h"

#define TYPING_GAP_MS 1000
#define SEQ_MAX       (INT64_C(1) << 53)

struct first {
	struct str token;
	int64_t after;
};
static const struct json_field first_fields[] = {
	{ "token", WANT_STR, true, offsetof(struct first, token), 1, 256 },
	{ "after", WANT_INT, false, offsetof(struct first, after), 0, SEQ_MAX },
	JSON_FIELD_END,
};

struct frame {
	struct str type;
	struct said said;
};
#define F(name, needed, member, most)                                          \
	{                                                                      \
		name, WANT_STR, needed, offsetof(struct frame, member), 1,     \
		    most                                                       \
	}
static const struct json_field say_fields[] = {
	F("type", true, type, 16),
	F("key", true, said.key, CHAT_KEY_MAX),
	F("text", true, said.text, CHAT_TEXT_MAX * 4),
	JSON_FIELD_END,
};
static const struct json_field bare_fields[] = {
	F("type", true, type, 16),
	JSON_FIELD_END,
};
#undef F

static void say(struct chat_room *room, struct stream *s, struct buf *text)
{
	net_send(room->env.net, s->peer, buf_str(text));
	buf_done(text);
}

static void say_error(struct chat_room *room, struct stream *s, struct str key,
    const struct fault *why)
{
	struct buf text = { 0 };

	chat_put_error(key, why, &text);
	say(room, s, &text);
}

/* ---- the first message ------------------------------------------------------------ */

static int check_first(struct chat_room *room, const struct stream *s,
    const struct first *first, struct fault *why)
{
	struct visitor_scope scope = chat_scope(room);

	if (visitor_token_is_good(
	        &scope, first->token, s->contact, chat_wall(room)))
		return 0;
	return fault_set(
	    why, ERR_AUTH, "the token is not of this chat, or is too old");
}

static void on_first(
    struct chat_room *room, struct stream *s, const struct json *tree)
{
	struct first first = { 0 };
	struct fault why;
	int err = json_take(tree, first_fields, &first, &why);

	if (err == 0)
		err = check_first(room, s, &first, &why);
	if (err == 0) {
		net_trust(room->env.net, s->peer);
		stream_join(room, s, (uint64_t)first.after);
		return;
	}
	say_error(room, s, STR_NONE, &why);
	net_close(room->env.net, s->peer, 1008, "sign in first");
	stream_free(room, s);
}

/* ---- later ones -------------------------------------------------------------------- */

static int on_say(struct chat_room *room, struct stream *s,
    const struct json *tree, struct fault *why)
{
	struct frame f = { 0 };
	struct outcome out = { 0 };
	struct buf text = { 0 };
	int err = json_take(tree, say_fields, &f, why);

	if (err != 0)
		return err;
	err = chat_say(room, s->contact, &f.said, &out);
	if (err == 0) {
		chat_put_ack(
		    f.said.key, out.message, chat_world(room)->seq, &text);
		say(room, s, &text);
		return 0;
	}
	out.why.code = err;
	say_error(room, s, f.said.key, &out.why);
	return 0;
}

static int on_typing(struct chat_room *room, struct stream *s,
    const struct json *tree, struct fault *why)
{
	const struct inlet *inlet = room->env.inlet;
	msec_t now = loop_now(room->env.loop);
	struct frame f = { 0 };
	int err = json_take(tree, bare_fields, &f, why);

	if (err != 0 || now - s->chat->typed < TYPING_GAP_MS)
		return err;
	s->chat->typed = now;
	if (inlet->typing != NULL)
		inlet->typing(inlet->host, s->contact, AUTHOR_CUSTOMER);
	return 0;
}

static int on_end(struct chat_room *room, struct stream *s,
    const struct json *tree, struct fault *why)
{
	struct frame f = { 0 };
	int err = json_take(tree, bare_fields, &f, why);

	if (err == 0)
		err = chat_end(room, s->contact);
	return err; /* the state that follows tells of it */
}

static int on_frame(struct chat_room *room, struct stream *s,
    const struct json *tree, struct fault *why)
{
	struct str type = json_str(json_get(tree, "type"));

	if (str_is(type, "say"))
		return on_say(room, s, tree, why);
	if (str_is(type, "typing"))
		return on_typing(room, s, tree, why);
	if (str_is(type, "end"))
		return on_end(room, s, tree, why);
	return fault_set(why, ERR_INVALID, "type: say, typing or end");
}

/* Frames that are refused cost something too. */
static bool is_flood(struct chat_room *room, struct stream *s)
{
	msec_t now = loop_now(room->env.loop);

	if (s->frames == 0 || now - s->window >= 60000) {
		s->window = now;
		s->frames = 0;
	}
	return ++s->frames > CHAT_FRAMES_A_MINUTE;
}

bool chat_on_message(void *arg, struct peer p, struct str text)
{
	struct chat_room *room = arg;
	struct stream *s = stream_find(room, p);
	struct json *tree = NULL;
	struct fault why = { 0 };
	int err;

	if (s == NULL || s->poll)
		return false;
	if (is_flood(room, s)) {
		net_close(room->env.net, p, 1008, "too many frames");
		stream_free(room, s);
		return true;
	}
	err = json_parse(text, 0, &tree, &why);
	if (s->chat == NULL) {
		on_first(room, s, tree);
	} else {
		if (err == 0)
			err = on_frame(room, s, tree, &why);
		why.code = err;
		if (err != 0)
			say_error(room, s, STR_NONE, &why);
	}
	json_free(tree);
	return true;
}

void chat_on_upgrade(void *arg, const struct http_call *call)
{
	struct chat_room *room = arg;
	struct chat_visit v;

	if (!chat_visit(room, call, &v))
		return;
	/* A handshake that is none was answered by the net. */
	if (net_upgrade(room->env.net, call->peer, call->rq, NULL) == 0)
		(void)stream_new(room, call->peer, v.contact);
}
