/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * offers.c - an open offer, told with what the record knows of the customer.
 *
 * Entered by the stream (a new offer), by the snapshot and by resume. The
 * record is asked as of the offer's event; if it cannot answer, the offer is
 * told without it: a call must ring even when the history is late.
 */
#include "api/offers.h"

#include "api/session.h"
#include "api/show.h"
#include "base/mem.h"
#include "store/store.h"

#define LATEST 6 /* contacts asked for: five to show, and this one */

struct offer_ask {
	struct ask ask;
	struct api *api;
	struct offer_id offer;
	struct event made;   /* its OFFER_MADE; kind 0: not in the ring */
	offer_frame_fn done; /* NULL: to its agent */
	void *arg;
};

/* What is written and where it comes from. */
struct telling {
	const struct world *world;
	const struct offer *offer;
	const struct event *made;
	const struct json *record; /* of the customer or of the contact */
	struct json_writer *w;
};

static void drop(struct ask *k)
{
	struct offer_ask *o = container_of(k, struct offer_ask, ask);

	ask_close(&o->ask);
	mem_free(o);
}

/* ---- who ------------------------------------------------------------------ */

/* What a customer can be recognised by on this channel, in an agent's words. */
static const char *match_word(enum channel c)
{
	switch (c) {
	case CHANNEL_PHONE:
	case CHANNEL_MESSAGE:
	case CHANNEL_FAX:
		return "number";
	case CHANNEL_MAIL:
		return "address";
	default:
		return "identifier";
	}
}

/* Identifiers come best level first. */
static struct str best_level(const struct json *record)
{
	const struct json *first = json_at(json_get(record, "identifiers"), 0);
	struct str level = json_str(json_get(first, "level"));

	return level.n > 0 ? level : STR("anonymous");
}

/* Whom the record is asked about. A new visitor is a customer of their own
 * until an agent settles it; who they probably are has the history. */
static struct customer_id shown_customer(const struct contact *c)
{
	return id_is_set(c->maybe) ? c->maybe : c->customer;
}

static void write_probably(
    struct json_writer *w, const struct contact *c, struct str name)
{
	jw_key(w, "probably");
	if (!id_is_set(c->maybe)) {
		jw_null(w);
		return;
	}
	if (name.n == 0)
		name = STR("a known customer");
	jw_textf(w, "probably %.*s (%s matches)", (int)name.n, name.p,
	    match_word(c->channel));
}

static void write_customer(const struct telling *t)
{
	const struct contact *c = t->offer->contact;
	struct str name = json_str(json_get(t->record, "name"));

	jw_key(t->w, "customer");
	jw_object(t->w);
	jw_kid(t->w, "id", 'p', shown_customer(c).v);
	jw_key(t->w, "name");
	if (name.n > 0)
		jw_str(t->w, name);
	else
		jw_null(t->w);
	jw_kstr(t->w, "level",
	    id_is_set(c->maybe) ? STR("claimed") : best_level(t->record));
	write_probably(t->w, c, name);
	jw_end(t->w);
}

static bool is_this(const struct telling *t, const struct json *contact)
{
	char id[ID_TEXT];

	return str_is(json_str(json_get(contact, "id")),
	    id_format('c', t->offer->contact->id.v, id));
}

static void write_latest(const struct telling *t)
{
	const struct json *contacts = json_get(t->record, "contacts");
	size_t i;

	jw_key(t->w, "latest");
	jw_array(t->w);
	for (i = 0; i < json_count(contacts); i++)
		if (!is_this(t, json_at(contacts, i)))
			jw_json(t->w, json_at(contacts, i));
	jw_end(t->w);
}

/* The offered contact as the record shows it: one of the customer's, or, for
 * a stranger, the whole answer. */
static const struct json *find_contact(const struct telling *t)
{
	const struct json *contacts = json_get(t->record, "contacts");
	size_t i;

	for (i = 0; i < json_count(contacts); i++)
		if (is_this(t, json_at(contacts, i)))
			return json_at(contacts, i);
	return t->record != NULL && is_this(t, t->record) ? t->record : NULL;
}

