/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * chat_stream.c - listeners of a chat: caught up from the record, then fed.
 *
 *   join -> the record is asked for what is newer than the listener knows,
 *           frames of events are held meanwhile
 *   read -> its rows first, then what was held, each message once (by seq)
 *   then -> every event's frame as it is committed
 *
 * A poll is a listener that is answered and forgotten with its first frame.
 * What must never happen here: a gap between the record and the events.
 */
#include <string.h>

#include "base/mem.h"
#include "channel/chat.h"
#include "store/store.h"

#define PAGE_ROWS 500 /* of the record at once */

struct held_frame {
	struct list link;
	struct chat_frame frame; /* its text lies in `text` */
	char text[];
};

/* A question under way: the stream may have gone when the answer comes. */
struct asked {
	struct list link; /* in room.reading */
	struct chat_room *room;
	struct peer peer;
	uint64_t serial;
	uint64_t last_message; /* of the page before */
};

struct stream *stream_find(const struct chat_room *room, struct peer p)
{
	return map_find(&room->streams, door_peer_key(p));
}

struct stream *stream_new(
    struct chat_room *room, struct peer p, struct contact_id contact)
{
	struct stream *s = new_of(struct stream);

	s->room = room;
	s->serial = ++room->last_serial;
	s->peer = p;
	s->contact = contact;
	list_init(&s->link);
	list_init(&s->held);
	map_put(&room->streams, door_peer_key(p), s);
	return s;
}

static void drop_held(struct stream *s)
{
	struct held_frame *h;

	while ((h = list_first(&s->held, struct held_frame, link)) != NULL) {
		list_remove(&h->link);
		mem_free(h);
	}
	s->held_count = 0;
}

void stream_free(struct chat_room *room, struct stream *s)
{
	struct chat *c = s->chat;

	map_remove(&room->streams, door_peer_key(s->peer));
	list_remove(&s->link);
	if (c != NULL && list_is_empty(&c->streams))
		chat_left_alone(room, c);
	drop_held(s);
	buf_done(&s->messages);
	loop_timer_free(s->timer);
	mem_free(s->place);
	mem_free(s->cors);
	mem_free(s);
}

/* ---- telling ------------------------------------------------------------------ */

static void finish_poll(struct chat_room *room, struct stream *s, int err)
{
	chat_answer_poll(room, s, err);
	stream_free(room, s);
}

static void give(struct chat_room *room, struct stream *s, struct str text)
{
	if (!s->poll) {
		net_send(room->env.net, s->peer, text);
		return;
	}
	if (s->messages.len > 0)
		buf_add_char(&s->messages, ',');
	buf_add_str(&s->messages, text);
}

/* Frames of states are shown anew as often as they come: they are the same
 * each time. Messages are shown once. */
static void give_frame(
    struct chat_room *room, struct stream *s, const struct chat_frame *f)
{
	if (f->message && f->seq <= s->after)
		return;
	if (f->seq > s->after)
		s->after = f->seq;
	/* The answer of a poll carries the state of its own moment. */
	if (f->message || !s->poll)
		give(room, s, f->text);
}

static void hold(struct stream *s, const struct chat_frame *f)
{
	struct held_frame *h;

	if (s->held_count++ >= CHAT_HELD_MAX) {
		s->failed = true;
		return;
	}
	h = mem_new(sizeof(*h) + f->text.n);
	h->frame = *f;
	memcpy(h->text, f->text.p, f->text.n);
	h->frame.text.p = h->text;
	list_init(&h->link);
	list_push(&s->held, &h->link);
}

void stream_tell(
    struct chat_room *room, struct chat *c, const struct chat_frame *f)
{
	struct stream *s;
	struct stream *next;

	c->last_seq = f->seq;
	list_each_safe(s, next, &c->streams, link) {
		if (s->reading) {
			hold(s, f);
			continue;
		}
		give_frame(room, s, f);
		if (s->poll)
			finish_poll(room, s, 0);
	}
}

/* As of the last event everybody was told of: a state of now may rest on
 * later ones, but a client that resumes behind those would miss messages. */
void stream_say_state(struct chat_room *room, struct stream *s)
{
	struct buf text = { 0 };
	char place[CHAT_PLACE_TEXT];

	chat_place(chat_world(room), s->contact, place);
	mem_free(s->place);
	s->place = mem_text(place);
	chat_put_state(chat_world(room), s->contact, room->seen, &text);
	net_send(room->env.net, s->peer, buf_str(&text));
	buf_done(&text);
}

static void say_closed(struct chat_room *room, struct stream *s)
{
	struct buf text = { 0 };

	if (!s->chat->closed)
		return;
	chat_put_closed(chat_world(room), s->chat, room->seen, &text);
	net_send(room->env.net, s->peer, buf_str(&text));
	buf_done(&text);
}

/* ---- catching up --------------------------------------------------------------- */

static void give_up(struct chat_room *room, struct stream *s, int err)
{
	struct buf text = { 0 };
	struct fault why;

	if (s->poll) {
		finish_poll(room, s, err);
		return;
	}
	fault_set(&why, err, "messages could not be read, come again");
	chat_put_error(STR_NONE, &why, &text);
	net_send_now(room->env.net, s->peer, buf_str(&text));
	buf_done(&text);
	net_close(room->env.net, s->peer, 1013, "try again");
	stream_free(room, s);
}

