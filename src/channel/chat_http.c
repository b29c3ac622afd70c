/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * chat_http.c - the HTTP rows of the chat: arrive, say, poll, end.
 *
 * Entered by the row dispatcher; doc/chat.md is the protocol. Every row first
 * asks whether the page may use this door, every row but the first whether the
 * token is of this contact. No cookie is ever read: a page of another site has
 * nothing of the customer's to send along.
 */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "channel/chat.h"
#include "channel/number.h"

#define ARRIVE_BODY_MAX ((size_t)64 * 1024)
#define SAY_BODY_MAX    ((size_t)32 * 1024)

/* ---- answers ------------------------------------------------------------------ */

static void answer(struct chat_room *room, struct peer p, int status,
    const char *cors, struct str body)
{
	struct http_answer a = {
		.status = status, .body = body, .extra = cors
	};

	if (body.n > 0)
		a.type = "application/json";
	net_answer(room->env.net, p, &a);
}

/* Also to a page of another origin: without its CORS lines it could not read
 * what was wrong. */
static void refuse(struct chat_room *room, struct peer p, const char *cors,
    const struct fault *why)
{
	struct buf space = { 0 };
	struct buf extra = { 0 };
	struct http_answer a = http_problem(why->code,
	    why->text[0] != '\0' ? why->text : err_text(why->code), &space);

	buf_add_text(&extra, cors == NULL ? "" : cors);
	if (err_retryable(why->code))
		buf_add_text(&extra, "Retry-After: 5\r\n");
	if (extra.len > 0)
		a.extra = extra.data;
	net_answer(room->env.net, p, &a);
	buf_done(&extra);
	buf_done(&space);
}

static void refuse_with(struct chat_room *room, struct peer p, const char *cors,
    int err, const char *text)
{
	struct fault why;

	fault_set(&why, err, "%s", text);
	refuse(room, p, cors, &why);
}

/* ---- who may come in ------------------------------------------------------------ */

static const char *listed_origin(
    const struct rule_entrance *door, struct str origin)
{
	for (size_t i = 0; i < door->origin_count; i++)
		if (str_is(origin, door->origins[i]))
			return door->origins[i];
	return NULL;
}

/* A page must be listed. A program sends no Origin, and no cookies either:
 * both together is a browser that hides where it comes from. */
static int check_origin(const struct rule_entrance *door,
    const struct http_request *rq, char *cors, size_t cors_size)
{
	struct str origin = http_field(rq, "Origin");
	const char *listed = listed_origin(door, origin);

	cors[0] = '\0';
	if (listed != NULL)
		(void)snprintf(cors, cors_size,
		    "Access-Control-Allow-Origin: %s\r\nVary: Origin\r\n",
		    listed);
	else if (origin.n > 0 || http_field(rq, "Cookie").n > 0)
		return ERR_DENIED;
	return 0;
}

bool chat_visit(struct chat_room *room, const struct http_call *call,
    struct chat_visit *out)
{
	const struct world *w = chat_world(room);

	*out = (struct chat_visit){ 0 };
	if (str_is(call->params[0], w->workspace))
		out->door = door_find(w, call->params[1], CHANNEL_CHAT);
	if (out->door == NULL || out->door->kind != ENTRANCE_CHANNEL) {
		refuse_with(
		    room, call->peer, NULL, ERR_NOT_FOUND, "no such chat");
		return false;
	}
	if (check_origin(out->door, call->rq, out->cors, sizeof(out->cors)) !=
	    0) {
		refuse_with(room, call->peer, NULL, ERR_DENIED,
		    "this chat is not open to that page");
		return false;
	}
	if (call->params[2].n > 0 &&
	    id_parse('c', call->params[2], &out->contact.v) != 0)
		out->contact.v = 0;
	return true;
}

/* As chat_visit(), and the token must be of the contact of the path. */
static bool visit_with_token(struct chat_room *room,
    const struct http_call *call, struct chat_visit *out)
{
	struct visitor_scope scope = chat_scope(room);

	if (!chat_visit(room, call, out))
		return false;
	if (visitor_token_is_good(
	        &scope, http_bearer(call->rq), out->contact, chat_wall(room)))
		return true;
	refuse_with(room, call->peer, out->cors, ERR_AUTH,
	    "the token is not of this chat, or is too old");
	return false;
}