static void write_words(const struct telling *t)
{
	const struct json *c = find_contact(t);
	static const char *const names[] = { "subject", "words" };
	size_t i;

	for (i = 0; i < countof(names); i++) {
		struct str s = json_str(json_get(c, names[i]));

		jw_key(t->w, names[i]);
		if (s.n > 0)
			jw_str(t->w, s);
		else
			jw_null(t->w);
	}
}

/* ---- the frame ------------------------------------------------------------ */

/* The step of the policy that decided, as recorded with the offer. */
static void write_why(const struct telling *t)
{
	bool known = t->made->kind == EV_OFFER_MADE;

	jw_ktext(
	    t->w, "why", known ? rank_step_text(t->made->offer.step) : NULL);
}

static void write_times(const struct telling *t, msec_t now)
{
	const struct offer *o = t->offer;
	msec_t waited = o->made_at - o->contact->arrived;
	msec_t rings = o->deadline - now;

	jw_kint(t->w, "waited_ms", waited > 0 ? waited : 0);
	jw_kint(t->w, "rings_ms", rings > 0 ? rings : 0);
	show_time(t->w, "until", t->world, o->deadline);
}

static void write_offer(const struct telling *t, msec_t now)
{
	const struct offer *o = t->offer;
	struct json_writer *w = t->w;

	jw_object(w);
	jw_ktext(w, "type", "offer");
	if (t->made->seq != 0) /* 0: its commit is still to come */
		jw_ku64(w, "seq", t->made->seq);
	jw_kid(w, "offer", 'o', o->id.v);
	jw_kid(w, "contact", 'c', o->contact->id.v);
	jw_ktext(w, "channel", channel_word(o->contact->channel));
	jw_ktext(w, "queue", o->queue == NULL ? NULL : o->queue->name);
	show_language(w, o->contact->language);
	write_customer(t);
	write_words(t);
	write_latest(t);
	write_why(t);
	write_times(t, now);
	jw_end(w);
}

static void send_frame(struct offer_ask *k, struct str frame)
{
	const struct offer *o = world_offer(api_world(k->api), k->offer);
	struct session *s;

	if (o == NULL || frame.n == 0)
		return;
	s = session_of_agent(k->api, o->agent->id);
	/* No seq: a client that resumed is told an older offer again. */
	if (s != NULL)
		session_send(s, 0, frame);
}

/* The offer may have been settled while the record was asked. */
static void on_read(void *arg, int err, struct str text)
{
	struct offer_ask *k = arg;
	struct api *a = k->api;
	struct json *record = NULL;
	struct buf out = { 0 };
	struct json_writer w;
	struct telling t = { api_world(a), world_offer(api_world(a), k->offer),
		&k->made, NULL, &w };

	if (t.offer != NULL) {
		if (err == 0 && json_parse(text, 0, &record, NULL) == 0)
			t.record = record;
		jw_init(&w, &out);
		write_offer(&t, api_now(a));
	}
	if (k->done != NULL)
		k->done(k->arg, buf_str(&out));
	else
		send_frame(k, buf_str(&out));
	json_free(record);
	buf_done(&out);
	drop(&k->ask);
}

void offer_frame(
    struct api *a, struct offer_id offer, offer_frame_fn done, void *arg)
{
	const struct offer *o = world_offer(api_world(a), offer);
	struct offer_ask *k = new_of(struct offer_ask);
	struct read what = { .kind = READ_CONTACT, .most = LATEST };
	int err = ERR_NOT_FOUND;

	k->api = a;
	k->offer = offer;
	k->done = done;
	k->arg = arg;
	ask_open(a, &k->ask, drop);
	(void)ring_find_offer(&a->ring, offer, &k->made);
	if (o != NULL) {
		what.seq = k->made.seq;
		what.contact = o->contact->id;
		what.customer = shown_customer(o->contact);
		if (id_is_set(what.customer))
			what.kind = READ_LATEST;
		err = store_read(a->env.store, &what, on_read, k);
	}
	if (err != 0)
		on_read(k, err, STR_NONE);
}

void offer_tell(struct api *a, struct offer_id offer)
{
	offer_frame(a, offer, NULL, NULL);
}
