/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mail_parse.c - the order to read a raw mail.
 *
 *   order -> the record says which file -> usher-mime reads it -> presented
 *   again, now with sender, subject and text; or, when it answers one of our
 *   mails and that contact is open, a message there instead
 *
 * Entered with the order, at first and after a restart. What the helper says
 * is hostile JSON. A mail that cannot be read is presented as failed: a person
 * may look at the raw one.
 */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/codec.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/mem.h"
#include "channel/mail.h"
#include "channel/mail_compose.h"
#include "store/store.h"

#define TRIES_MAX      5
#define NAME_SIZE      128 /* of a kept file */
#define PATH_SIZE      4096
#define STRINGS_MAX    ((size_t)64 * 1024)
#define REFERENCES_MAX 50
#define NAMES_MAX      500 /* bytes of attachments' names shown */

struct parsing {
	struct list link; /* in room.parsing */
	struct mail_room *room;
	struct order order;
	unsigned tries;
	struct loop_timer *again;
	struct mail_facts facts;
	struct buf number; /* of attachments, as text */
	struct buf names;
	struct buf mail; /* sender, lower case */
};

static void parsing_free(struct parsing *p)
{
	list_remove(&p->link);
	loop_timer_free(p->again);
	mail_facts_done(&p->facts);
	buf_done(&p->number);
	buf_done(&p->names);
	buf_done(&p->mail);
	mem_free(p);
}

void mail_parse_done(struct mail_room *room)
{
	struct parsing *p;

	while ((p = list_first(&room->parsing, struct parsing, link)) != NULL)
		parsing_free(p);
}

static void settle(struct parsing *p, int code)
{
	door_settle(&p->room->env, &p->order, code);
	parsing_free(p);
}

/* The house is busy: the order is owed, so it is tried again. */
static void try_later(struct parsing *p, int err)
{
	if (++p->tries > TRIES_MAX * 20) {
		settle(p, err);
		return;
	}
	log_warn("mail", "msg=not-read-yet contact=c%" PRIu64 " why=%s",
	    p->order.contact.v, err_name(err));
	mail_facts_done(&p->facts);
	loop_timer_set(p->again, mail_back_off(p->tries - 1));
}

/* ---- presenting ------------------------------------------------------------------ */

static void on_presented(void *arg, const struct outcome *out)
{
	struct parsing *p = arg;

	if (err_retryable(out->err))
		try_later(p, out->err);
	else
		settle(p, out->err);
}

/* Looked up when it is needed: the config may have changed while the mail was
 * being read. */
static const struct rule_entrance *door_of_mail(const struct parsing *p)
{
	const struct world *w = mail_world(p->room);
	const struct contact *c = world_contact(w, p->order.contact);

	return c == NULL ? NULL : door_of(w, c);
}

static void lower_into(struct str s, struct buf *out)
{
	buf_clear(out);
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		buf_add_char(out, c >= 'A' && c <= 'Z' ? (char)(c + 32) : c);
	}
}

/* What is the same of a mail that was read and of one that could not be. */
static void present(struct parsing *p, struct arrival *a, struct str sender)
{
	const struct rule_entrance *door = door_of_mail(p);
	const struct inlet *inlet = p->room->env.inlet;
	enum level level = LEVEL_CLAIMED;
	int err;

	if (door != NULL && door->trust_dkim && !a->failed)
		level = LEVEL_VERIFIED;
	a->channel = CHANNEL_MAIL;
	a->contact = p->order.contact;
	a->raw = p->facts.raw;
	a->to = p->facts.to;
	a->dialled = p->facts.to;
	if (door != NULL)
		a->entrance = str_of(door->name);
	if (mail_address_is_good(sender)) {
		lower_into(sender, &p->mail);
		a->from = buf_str(&p->mail);
		door_present(a, IDENTIFIER_MAIL, level, a->from);
	}
	err = inlet->arrive(inlet->host, a, on_presented, p);
	if (err != 0)
		try_later(p, err);
}

static void add_attribute(struct arrival *a, const char *name, struct str value)
{
	if (a->attribute_count < ATTRIBUTES_MAX)
		a->attributes[a->attribute_count++] =
		    (struct attribute){ str_of(name), value };
}