/* ---- arriving --------------------------------------------------------------------- */

struct arrive_body {
	struct str text, name, language, mail, phone, visitor, identity, key;
	const struct json *attributes;
};
#define B(member, needed, least, most)                                         \
	{                                                                      \
#member, WANT_STR, needed,                                     \
		    offsetof(struct arrive_body, member), least, most          \
	}
static const struct json_field arrive_fields[] = {
	B(text, true, 0, CHAT_TEXT_MAX * 4),
	B(name, false, 0, 256),
	B(language, false, 0, 16),
	B(mail, false, 0, 320),
	B(phone, false, 0, 64),
	B(visitor, false, 0, 256),
	B(identity, false, 0, 4096),
	B(key, true, 1, CHAT_KEY_MAX),
	{ "attributes", WANT_ANY, false,
	    offsetof(struct arrive_body, attributes), 0, 0 },
	JSON_FIELD_END,
};
#undef B

/* An arrival on its way through the intake; its texts live here. */
struct arriving {
	struct list link; /* in room.arriving */
	struct chat_room *room;
	struct peer peer;
	char *cors;
	char *greeting;
	struct buf visitor;
};

static void arriving_free(struct arriving *a)
{
	list_remove(&a->link);
	buf_done(&a->visitor);
	mem_free(a->cors);
	mem_free(a->greeting);
	mem_free(a);
}

void chat_arriving_done(struct chat_room *room)
{
	struct arriving *a;

	while ((a = list_first(&room->arriving, struct arriving, link)) != NULL)
		arriving_free(a);
}

/* Made anew for a repeated request: the token is longer good, the contact is
 * the same. */
static void answer_arrived(struct arriving *a, struct contact_id contact)
{
	struct chat_room *room = a->room;
	struct visitor_scope scope = chat_scope(room);
	struct buf body = { 0 };
	struct buf part = { 0 };
	struct json_writer w;

	visitor_token(&scope, contact, chat_wall(room), &part);
	jw_init(&w, &body);
	jw_object(&w);
	jw_kid(&w, "contact", 'c', contact.v);
	jw_kstr(&w, "token", buf_str(&part));
	jw_kstr(&w, "visitor", buf_str(&a->visitor));
	/* The resume point: a listener that asks from here misses nothing. */
	jw_ku64(&w, "seq", room->seen);
	if (a->greeting != NULL)
		jw_ktext(&w, "greeting", a->greeting);
	buf_clear(&part);
	chat_put_state(chat_world(room), contact, room->seen, &part);
	jw_key(&w, "state");
	jw_raw(&w, buf_str(&part));
	jw_end(&w);
	answer(room, a->peer, 201, a->cors, buf_str(&body));
	buf_done(&part);
	buf_done(&body);
}

static void on_arrived(void *arg, const struct outcome *out)
{
	struct arriving *a = arg;
	struct chat_room *room = a->room;
	struct fault why = out->why;

	why.code = out->err;
	if (out->err != 0) {
		refuse(room, a->peer, a->cors, &why);
	} else {
		/* A chat that is over already is looked after from now. */
		chat_left_alone(room, chat_open(room, out->contact));
		answer_arrived(a, out->contact);
		if (!out->repeated)
			chat_greet(room, out->contact, a->greeting);
	}
	arriving_free(a);
}

/* A number, or as it was typed. */
static struct str typed_number(
    const struct rule_entrance *door, struct str typed, char space[NUMBER_TEXT])
{
	if (number_normalise(typed, door->country, space))
		return str_of(space);
	return str_trim(typed);
}

