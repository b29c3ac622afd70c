/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mail.c - the mail channel: raw mails from a mail server come in by HTTP.
 *
 *   POST -> kept as a file, flushed -> presented as unparsed -> 200
 *
 * Entered by the row dispatcher and the server. A mail is acknowledged once it
 * and its contact are on disk, before anybody has read it: a mail that cannot
 * be read is still a mail. What must never happen here: a look inside it.
 */
#include "channel/mail.h"

#include <string.h>

#include "base/crypto.h"
#include "base/mem.h"
#include "channel/address.h"
#include "store/store.h"

#define ENVELOPE_MAX 320
#define KEY_PURPOSE  "mail"
#define MAIL_ORDERS                                                            \
	(UINT32_C(1) << ORDER_MAIL_PARSE | UINT32_C(1) << ORDER_MAIL_SEND)

const struct world *mail_world(const struct mail_room *room)
{
	return *room->env.world;
}

msec_t mail_back_off(unsigned tries)
{
	static const msec_t steps[] = { 5000, 30000, 120000, 600000, 1800000,
		3600000 };

	return steps[tries < countof(steps) ? tries : countof(steps) - 1];
}

/* ---- what the record knows ---------------------------------------------------- */

int mail_facts_read(struct str text, struct mail_facts *out)
{
	struct mail_facts f = { 0 };
	const struct json *facts;
	int err = json_parse(text, 0, &f.tree, NULL);

	if (err != 0)
		return err;
	facts = json_get(f.tree, "facts");
	f.raw = json_str(json_get(facts, "raw"));
	f.from = json_str(json_get(facts, "from"));
	f.to = json_str(json_get(facts, "to"));
	if (f.to.n == 0)
		f.to = json_str(json_get(facts, "dialled"));
	f.message_id = json_str(json_get(facts, "message_id"));
	f.subject = json_str(json_get(f.tree, "subject"));
	f.language = json_str(json_get(f.tree, "language"));
	f.outbound = json_bool(json_get(f.tree, "outbound"), false);
	*out = f;
	return 0;
}

void mail_facts_done(struct mail_facts *f)
{
	json_free(f->tree);
	*f = (struct mail_facts){ 0 };
}

/* ---- a mail comes in ------------------------------------------------------------ */

struct incoming {
	struct list link; /* in room.incoming */
	struct mail_room *room;
	struct peer peer;
	char *door;
	struct buf from, to, key;
};

static void incoming_free(struct incoming *m)
{
	list_remove(&m->link);
	mem_free(m->door);
	buf_done(&m->from);
	buf_done(&m->to);
	buf_done(&m->key);
	mem_free(m);
}

static void refuse(
    struct mail_room *room, struct peer p, int err, const char *text)
{
	struct buf space = { 0 };
	struct http_answer a = http_problem(err, text, &space);

	if (err_retryable(err))
		a.extra = "Retry-After: 60\r\n";
	net_answer(room->env.net, p, &a);
	buf_done(&space);
}

static void answer(
    struct mail_room *room, struct peer p, struct contact_id contact)
{
	struct http_answer a = { .status = 200, .type = "application/json" };
	struct buf body = { 0 };
	struct json_writer w;

	jw_init(&w, &body);
	jw_object(&w);
	jw_kid(&w, "contact", 'c', contact.v);
	jw_end(&w);
	a.body = buf_str(&body);
	net_answer(room->env.net, p, &a);
	buf_done(&body);
}

/* The answer leaves when the contact is on disk; the file already is. */
static void on_arrived(void *arg, const struct outcome *out)
{
	struct incoming *m = arg;

	if (out->err == 0)
		answer(m->room, m->peer, out->contact);
	else
		refuse(m->room, m->peer, out->err, err_text(out->err));
	incoming_free(m);
}

/* A file whose contact is refused here is an orphan: cheaper than asking twice,
 * and the mail server will bring the mail again. */
static void on_kept(void *arg, int err, const char *name)
{
	struct incoming *m = arg;
	const struct inlet *inlet = m->room->env.inlet;
	struct arrival a = { .channel = CHANNEL_MAIL, .unparsed = true };

	if (err == 0) {
		a.entrance = str_of(m->door);
		a.key = buf_str(&m->key);
		a.raw = str_of(name);
		a.from = buf_str(&m->from);
		a.to = buf_str(&m->to);
		a.dialled = buf_str(&m->to);
		err = inlet->arrive(inlet->host, &a, on_arrived, m);
	}
	if (err != 0) {
		refuse(m->room, m->peer, err, err_text(err));
		incoming_free(m);
	}
}

/* The same bytes to the same address are the same mail. */
static void put_key(struct str to, struct str raw, struct buf *out)
{
	struct digest *d = digest_new();
	uint8_t bytes[SHA256_BYTES];

	digest_add(d, to.p, to.n);
	digest_add(d, "\n", 1);
	digest_add(d, raw.p, raw.n);
	digest_end(d, bytes);
	hex_encode(bytes, sizeof(bytes), out);
}

/* Optional; a blank or control character in it is somebody's trick. */
static bool envelope(
    const struct http_request *rq, const char *name, struct buf *out)
{
	buf_init(out, ENVELOPE_MAX);
	if (!http_query(rq, name, out))
		return true;
	for (size_t i = 0; i < out->len; i++)
		if ((unsigned char)out->data[i] <= ' ')
			return false;
	return !out->failed;
}