/* With the envelope's sender, who is all that is known. */
static void present_failed(struct parsing *p, struct str verdict)
{
	struct arrival a = { .failed = true };

	log_warn("mail", "msg=cannot-be-read contact=c%" PRIu64 " why=%.*s",
	    p->order.contact.v, (int)(verdict.n > 64 ? 64 : verdict.n),
	    verdict.p);
	add_attribute(&a, "mail-error", verdict);
	present(p, &a, p->facts.from);
}

/* ---- what the helper said ----------------------------------------------------------- */

struct mail_said {
	struct str subject, message_id, in_reply_to, date, text, language;
	struct str error;
	const struct json *from, *to, *references, *attachments;
	bool is_auto, bounce, cut;
};
#define M(name, want, member, most)                                            \
	{                                                                      \
		name, want, false, offsetof(struct mail_said, member), 0, most \
	}
static const struct json_field mail_fields[] = {
	M("from", WANT_ANY, from, 0),
	M("to", WANT_ANY, to, 0),
	M("subject", WANT_STR, subject, 4096),
	M("message_id", WANT_STR, message_id, 1024),
	M("in_reply_to", WANT_STR, in_reply_to, 1024),
	M("references", WANT_ANY, references, 0),
	M("date", WANT_STR, date, 64),
	M("text", WANT_STR, text, STRINGS_MAX),
	M("language", WANT_STR, language, 16),
	M("attachments", WANT_ANY, attachments, 0),
	M("auto", WANT_BOOL, is_auto, 0),
	M("bounce", WANT_BOOL, bounce, 0),
	M("cut", WANT_BOOL, cut, 0),
	M("error", WANT_STR, error, 256),
	JSON_FIELD_END,
};
#undef M

/* How many and which, so that rules and agents know; the bytes stay in the raw
 * mail. */
static void take_attachments(
    struct parsing *p, const struct mail_said *said, struct arrival *a)
{
	size_t n = json_count(said->attachments);

	if (n == 0)
		return;
	buf_clear(&p->names);
	buf_clear(&p->number);
	buf_addf(&p->number, "%zu", n);
	for (size_t i = 0; i < n; i++) {
		struct str name =
		    json_str(json_get(json_at(said->attachments, i), "name"));

		if (i > 0 && name.n > 0 && p->names.len > 0)
			buf_add_text(&p->names, ", ");
		buf_add_str(&p->names, name);
	}
	add_attribute(a, "attachments", buf_str(&p->number));
	add_attribute(a, "attachment-names", buf_str(&p->names));
}

static void present_said(struct parsing *p, const struct mail_said *said)
{
	struct arrival a = { 0 };

	a.name = json_str(json_get(said->from, "name"));
	a.subject = said->subject;
	a.text = said->text;
	a.language = said->language;
	a.message_id = said->message_id;
	take_attachments(p, said, &a);
	if (said->is_auto)
		add_attribute(&a, "auto", STR("yes"));
	if (said->bounce)
		add_attribute(&a, "bounce", STR("yes"));
	if (said->cut)
		add_attribute(&a, "cut", STR("yes"));
	present(p, &a, json_str(json_get(said->from, "address")));
}

/* ---- an answer to one of ours --------------------------------------------------------- */

/* The open mail contact that this one answers; the MAC in the id says that we
 * wrote to it. In-Reply-To first, then References from the last on. */
static struct contact_id thread_of(
    const struct parsing *p, const struct mail_said *said)
{
	const struct world *w = mail_world(p->room);
	size_t n = json_count(said->references);
	struct contact_id found = { 0 };
	const struct contact *c;
	size_t i;

	if (!mail_id_read(p->room->key, said->in_reply_to, &found))
		for (i = 0; i < n && i < REFERENCES_MAX; i++)
			if (mail_id_read(p->room->key,
			        json_str(json_at(said->references, n - 1 - i)),
			        &found))
				break;
	c = door_live(w, found);
	if (c == NULL || c->channel != CHANNEL_MAIL || c->unparsed ||
	    id_same(found, p->order.contact))
		return (struct contact_id){ 0 };
	return found;
}

