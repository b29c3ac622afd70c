/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mail_send.c - the order to send an agent's message on a mail contact.
 *
 *   order -> the record says what and to whom -> composed -> SMTP, or a file
 *   in data_dir/outbox when the channel names no server -> result
 *
 * Entered with the order, at first and after a restart. A try that failed for
 * now is made again later, for about four days; the Message-ID stays the same,
 * so a mail that was taken twice is shown once.
 */
#include <inttypes.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/work.h"
#include "channel/keep.h"
#include "channel/mail.h"
#include "channel/mail_compose.h"
#include "net/curl.h"
#include "store/store.h"

#define TRIES_MAX 100

struct sending {
	struct list link; /* in room.sending */
	struct mail_room *room;
	struct order order;
	unsigned tries;
	struct loop_timer *again;
};

/* A mail for the outbox; on its way it is the work thread's. */
struct outgoing {
	struct sending *sending;
	char *dir;
	char *path;
	struct buf mail;
	int err;
};

static void sending_free(struct sending *s)
{
	list_remove(&s->link);
	loop_timer_free(s->again);
	mem_free(s);
}

void mail_send_done(struct mail_room *room)
{
	struct sending *s;

	while ((s = list_first(&room->sending, struct sending, link)) != NULL)
		sending_free(s);
}

static void finish(struct sending *s, int code)
{
	log_info("mail",
	    "msg=sent contact=c%" PRIu64 " message=m%" PRIu64 " result=%s",
	    s->order.contact.v, s->order.message.v,
	    code == 0 ? "ok" : err_name(code));
	door_settle(&s->room->env, &s->order, code);
	sending_free(s);
}

static void try_later(struct sending *s, int err)
{
	if (++s->tries > TRIES_MAX) {
		finish(s, ERR_TIMEOUT);
		return;
	}
	log_warn("mail",
	    "msg=not-sent-yet contact=c%" PRIu64 " message=m%" PRIu64
	    " tries=%u why=%s",
	    s->order.contact.v, s->order.message.v, s->tries, err_name(err));
	loop_timer_set(s->again, mail_back_off(s->tries - 1));
}

/* ---- composing ------------------------------------------------------------------ */

static const struct json *message_of(
    const struct json *tree, struct message_id message)
{
	const struct json *rows = json_get(tree, "messages");
	size_t i;

	for (i = 0; i < json_count(rows); i++) {
		const struct json *row = json_at(rows, i);
		uint64_t number = 0;

		if (id_parse('m', json_str(json_get(row, "id")), &number) ==
		        0 &&
		    number == message.v)
			return row;
	}
	return NULL;
}

static struct str sender_of(const struct rule_entrance *door)
{
	return str_of(
	    door->smtp_from != NULL ? door->smtp_from : door->address);
}

static const char *brand_of(
    const struct world *w, const struct rule_entrance *door)
{
	if (door->brand == RULE_NONE)
		return NULL;
	return w->rules->brands[door->brand].label;
}

/* Who wrote gets the answer; a contact that an agent started names whom. */
static struct str recipient_of(const struct mail_facts *f)
{
	return f->outbound ? f->to : f->from;
}

/* What the agent wrote, and the brand's signature under it. */
static void put_text(const struct world *w, const struct rule_entrance *door,
    const struct mail_facts *f, struct str said, struct buf *out)
{
	const char *signature = door_text(w, door, "signature", f->language);

	buf_add_str(out, said);
	if (signature != NULL)
		buf_addf(out, "\n\n-- \n%s", signature);
}

static struct str subject_of(const struct world *w,
    const struct rule_entrance *door, const struct mail_facts *f)
{
	if (f->subject.n > 0)
		return f->subject;
	return str_of(door_text(w, door, "subject", f->language));
}

static int compose(struct sending *s, const struct rule_entrance *door,
    const struct mail_facts *f, struct buf *out)
{
	const struct world *w = mail_world(s->room);
	const struct json *row = message_of(f->tree, s->order.message);
	struct mail_reply m = { .from = sender_of(door),
		.from_name = str_of(brand_of(w, door)),
		.to = recipient_of(f),
		.subject = subject_of(w, door, f),
		.answers = f->message_id };
	struct buf id = { 0 };
	struct buf text = { 0 };
	int err;

	if (row == NULL)
		return ERR_NOT_FOUND;
	put_text(w, door, f, json_str(json_get(row, "text")), &text);
	m.text = buf_str(&text);
	m.wall = clock_wall(loop_clock(s->room->env.loop));
	mail_id(s->room->key, s->order.contact, s->order.message,
	    str_from(m.from, str_find(m.from, '@') + 1), &id);
	m.id = buf_str(&id);
	err = mail_compose(&m, out);
	buf_done(&text);
	buf_done(&id);
	return err;
}