static void wait_or_answer(struct chat_room *room, struct stream *s)
{
	if (s->messages.len > 0 || s->after < s->chat->last_seq ||
	    s->wait == 0 || door_live(chat_world(room), s->contact) == NULL)
		finish_poll(room, s, 0);
	else
		loop_timer_set(s->timer, s->wait);
}

static void caught_up(struct chat_room *room, struct stream *s)
{
	struct held_frame *h;

	s->reading = false;
	if (s->failed) {
		give_up(room, s, ERR_TOO_MANY);
		return;
	}
	while ((h = list_first(&s->held, struct held_frame, link)) != NULL) {
		give_frame(room, s, &h->frame);
		list_remove(&h->link);
		mem_free(h);
	}
	if (s->poll) {
		wait_or_answer(room, s);
		return;
	}
	say_closed(room, s);
	stream_say_state(room, s);
	if (door_live(chat_world(room), s->contact) == NULL) {
		net_close(room->env.net, s->peer, 1000, "ended");
		stream_free(room, s);
	}
}

/* Gives what is new of a page; how many rows there were, and the last one's
 * number for asking on. */
static size_t give_page(struct chat_room *room, struct stream *s,
    const struct json *rows, uint64_t *last)
{
	struct chat_frame f = { .message = true };
	struct chat_shown shown;
	struct buf text = { 0 };
	size_t i;

	for (i = 0; i < json_count(rows); i++) {
		buf_clear(&text);
		if (chat_put_row(json_at(rows, i), &shown, &text)) {
			f.seq = shown.seq;
			f.text = buf_str(&text);
			give_frame(room, s, &f);
		}
		if (shown.message.v > *last)
			*last = shown.message.v;
	}
	buf_done(&text);
	return i;
}

static int ask(
    struct chat_room *room, struct stream *s, uint64_t last, read_done_fn done)
{
	struct read what = { .kind = READ_MESSAGES, .most = PAGE_ROWS };
	struct asked *a = new_of(struct asked);
	int err;

	a->room = room;
	a->peer = s->peer;
	a->serial = s->serial;
	a->last_message = last;
	list_init(&a->link);
	list_push(&room->reading, &a->link);
	what.contact = s->contact;
	what.seq = room->seen;
	what.after = last;
	err = store_read(room->env.store, &what, done, a);
	if (err != 0) {
		list_remove(&a->link);
		mem_free(a);
	}
	return err;
}

/* Gives the page; true: there is another one behind message `*last`. */
static bool take_page(struct chat_room *room, struct stream *s, struct str text,
    uint64_t *last, int *err)
{
	struct json *tree = NULL;
	uint64_t before = *last;
	size_t rows = 0;

	if (*err == 0)
		*err = json_parse(text, 0, &tree, NULL);
	if (*err == 0)
		rows = give_page(room, s, json_get(tree, "messages"), last);
	json_free(tree);
	return rows == PAGE_ROWS && *last > before;
}

static void on_page(void *arg, int err, struct str text)
{
	struct asked *a = arg;
	struct chat_room *room = a->room;
	struct stream *s = stream_find(room, a->peer);
	uint64_t last = a->last_message;
	bool more;

	if (s != NULL && s->serial != a->serial)
		s = NULL; /* another one on the same connection */
	list_remove(&a->link);
	mem_free(a);
	if (s == NULL)
		return;
	more = take_page(room, s, text, &last, &err);
	if (more)
		err = ask(room, s, last, on_page);
	if (err != 0)
		give_up(room, s, err);
	else if (!more)
		caught_up(room, s);
}

static void on_poll_over(void *arg)
{
	struct stream *s = arg;

	finish_poll(s->room, s, 0);
}

void stream_join(struct chat_room *room, struct stream *s, uint64_t after)
{
	struct chat *c = chat_open(room, s->contact);
	int err;

	s->chat = c;
	s->after = after;
	list_remove(&c->lonely);
	list_push(&c->streams, &s->link);
	if (s->poll)
		s->timer = loop_timer_new(room->env.loop, on_poll_over, s);
	else
		c->visited = true;
	/* Nothing is newer than what it knows: no need to ask the record. */
	if (after >= c->last_seq) {
		caught_up(room, s);
		return;
	}
	s->reading = true;
	err = ask(room, s, 0, on_page);
	if (err != 0)
		give_up(room, s, err);
}

/* ---- places in line ------------------------------------------------------------ */

static void refresh_place(struct chat_room *room, struct stream *s)
{
	char place[CHAT_PLACE_TEXT];

	if (s->poll || s->reading || s->place == NULL)
		return;
	chat_place(chat_world(room), s->contact, place);
	if (strcmp(place, s->place) != 0)
		stream_say_state(room, s);
}

/* Others left the line: no event of these contacts tells of it. */
void streams_tick(struct chat_room *room)
{
	struct map_slot *slot;

	map_each(slot, &room->streams)
		refresh_place(room, slot->value);
}

void streams_done(struct chat_room *room)
{
	struct map_slot *slot;
	struct asked *a;

	while ((slot = map_next(&room->streams, NULL)) != NULL) {
		struct stream *s = slot->value;

		s->chat = NULL; /* nobody to be told any more */
		stream_free(room, s);
	}
	map_done(&room->streams);
	while ((a = list_first(&room->reading, struct asked, link)) != NULL) {
		list_remove(&a->link);
		mem_free(a);
	}
}