static void keep(struct incoming *m, const struct http_call *call)
{
	struct mail_room *room = m->room;
	struct contact_id known;
	int err;

	put_key(buf_str(&m->to), call->rq->body, &m->key);
	known = door_contact_of_key(
	    mail_world(room), CHANNEL_MAIL, str_of(m->door), buf_str(&m->key));
	if (id_is_set(known)) { /* sent again: the first answer was lost */
		answer(room, m->peer, known);
		incoming_free(m);
		return;
	}
	err = store_file_put(room->env.store, call->rq->body, on_kept, m);
	if (err != 0) {
		refuse(room, m->peer, err, err_text(err));
		incoming_free(m);
	}
}

static void take(struct mail_room *room, const struct http_call *call,
    const struct rule_entrance *door)
{
	struct incoming *m = new_of(struct incoming);
	bool good;

	m->room = room;
	m->peer = call->peer;
	m->door = mem_text(door->name);
	list_init(&m->link);
	list_push(&room->incoming, &m->link);
	good = envelope(call->rq, "from", &m->from) &&
	       envelope(call->rq, "to", &m->to);
	if (good && m->to.len == 0 && door->address != NULL)
		buf_add_text(&m->to, door->address);
	if (good) {
		keep(m, call);
		return;
	}
	refuse(room, m->peer, ERR_INVALID, "from, to: not addresses");
	incoming_free(m);
}

/* Who may bring mail, and what. Law 11 comes last: a stranger is not told how
 * the house is. */
static int check_bearer(struct mail_room *room, const struct http_call *call,
    const struct rule_entrance *door, struct fault *why)
{
	struct store_status status;
	struct str type = http_field(call->rq, "Content-Type");

	if (!address_is_listed(call->rq->address, door->from, door->from_count))
		return fault_set(
		    why, ERR_DENIED, "mail is not taken from this address");
	if (!tokens_match(&room->tokens, door->name, http_bearer(call->rq)))
		return fault_set(why, ERR_AUTH, "the token is wrong");
	type = str_trim(str_sub(type, 0, str_find(type, ';')));
	if (!str_is_nocase(type, "message/rfc822") || call->rq->body.n == 0)
		return fault_set(why, ERR_INVALID,
		    "the body is to be a mail, of type message/rfc822");
	store_status(room->env.store, &status);
	if (status.must_refuse)
		return fault_set(why, ERR_BUSY, "no mail is taken just now");
	return 0;
}

static void on_mail(void *arg, const struct http_call *call)
{
	struct mail_room *room = arg;
	const struct world *w = mail_world(room);
	const struct rule_entrance *door = NULL;
	struct fault why;
	int err;

	if (str_is(call->params[0], w->workspace))
		door = door_find(w, call->params[1], CHANNEL_MAIL);
	if (door == NULL)
		err = fault_set(&why, ERR_NOT_FOUND, "no such mail channel");
	else
		err = check_bearer(room, call, door, &why);
	if (err != 0) {
		refuse(room, call->peer, err, why.text);
		return;
	}
	net_trust(room->env.net, call->peer);
	take(room, call, door);
}

/* ---- the table -------------------------------------------------------------------- */

/* At once or after a restart: both orders are safe to do twice. */
static void perform(void *arg, const struct order *o, bool again)
{
	struct mail_room *room = arg;

	(void)again; /* the record knows all; a reply's id never changes */
	if (o->kind == ORDER_MAIL_PARSE)
		mail_parse(room, o);
	else
		mail_send(room, o);
}

static void on_rules(void *arg)
{
	struct mail_room *room = arg;

	if (mail_world(room)->rules != NULL)
		tokens_load(
		    &room->tokens, mail_world(room)->rules, CHANNEL_MAIL);
}

static int start(const struct channel_env *env, void **out, struct fault *why)
{
	struct mail_room *room = new_of(struct mail_room);
	int err = secret_key(env->data_dir, KEY_PURPOSE, room->key, why);

	if (err != 0) {
		mem_free(room);
		return err;
	}
	room->env = *env;
	room->mime = mime_new(env->loop, env->mime_helper);
	list_init(&room->incoming);
	list_init(&room->parsing);
	list_init(&room->sending);
	on_rules(room);
	*out = room;
	return 0;
}

static void stop(void *arg)
{
	struct mail_room *room = arg;
	struct incoming *m;

	mime_free(room->mime);
	mail_parse_done(room);
	mail_send_done(room);
	while ((m = list_first(&room->incoming, struct incoming, link)) != NULL)
		incoming_free(m);
	tokens_done(&room->tokens);
	mem_free(room);
}

static const struct http_row rows[] = {
	{ "POST", "/v1/{workspace}/mail/{entrance}", MAIL_RAW_MAX, on_mail },
};

const struct channel_ops channel_mail = {
	.name = "mail",
	.start = start,
	.stop = stop,
	.rows = rows,
	.row_count = countof(rows),
	.orders = MAIL_ORDERS,
	.perform = perform,
	.on_rules = on_rules,
};