static void put_reply(
    const struct mail_said *said, const struct parsing *p, struct buf *out)
{
	struct json_writer w;

	jw_init(&w, out);
	jw_object(&w);
	jw_kstr(&w, "text", said->text);
	if (said->subject.n > 0)
		jw_kstr(&w, "subject", said->subject);
	jw_kstr(&w, "name", json_str(json_get(said->from, "name")));
	jw_kstr(&w, "from", json_str(json_get(said->from, "address")));
	jw_kstr(&w, "to", p->facts.to);
	jw_kstr(&w, "message_id", said->message_id);
	jw_kstr(&w, "raw", p->facts.raw);
	jw_end(&w);
}

/* Keyed by the contact the mail came as, so doing it again does nothing. */
static uint64_t reply_key(struct contact_id contact)
{
	struct buf b = { 0 };
	uint64_t key;

	put_str(&b, STR("mail reply"));
	put_u64(&b, contact.v);
	key = digest64(buf_str(&b));
	buf_done(&b);
	return key;
}

static int post_reply(
    struct parsing *p, struct contact_id to, const struct mail_said *said)
{
	const struct inlet *inlet = p->room->env.inlet;
	struct input in = { .kind = INPUT_MESSAGE, .contact = to };
	struct outcome out = { 0 };
	struct buf payload = { 0 };
	int err;

	put_reply(said, p, &payload);
	in.message.author = AUTHOR_CUSTOMER;
	in.message.key = reply_key(p->order.contact);
	in.message.content = digest64(buf_str(&payload));
	in.message.size = (uint32_t)payload.len;
	err = inlet->post(inlet->host, &in, buf_str(&payload), &out);
	buf_done(&payload);
	return err;
}

/* Both posts are of one turn, so they are on disk together or not at all. */
static bool joined_thread(struct parsing *p, const struct mail_said *said)
{
	struct contact_id to = thread_of(p, said);

	if (!id_is_set(to) || said->text.n == 0 || post_reply(p, to, said) != 0)
		return false;
	(void)door_leave(&p->room->env, p->order.contact, END_DUPLICATE);
	settle(p, 0);
	return true;
}

/* ---- the way through --------------------------------------------------------------------- */

static void on_said(struct parsing *p, const struct mail_said *said)
{
	if (said->error.n > 0)
		present_failed(p, said->error);
	else if (!joined_thread(p, said))
		present_said(p, said);
}

static void on_mime(void *arg, int err, struct str output)
{
	struct parsing *p = arg;
	struct mail_said said = { 0 };
	struct json *tree = NULL;
	struct fault why = { 0 };

	if (err == ERR_IO && p->tries < TRIES_MAX) {
		try_later(p, err); /* the helper could not be run */
		return;
	}
	if (err == 0)
		err = json_parse(output, STRINGS_MAX, &tree, &why);
	if (err == 0)
		err = json_take(tree, mail_fields, &said, &why);
	if (err == 0)
		on_said(p, &said);
	else
		present_failed(p, str_of(err_name(err)));
	json_free(tree);
}

static void on_facts(void *arg, int err, struct str text)
{
	struct parsing *p = arg;
	char name[NAME_SIZE];
	char path[PATH_SIZE];

	if (err == 0)
		err = mail_facts_read(text, &p->facts);
	if (err != 0) {
		try_later(p, err);
		return;
	}
	if (str_copy(name, sizeof(name), p->facts.raw))
		err = store_file_path(
		    p->room->env.store, name, path, sizeof(path));
	else
		err = ERR_INVALID;
	if (err == 0)
		mime_read(p->room->mime, path, on_mime, p);
	else
		present_failed(p, STR("no raw mail"));
}

static void ask(void *arg)
{
	struct parsing *p = arg;
	struct read what = { .kind = READ_CONTACT };
	int err;

	if (!door_is_owed(&p->room->env, &p->order)) {
		parsing_free(p);
		return;
	}
	what.contact = p->order.contact;
	what.seq = p->order.id;
	err = store_read(p->room->env.store, &what, on_facts, p);
	if (err != 0)
		try_later(p, err);
}

void mail_parse(struct mail_room *room, const struct order *o)
{
	struct parsing *p = new_of(struct parsing);

	p->room = room;
	p->order = *o;
	buf_init(&p->names, NAMES_MAX);
	p->again = loop_timer_new(room->env.loop, ask, p);
	list_init(&p->link);
	list_push(&room->parsing, &p->link);
	ask(p);
}