static struct str lower(struct str s, char *space, size_t size)
{
	if (!str_copy(space, size, str_trim(s)))
		return STR_NONE;
	for (char *p = space; *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	return str_of(space);
}

struct spaces { /* for normalised texts of one arrival */
	char phone[NUMBER_TEXT];
	char mail[324];
	char claimed_phone[NUMBER_TEXT];
	char claimed_mail[324];
};

struct guest { /* what the page said, and what the site signed */
	struct arrive_body said;
	struct identity id;
};

static bool is_signed_in(const struct guest *g)
{
	return g->id.tree != NULL;
}

/* The strongest first: there is room for four. Of somebody who is signed in
 * the browser says nothing: others may use it too. */
static void present(const struct arriving *a, const struct guest *g,
    const struct rule_entrance *door, struct arrival *out, struct spaces *s)
{
	struct str visitor = buf_str(&a->visitor);

	door_present(out, IDENTIFIER_ACCOUNT, LEVEL_VERIFIED, g->id.account);
	door_present(out, IDENTIFIER_MAIL, LEVEL_VERIFIED,
	    lower(g->id.mail, s->mail, sizeof(s->mail)));
	door_present(out, IDENTIFIER_PHONE, LEVEL_VERIFIED,
	    typed_number(door, g->id.phone, s->phone));
	/* Its name only: agents read identifiers, and who has the whole of it
	 * is believed to be that browser. */
	if (!is_signed_in(g))
		door_present(out, IDENTIFIER_VISITOR, LEVEL_VERIFIED,
		    str_sub(visitor, 0, str_find(visitor, '.')));
	door_present(out, IDENTIFIER_MAIL, LEVEL_CLAIMED,
	    lower(g->said.mail, s->claimed_mail, sizeof(s->claimed_mail)));
	door_present(out, IDENTIFIER_PHONE, LEVEL_CLAIMED,
	    typed_number(door, g->said.phone, s->claimed_phone));
}

static int check_body(const struct arrive_body *b, struct fault *why)
{
	const struct json *v;
	struct str name;

	if (b->attributes == NULL)
		return 0;
	if (json_type(b->attributes) != JSON_OBJECT ||
	    json_count(b->attributes) > ATTRIBUTES_MAX)
		return fault_set(why, ERR_INVALID,
		    "attributes: not an object of at most %d texts",
		    ATTRIBUTES_MAX);
	for (size_t i = 0; json_member(b->attributes, i, &name, &v); i++)
		if (json_type(v) != JSON_STRING || name.n > 64 ||
		    json_str(v).n > 512)
			return fault_set(why, ERR_INVALID,
			    "attributes: number %zu is not a short text",
			    i + 1);
	return 0;
}

/* What is too long to say is too long to arrive with. */
static int check_text(struct str text, struct fault *why)
{
	size_t characters = 0;

	for (size_t i = 0; i < text.n; i++)
		characters += ((unsigned char)text.p[i] & 0xc0) != 0x80;
	if (characters > CHAT_TEXT_MAX)
		return fault_set(why, ERR_TOO_LARGE,
		    "text: more than %d characters", CHAT_TEXT_MAX);
	return 0;
}

/* The visitor of a first visit comes from the request's key: asked again, the
 * same one comes out, or the repeated request would have other content. */
static struct arriving *arriving_new(struct chat_room *room,
    const struct http_call *call, const struct chat_visit *v,
    const struct arrive_body *b)
{
	struct arriving *a = new_of(struct arriving);
	struct visitor_scope scope = chat_scope(room);
	const char *greeting =
	    door_text(chat_world(room), v->door, "greeting", b->language);

	a->room = room;
	a->peer = call->peer;
	a->cors = mem_text(v->cors);
	if (greeting != NULL)
		a->greeting = mem_text(greeting);
	/* One that is not ours says nothing: a fresh one is made. */
	if (visitor_is_ours(&scope, b->visitor))
		buf_add_str(&a->visitor, b->visitor);
	else
		visitor_make(&scope, b->key, &a->visitor);
	list_init(&a->link);
	list_push(&room->arriving, &a->link);
	return a;
}

static int arrive(struct chat_room *room, const struct http_call *call,
    const struct chat_visit *v, const struct guest *g)
{
	const struct inlet *inlet = room->env.inlet;
	struct arrival a = { .channel = CHANNEL_CHAT };
	struct arriving *arg = arriving_new(room, call, v, &g->said);
	struct spaces spaces;
	int err;

	a.entrance = str_of(v->door->name);
	a.key = g->said.key;
	a.text = g->said.text;
	a.name = g->id.name.n > 0 ? g->id.name : g->said.name;
	a.language = g->said.language;
	present(arg, g, v->door, &a, &spaces);
	door_take_attributes(g->said.attributes, &a);
	err = inlet->arrive(inlet->host, &a, on_arrived, arg);
	if (err != 0)
		arriving_free(arg);
	return err;
}

static int read_and_arrive(struct chat_room *room, const struct http_call *call,
    const struct chat_visit *v, const struct json *tree, struct fault *why)
{
	const struct site site = { &room->tokens, v->door->name,
		chat_wall(room) };
	struct guest g = { 0 };
	int err = json_take(tree, arrive_fields, &g.said, why);

	if (err == 0)
		err = check_body(&g.said, why);
	if (err == 0)
		err = check_text(g.said.text, why);
	if (err == 0 && g.said.identity.n > 0)
		err = identity_read(&site, g.said.identity, &g.id, why);
	if (err == 0) {
		err = arrive(room, call, v, &g);
		fault_set(why, err, "%s", err_text(err));
	}
	identity_done(&g.id);
	return err;
}

static void on_arrive(void *arg, const struct http_call *call)
{
	struct chat_room *room = arg;
	struct json *tree = NULL;
	struct chat_visit v;
	struct fault why = { 0 };
	int err;

	if (!chat_visit(room, call, &v))
		return;
	err = json_parse(call->rq->body, 0, &tree, &why);
	if (err == 0)
		err = read_and_arrive(room, call, &v, tree, &why);
	if (err != 0)
		refuse(room, call->peer, v.cors, &why);
	json_free(tree);
}

/* ---- saying ------------------------------------------------------------------------- */

static const struct json_field say_fields[] = {
	{ "text", WANT_STR, true, offsetof(struct said, text), 1,
	    CHAT_TEXT_MAX * 4 },
	{ "key", WANT_STR, true, offsetof(struct said, key), 1, CHAT_KEY_MAX },
	JSON_FIELD_END,
};

static void answer_said(struct chat_room *room, const struct http_call *call,
    const struct chat_visit *v, const struct outcome *out)
{
	struct buf body = { 0 };
	struct json_writer w;

	jw_init(&w, &body);
	jw_object(&w);
	jw_kid(&w, "message", 'm', out->message.v);
	jw_ku64(&w, "seq", chat_world(room)->seq);
	jw_end(&w);
	answer(room, call->peer, 201, v->cors, buf_str(&body));
	buf_done(&body);
}

/* A repeated key is answered as the first one was, by the router. */
static void on_say(void *arg, const struct http_call *call)
{
	struct chat_room *room = arg;
	struct json *tree = NULL;
	struct outcome out = { 0 };
	struct said said = { 0 };
	struct chat_visit v;
	int err;

	if (!visit_with_token(room, call, &v))
		return;
	err = json_parse(call->rq->body, 0, &tree, &out.why);
	if (err == 0)
		err = json_take(tree, say_fields, &said, &out.why);
	if (err == 0)
		err = chat_say(room, v.contact, &said, &out);
	out.why.code = err;
	if (err == 0)
		answer_said(room, call, &v, &out);
	else
		refuse(room, call->peer, v.cors, &out.why);
	json_free(tree);
}

static void on_end(void *arg, const struct http_call *call)
{
	struct chat_room *room = arg;
	struct buf body = { 0 };
	struct chat_visit v;
	int err;

	if (!visit_with_token(room, call, &v))
		return;
	err = chat_end(room, v.contact);
	if (err != 0) {
		refuse_with(
		    room, call->peer, v.cors, err, "it could not be ended");
		return;
	}
	chat_put_state(chat_world(room), v.contact, room->seen, &body);
	answer(room, call->peer, 200, v.cors, buf_str(&body));
	buf_done(&body);
}

/* ---- listening by polls ---------------------------------------------------------------- */

/* A query parameter that is a number; `fallback` when it is absent. */
static int query_number(const struct http_request *rq, const char *name,
    uint64_t fallback, uint64_t *out)
{
	struct buf text = { 0 };
	int err = 0;

	*out = fallback;
	if (http_query(rq, name, &text))
		err = str_to_u64(buf_str(&text), out);
	buf_done(&text);
	return err;
}

/* From here on the connection belongs to a stream, until it is answered. */
static void on_poll(void *arg, const struct http_call *call)
{
	struct chat_room *room = arg;
	struct chat_visit v;
	struct stream *s;
	uint64_t after;
	uint64_t wait;

	if (!visit_with_token(room, call, &v))
		return;
	if (query_number(call->rq, "after", 0, &after) != 0 ||
	    query_number(call->rq, "wait", 0, &wait) != 0) {
		refuse_with(room, call->peer, v.cors, ERR_INVALID,
		    "after and wait are numbers");
		return;
	}
	net_trust(room->env.net, call->peer);
	if (wait > CHAT_POLL_MAX_S)
		wait = CHAT_POLL_MAX_S;
	s = stream_new(room, call->peer, v.contact);
	s->poll = true;
	s->wait = (msec_t)wait * 1000;
	s->cors = mem_text(v.cors);
	stream_join(room, s, after);
}

/* `seq` covers all that this contact was told, shown or not: the next poll
 * waits instead of reading the same again. */
void chat_answer_poll(struct chat_room *room, const struct stream *s, int err)
{
	const struct chat *c = s->chat;
	uint64_t seq = s->after > c->last_seq ? s->after : c->last_seq;
	struct buf body = { 0 };
	struct buf part = { 0 };
	struct json_writer w;

	if (err != 0) {
		refuse_with(room, s->peer, s->cors, err, err_text(err));
		return;
	}
	jw_init(&w, &body);
	jw_object(&w);
	jw_kid(&w, "contact", 'c', s->contact.v);
	jw_ku64(&w, "seq", seq);
	buf_add_char(&part, '[');
	buf_add_str(&part, buf_str(&s->messages));
	buf_add_char(&part, ']');
	jw_key(&w, "messages");
	jw_raw(&w, buf_str(&part));
	buf_clear(&part);
	chat_put_state(chat_world(room), s->contact, seq, &part);
	jw_key(&w, "state");
	jw_raw(&w, buf_str(&part));
	if (c->closed) {
		buf_clear(&part);
		chat_put_closed(chat_world(room), c, seq, &part);
		jw_key(&w, "closed");
		jw_raw(&w, buf_str(&part));
	}
	jw_end(&w);
	answer(room, s->peer, 200, s->cors, buf_str(&body));
	buf_done(&part);
	buf_done(&body);
}

/* ---- pages of other origins ask first ---------------------------------------------------- */

static void on_options(void *arg, const struct http_call *call)
{
	struct chat_room *room = arg;
	struct buf extra = { 0 };
	struct chat_visit v;

	if (!chat_visit(room, call, &v))
		return;
	buf_add_text(&extra, v.cors);
	buf_add_text(&extra,
	    "Access-Control-Allow-Methods: GET, POST\r\n"
	    "Access-Control-Allow-Headers: Authorization, Content-Type\r\n"
	    "Access-Control-Max-Age: 600\r\n");
	answer(room, call->peer, 204, extra.data, STR_NONE);
	buf_done(&extra);
}

#define CHAT    "/v1/{workspace}/chat/{entrance}"
#define CONTACT CHAT "/{contact}"
const struct http_row chat_rows[CHAT_ROWS] = {
	{ "POST", CHAT, ARRIVE_BODY_MAX, on_arrive },
	{ "OPTIONS", CHAT, 0, on_options },
	{ "POST", CONTACT "/messages", SAY_BODY_MAX, on_say },
	{ "GET", CONTACT "/messages", 0, on_poll },
	{ "OPTIONS", CONTACT "/messages", 0, on_options },
	{ "POST", CONTACT "/end", SAY_BODY_MAX, on_end },
	{ "OPTIONS", CONTACT "/end", 0, on_options },
	{ "GET", CONTACT "/ws", 0, chat_on_upgrade },
};