/* ---- to a mail server -------------------------------------------------------------- */

/* 4xx and no answer: later. 5xx: never. */
static void on_mailed(void *arg, const struct curl_result *r)
{
	struct sending *s = arg;

	if (r->err == 0 && r->status < 400)
		finish(s, 0);
	else if (r->status >= 500)
		finish(s, ERR_DENIED);
	else
		try_later(s, r->err != 0 ? r->err : ERR_IO);
}

static void mail_out(struct sending *s, const struct rule_entrance *door,
    struct str to, struct str mail)
{
	char *sender = mem_text_n(sender_of(door).p, sender_of(door).n);
	char *recipient = mem_text_n(to.p, to.n);
	const char *const recipients[] = { recipient, NULL };
	struct curl_mail m = { .url = door->smtp_url,
		.from = sender,
		.to = recipients,
		.message = mail,
		.allow_private = true /* the config named it */ };
	int err = curl_mail(s->room->env.curl, &m, on_mailed, s);

	mem_free(recipient);
	mem_free(sender);
	if (err != 0)
		try_later(s, err);
}

/* ---- to the outbox ------------------------------------------------------------------- */

/* On a work thread. Whoever collects the folder never sees half a mail. */
static void write_outbox(void *arg)
{
	struct outgoing *o = arg;

	(void)mkdir(o->dir, 0700); /* there already, or the next call fails */
	o->err = keep_file(o->path, buf_str(&o->mail));
}

static void outgoing_free(struct outgoing *o)
{
	buf_done(&o->mail);
	mem_free(o->path);
	mem_free(o->dir);
	mem_free(o);
}

static void on_written(void *arg)
{
	struct outgoing *o = arg;
	struct sending *s = o->sending;

	if (o->err == 0)
		finish(s, 0);
	else
		try_later(s, o->err);
	outgoing_free(o);
}

/* Takes the mail. The name says contact and message, so a second try replaces
 * the first one's file. */
static void put_in_outbox(struct sending *s, struct buf *mail)
{
	struct outgoing *o = new_of(struct outgoing);
	int err;

	o->sending = s;
	o->dir = mem_textf("%s/outbox", s->room->env.data_dir);
	o->path = mem_textf("%s/c%" PRIu64 "-m%" PRIu64 ".eml", o->dir,
	    s->order.contact.v, s->order.message.v);
	o->mail = *mail;
	*mail = (struct buf){ 0 };
	err = work_add(s->room->env.work, write_outbox, on_written, o);
	if (err != 0) {
		outgoing_free(o);
		try_later(s, err);
	}
}

/* ---- the way through --------------------------------------------------------------------- */

static void send_with(struct sending *s, const struct mail_facts *f)
{
	const struct world *w = mail_world(s->room);
	const struct contact *c = world_contact(w, s->order.contact);
	const struct rule_entrance *door = c == NULL ? NULL : door_of(w, c);
	struct buf mail = { 0 };
	int err = ERR_NOT_FOUND;

	if (door != NULL)
		err = compose(s, door, f, &mail);
	if (err != 0)
		finish(s, err);
	else if (door->smtp_url != NULL)
		mail_out(s, door, recipient_of(f), buf_str(&mail));
	else
		put_in_outbox(s, &mail);
	buf_done(&mail);
}

static void on_facts(void *arg, int err, struct str text)
{
	struct sending *s = arg;
	struct mail_facts f = { 0 };

	if (err == 0)
		err = mail_facts_read(text, &f);
	if (err == 0)
		send_with(s, &f);
	else
		try_later(s, err);
	mail_facts_done(&f);
}

static void ask(void *arg)
{
	struct sending *s = arg;
	struct read what = { .kind = READ_CONTACT };
	int err;

	if (!door_is_owed(&s->room->env, &s->order)) {
		sending_free(s);
		return;
	}
	what.contact = s->order.contact;
	what.seq = s->order.id;
	err = store_read(s->room->env.store, &what, on_facts, s);
	if (err != 0)
		try_later(s, err);
}

void mail_send(struct mail_room *room, const struct order *o)
{
	struct sending *s = new_of(struct sending);

	s->room = room;
	s->order = *o;
	s->again = loop_timer_new(room->env.loop, ask, s);
	list_init(&s->link);
	list_push(&room->sending, &s->link);
	ask(s);
}
