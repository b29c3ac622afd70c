/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * reader.c - one function per question.
 *
 * Entered through reader_answer() only. Shapes are in doc/record.md; every
 * list is bounded by `most` or a limit beneath. Nothing is written here, and
 * what a customer wrote leaves as JSON strings only.
 */
#include "store/reader.h"

#include <string.h>

#include "base/crypto.h"
#include "base/utf8.h"
#include "store/log.h"

#define MOST_DEFAULT 50
#define MOST_MAX     1000
#define OPEN_MAX     50
#define EVENTS_MAX   10000
#define PEOPLE_MAX   100000
#define WORDS_MAX    16 /* of a search */
#define IDENTIFY_MAX 16 /* identifiers in one question */

struct answer { /* one question being answered */
	struct desk *desk;
	const struct read *what;
	struct json_writer w;
	size_t rows;
};

/* Where the columns of a contact stand (CONTACT_COLUMNS of the engine). */
enum contact_column {
	COL_ID,
	COL_CUSTOMER,
	COL_MAYBE,
	COL_CHANNEL,
	COL_ENTRANCE,
	COL_QUEUE,
	COL_STATE,
	COL_OUTBOUND,
	COL_LANGUAGE,
	COL_ARRIVED,
	COL_ANSWERED,
	COL_ENDED,
	COL_END,
	COL_AGENT,
	COL_AGENT_LABEL,
	COL_SUBJECT,
	COL_WORDS,
	COL_FACTS,
	CONTACT_COLUMN_COUNT
};

static size_t most_of(const struct read *what)
{
	if (what->most == 0)
		return MOST_DEFAULT;
	return what->most < MOST_MAX ? what->most : MOST_MAX;
}

static int ask(
    struct answer *a, enum statement what, struct values args, row_fn fn)
{
	a->rows = 0;
	return db_run(a->desk->record, what, args, fn, a);
}

static uint64_t id_of(const struct value *v)
{
	return v->kind == VALUE_INT && v->i > 0 ? (uint64_t)v->i : 0;
}

/* Absent when there is none: a text that is empty, a time that is 0. */
static void put_text(
    struct json_writer *w, const char *name, const struct value *v)
{
	if (v->kind == VALUE_TEXT && v->s.n > 0)
		jw_kstr(w, name, v->s);
}

static void put_time(
    struct json_writer *w, const char *name, const struct value *v)
{
	char text[CLOCK_TEXT];

	if (v->i == 0)
		return;
	clock_format(v->i, text);
	jw_ktext(w, name, text);
}

static void put_id(
    struct json_writer *w, const char *name, char letter, const struct value *v)
{
	if (id_of(v) != 0)
		jw_kid(w, name, letter, id_of(v));
}

/* ---- pieces --------------------------------------------------------------*/

static void contact_members(struct json_writer *w, const struct value *v)
{
	jw_kid(w, "id", 'c', id_of(&v[COL_ID]));
	jw_ktext(w, "channel", channel_word((unsigned)v[COL_CHANNEL].i));
	put_text(w, "entrance", &v[COL_ENTRANCE]);
	put_text(w, "queue", &v[COL_QUEUE]);
	jw_ktext(w, "state", contact_state_word((unsigned)v[COL_STATE].i));
	if (v[COL_OUTBOUND].i != 0)
		jw_kbool(w, "outbound", true);
	put_text(w, "language", &v[COL_LANGUAGE]);
	put_time(w, "at", &v[COL_ARRIVED]);
	put_time(w, "answered_at", &v[COL_ANSWERED]);
	put_time(w, "ended_at", &v[COL_ENDED]);
	if (v[COL_END].i != END_NONE)
		jw_ktext(w, "end", end_reason_word((unsigned)v[COL_END].i));
	put_text(w, "agent", &v[COL_AGENT_LABEL]);
	put_text(w, "agent_name", &v[COL_AGENT]);
	put_text(w, "subject", &v[COL_SUBJECT]);
	put_text(w, "words", &v[COL_WORDS]);
	if (id_of(&v[COL_MAYBE]) != 0)
		jw_kbool(w, "maybe", true);
}

static int put_contact(void *arg, const struct value *row, unsigned n)
{
	struct answer *a = arg;

	if (n < CONTACT_COLUMN_COUNT)
		return ERR_CORRUPT;
	jw_object(&a->w);
	contact_members(&a->w, row);
	jw_end(&a->w);
	return 0;
}

static int put_identifier(void *arg, const struct value *row, unsigned n)
{
	struct answer *a = arg;

	if (n < 4)
		return ERR_CORRUPT;
	jw_object(&a->w);
	jw_kid(&a->w, "id", 'i', id_of(&row[0]));
	jw_ktext(&a->w, "kind", identifier_kind_word((unsigned)row[1].i));
	jw_kstr(&a->w, "value", row[2].s);
	jw_ktext(&a->w, "level", level_word((unsigned)row[3].i));
	jw_end(&a->w);
	return 0;
}

static int put_attachment(void *arg, const struct value *row, unsigned n)
{
	struct answer *a = arg;

	if (n < 4)
		return ERR_CORRUPT;
	if (a->rows++ == 0) {
		jw_key(&a->w, "attachments");
		jw_array(&a->w);
	}
	jw_object(&a->w);
	jw_kstr(&a->w, "file", row[0].s);
	put_text(&a->w, "name", &row[1]);
	put_text(&a->w, "type", &row[2]);
	jw_ku64(&a->w, "size", id_of(&row[3]));
	jw_end(&a->w);
	return 0;
}

static int put_attachments(struct answer *a, int64_t seq)
{
	int err =
	    ask(a, STMT_READ_ATTACHMENTS, db_args(v_int(seq)), put_attachment);

	if (a->rows > 0)
		jw_end(&a->w);
	return err;
}

static int put_message(void *arg, const struct value *v, unsigned n)
{
	struct answer *a = arg;
	struct json_writer *w = &a->w;
	int err;

	if (n < 10)
		return ERR_CORRUPT;
	jw_object(w);
	put_id(w, "id", 'm', &v[1]);
	jw_kint(w, "seq", v[0].i);
	put_time(w, "at", &v[4]);
	jw_ktext(w, "author", author_word((unsigned)v[2].i));
	put_text(w, "agent", &v[9]);
	put_text(w, "agent_name", &v[8]);
	put_text(w, "to", &v[5]);
	put_text(w, "subject", &v[6]);
	jw_kstr(w, "text", v[7].s);
	err = put_attachments(a, v[0].i);
	jw_end(w);
	return err;
}

static int put_messages(
    struct answer *a, uint64_t contact, uint64_t after, size_t most)
{
	int err;

	jw_key(&a->w, "messages");
	jw_array(&a->w);
	err = ask(a, STMT_READ_MESSAGES,
	    db_args(v_id(contact), v_id(after), v_id(most)), put_message);
	jw_end(&a->w);
	return err;
}

static int put_rows(struct answer *a, const char *name, enum statement what,
    uint64_t id, row_fn fn)
{
	int err;

	jw_key(&a->w, name);
	jw_array(&a->w);
	err = ask(a, what, db_args(v_id(id)), fn);
	jw_end(&a->w);
	return err;
}

/* ---- identifiers ----------------------------------------------------------*/

struct owners {
	uint64_t id, customer;
	unsigned count;
	int64_t level, customer_level;
};

/* Rows come best level first, so the first customer is the likeliest one. The
 * same customer shows up again when the value was given two ids. */
static int take_owner(void *arg, const struct value *row, unsigned n)
{
	struct owners *o = arg;
	uint64_t customer;

	if (n < 4)
		return ERR_CORRUPT;
	customer = id_of(&row[2]);
	if (o->id == 0)
		o->id = id_of(&row[0]);
	if (row[1].i > o->level)
		o->level = row[1].i;
	if (customer == 0 || customer == o->customer)
		return 0;
	o->count++;
	if (o->customer == 0 || row[3].i > o->customer_level) {
		o->customer = customer;
		o->customer_level = row[3].i;
	}
	return 0;
}

static int take_u64(void *arg, const struct value *row, unsigned n)
{
	*(uint64_t *)arg = n > 0 ? id_of(&row[0]) : 0;
	return 0;
}

static void write_owners(
    struct json_writer *w, const struct owners *o, uint64_t own)
{
	jw_object(w);
	jw_ku64(w, "id", o->id);
	jw_ku64(w, "customer", o->customer);
	jw_ku64(w, "owners", o->count);
	jw_ktext(w, "level",
	    level_word(
	        (unsigned)(o->count > 0 ? o->customer_level : o->level)));
	jw_ku64(w, "own", own);
	jw_end(w);
}

static int identify(struct answer *a, const struct json *v)
{
	enum identifier_kind kind;
	struct owners o = { 0 };
	uint64_t own = 0;
	struct db *db = a->desk->record;
	int err;

	if (!identifier_kind_parse(json_str(json_get(v, "kind")), &kind))
		return ERR_INVALID;
	err = db_run(db, STMT_READ_OWNERS,
	    db_args(v_int(kind), v_text(json_str(json_get(v, "value")))),
	    take_owner, &o);
	if (err == 0 && o.count == 1)
		err = db_run(db, STMT_READ_SERVED, db_args(v_id(o.customer)),
		    take_u64, &own);
	if (err == 0)
		write_owners(&a->w, &o, own);
	return err;
}

static int read_identifiers(struct answer *a)
{
	struct json *list = NULL;
	size_t i;
	int err = json_parse(a->what->text, 0, &list, NULL);

	if (err != 0)
		return ERR_INVALID;
	if (json_type(list) != JSON_ARRAY || json_count(list) > IDENTIFY_MAX)
		err = ERR_INVALID;
	jw_array(&a->w);
	for (i = 0; err == 0 && i < json_count(list); i++)
		err = identify(a, json_at(list, i));
	jw_end(&a->w);
	json_free(list);
	return err;
}

/* ---- customers ------------------------------------------------------------*/

static int put_name(void *arg, const struct value *row, unsigned n)
{
	struct answer *a = arg;

	if (n < 2)
		return ERR_CORRUPT;
	a->rows++;
	put_text(&a->w, "name", &row[0]);
	put_time(&a->w, "since", &row[1]);
	return 0;
}

static int put_open(void *arg, const struct value *row, unsigned n)
{
	struct answer *a = arg;
	char text[ID_TEXT];

	if (n < 1)
		return ERR_CORRUPT;
	jw_text(&a->w, id_format('c', id_of(&row[0]), text));
	return 0;
}

/* Who it is: the same head for every question about a customer. */
static int customer_head(struct answer *a)
{
	uint64_t customer = a->what->customer.v;
	int err;

	jw_kid(&a->w, "customer", 'p', customer);
	err = ask(a, STMT_READ_CUSTOMER, db_args(v_id(customer)), put_name);
	if (err == 0 && a->rows == 0)
		err = ERR_NOT_FOUND;
	if (err == 0)
		err = put_rows(a, "identifiers", STMT_READ_CUSTOMER_IDENTIFIERS,
		    customer, put_identifier);
	if (err != 0)
		return err;
	jw_key(&a->w, "open");
	jw_array(&a->w);
	err = ask(a, STMT_READ_CUSTOMER_OPEN,
	    db_args(v_id(customer), v_int(OPEN_MAX)), put_open);
	jw_end(&a->w);
	return err;
}

static int customer_contacts(struct answer *a, row_fn fn)
{
	int err;

	jw_key(&a->w, "contacts");
	jw_array(&a->w);
	err = ask(a, STMT_READ_CUSTOMER_CONTACTS,
	    db_args(v_id(a->what->customer.v), v_id(most_of(a->what))), fn);
	jw_end(&a->w);
	return err;
}

static int read_customer_with(struct answer *a, row_fn fn)
{
	int err;

	jw_object(&a->w);
	err = customer_head(a);
	if (err == 0)
		err = customer_contacts(a, fn);
	jw_end(&a->w);
	return err;
}

static int read_customer(struct answer *a)
{
	return read_customer_with(a, put_contact);
}

static int put_contact_messages(void *arg, const struct value *row, unsigned n)
{
	struct answer *a = arg;
	int err;

	if (n < CONTACT_COLUMN_COUNT)
		return ERR_CORRUPT;
	jw_object(&a->w);
	contact_members(&a->w, row);
	err = put_messages(a, id_of(&row[COL_ID]), 0, MOST_MAX);
	jw_end(&a->w);
	return err;
}

static int read_timeline(struct answer *a)
{
	return read_customer_with(a, put_contact_messages);
}

/* ---- one contact ----------------------------------------------------------*/

static int put_agent(void *arg, const struct value *row, unsigned n)
{
	struct answer *a = arg;

	if (n < 3)
		return ERR_CORRUPT;
	jw_object(&a->w);
	put_text(&a->w, "agent", &row[1]);
	put_text(&a->w, "agent_name", &row[0]);
	put_time(&a->w, "at", &row[2]);
	jw_end(&a->w);
	return 0;
}

static int show_event(void *arg, const struct event_row *row)
{
	struct json_writer *w = arg;
	struct event e;
	int err = log_event_of(row, &e);

	if (err == 0)
		event_show(&e, w);
	return err;
}

static int put_event(void *arg, const struct value *row, unsigned n)
{
	struct answer *a = arg;
	struct log_span span = { n > 0 ? id_of(&row[0]) : 0, 1, 0 };

	return log_rows(a->desk->log, &span, show_event, &a->w);
}

static int put_events(struct answer *a, uint64_t contact)
{
	int err;

	jw_key(&a->w, "events");
	jw_array(&a->w);
	err = ask(a, STMT_READ_CONTACT_EVENTS,
	    db_args(v_id(contact), v_int(EVENTS_MAX)), put_event);
	jw_end(&a->w);
	return err;
}

static int put_whole_contact(void *arg, const struct value *row, unsigned n)
{
	struct answer *a = arg;

	if (n < CONTACT_COLUMN_COUNT)
		return ERR_CORRUPT;
	a->rows++;
	contact_members(&a->w, row);
	put_id(&a->w, "customer", 'p', &row[COL_CUSTOMER]);
	put_id(&a->w, "maybe_customer", 'p', &row[COL_MAYBE]);
	jw_key(&a->w, "facts");
	jw_raw(&a->w, row[COL_FACTS].s);
	return 0;
}

static int contact_rest(struct answer *a, uint64_t contact)
{
	int err = put_rows(a, "identifiers", STMT_READ_CONTACT_IDENTIFIERS,
	    contact, put_identifier);

	if (err == 0)
		err = put_rows(
		    a, "agents", STMT_READ_CONTACT_AGENTS, contact, put_agent);
	if (err == 0)
		err = put_messages(a, contact, 0, EVENTS_MAX);
	return err != 0 ? err : put_events(a, contact);
}

static int read_contact(struct answer *a)
{
	uint64_t contact = a->what->contact.v;
	int err;

	jw_object(&a->w);
	err = ask(
	    a, STMT_READ_CONTACT, db_args(v_id(contact)), put_whole_contact);
	if (err == 0 && a->rows == 0)
		err = ERR_NOT_FOUND;
	if (err == 0)
		err = contact_rest(a, contact);
	jw_end(&a->w);
	return err;
}

static int read_messages(struct answer *a)
{
	int err;

	jw_object(&a->w);
	jw_kid(&a->w, "contact", 'c', a->what->contact.v);
	err = put_messages(
	    a, a->what->contact.v, a->what->after, most_of(a->what));
	jw_end(&a->w);
	return err;
}

/* ---- why ------------------------------------------------------------------*/

struct label_names {
	struct buf *out;
	bool found;
};

static int take_label(void *arg, const struct value *row, unsigned n)
{
	struct label_names *names = arg;

	if (n < 2)
		return ERR_CORRUPT;
	names->found = true;
	buf_add_str(names->out, row[1].s);
	return 0;
}

static int put_label(
    struct answer *a, const char *name, const char *kind, uint64_t id)
{
	struct buf text = { 0 };
	struct label_names names = { &text, false };
	int err;

	if (id == 0)
		return 0;
	err = db_run(a->desk->record, STMT_READ_LABEL,
	    db_args(v_text(str_of(kind)), v_id(id)), take_label, &names);
	if (err == 0 && names.found)
		jw_kstr(&a->w, name, buf_str(&text));
	buf_done(&text);
	return err;
}

static int put_offer_names(struct answer *a, const struct event *e)
{
	int err = put_label(a, "agent", "a", e->agent.v);

	if (err == 0 && e->kind == EV_OFFER_MADE)
		err = put_label(a, "queue", "q", e->offer.queue.v);
	if (err == 0 && e->kind == EV_OFFER_MADE)
		err = put_label(a, "second", "a", e->offer.second.v);
	return err;
}

static int show_offer(void *arg, const struct event_row *row)
{
	struct answer *a = arg;
	struct event e;
	int err = log_event_of(row, &e);

	if (err != 0)
		return err;
	jw_object(&a->w);
	if (e.kind == EV_OFFER_MADE)
		jw_ktext(&a->w, "why", rank_step_text(e.offer.step));
	err = put_offer_names(a, &e);
	jw_key(&a->w, "event");
	event_show(&e, &a->w);
	jw_end(&a->w);
	return err;
}

static int put_offer(void *arg, const struct value *row, unsigned n)
{
	struct answer *a = arg;
	struct log_span span = { n > 0 ? id_of(&row[0]) : 0, 1, 0 };

	return log_rows(a->desk->log, &span, show_offer, a);
}

static int read_why(struct answer *a)
{
	int err;

	jw_object(&a->w);
	jw_kid(&a->w, "contact", 'c', a->what->contact.v);
	jw_key(&a->w, "offers");
	jw_array(&a->w);
	err = ask(a, STMT_READ_CONTACT_OFFERS,
	    db_args(v_id(a->what->contact.v), v_int(EV_OFFER_MADE),
	        v_int(EV_OFFER_SETTLED), v_int(EVENTS_MAX)),
	    put_offer);
	jw_end(&a->w);
	jw_end(&a->w);
	return err;
}

/* ---- people with a login ------------------------------------------------- */

static void person_members(struct json_writer *w, const struct value *row)
{
	jw_kstr(w, "name", row[0].s);
	jw_ktext(w, "role", role_word((unsigned)row[1].i));
}

static int put_person(void *arg, const struct value *row, unsigned n)
{
	struct answer *a = arg;

	if (n < 4)
		return ERR_CORRUPT;
	a->rows++;
	jw_object(&a->w);
	person_members(&a->w, row);
	jw_kbool(&a->w, "disabled", row[2].i != 0);
	put_text(&a->w, "hash", &row[3]);
	jw_end(&a->w);
	return 0;
}

static int read_person(struct answer *a)
{
	int err = ask(
	    a, STMT_READ_PERSON, db_args(v_text(a->what->text)), put_person);

	return err == 0 && a->rows == 0 ? ERR_NOT_FOUND : err;
}

static int put_token(void *arg, const struct value *row, unsigned n)
{
	struct answer *a = arg;

	if (n < 3)
		return ERR_CORRUPT;
	a->rows++;
	jw_object(&a->w);
	person_members(&a->w, row);
	jw_kint(&a->w, "until_wall", row[2].i);
	jw_end(&a->w);
	return 0;
}

static int read_token(struct answer *a)
{
	struct buf token = { 0 };
	int err = ERR_INVALID;

	if (hex_decode(a->what->text, &token) == 0 && token.len == SHA256_BYTES)
		err = ask(a, STMT_READ_TOKEN, db_args(v_blob(buf_str(&token))),
		    put_token);
	buf_done(&token);
	return err == 0 && a->rows == 0 ? ERR_NOT_FOUND : err;
}

static int put_login(void *arg, const struct value *row, unsigned n)
{
	struct answer *a = arg;

	if (n < 3)
		return ERR_CORRUPT;
	jw_object(&a->w);
	person_members(&a->w, row);
	jw_kbool(&a->w, "disabled", row[2].i != 0);
	jw_end(&a->w);
	return 0;
}

static int read_people(struct answer *a)
{
	int err;

	jw_object(&a->w);
	jw_key(&a->w, "people");
	jw_array(&a->w);
	err = ask(a, STMT_READ_PEOPLE, db_args(v_int(PEOPLE_MAX)), put_login);
	jw_end(&a->w);
	jw_end(&a->w);
	return err;
}

/* ---- search --------------------------------------------------------------*/

static char plain(char c)
{
	return c == '"' || (unsigned char)c < ' ' ? ' ' : c;
}

/* Each word in quotes, so that nothing a person types is read as a sign; the
 * last one may be the beginning of a longer word. */
static bool search_terms(struct str text, struct buf *out)
{
	struct str rest = text;
	struct str word;
	size_t count = 0;
	size_t i;

	while (rest.n > 0 && count < WORDS_MAX) {
		word = str_next(&rest, ' ');
		if (word.n == 0)
			continue;
		buf_add_text(out, count++ > 0 ? " \"" : "\"");
		for (i = 0; i < word.n; i++)
			buf_add_char(out, plain(word.p[i]));
		buf_add_char(out, '"');
	}
	if (count > 0)
		buf_add_char(out, '*');
	return count > 0 && utf8_valid(text);
}

static int put_hit(void *arg, const struct value *v, unsigned n)
{
	struct answer *a = arg;
	struct json_writer *w = &a->w;

	if (n < 10)
		return ERR_CORRUPT;
	jw_object(w);
	jw_kid(w, "contact", 'c', id_of(&v[0]));
	put_id(w, "message", 'm', &v[1]);
	jw_kint(w, "seq", v[2].i);
	put_time(w, "at", &v[3]);
	jw_ktext(w, "author", author_word((unsigned)v[4].i));
	put_text(w, "words", &v[5]);
	jw_ktext(w, "channel", channel_word((unsigned)v[6].i));
	jw_ktext(w, "state", contact_state_word((unsigned)v[7].i));
	put_id(w, "customer", 'p', &v[8]);
	put_text(w, "name", &v[9]);
	jw_end(w);
	return 0;
}

static int read_search(struct answer *a)
{
	struct buf terms = { 0 };
	int err = 0;

	jw_object(&a->w);
	jw_key(&a->w, "hits");
	jw_array(&a->w);
	if (!search_terms(a->what->text, &terms))
		err = ERR_INVALID;
	else
		err = ask(a, STMT_READ_SEARCH,
		    db_args(v_text(buf_str(&terms)), v_id(most_of(a->what))),
		    put_hit);
	jw_end(&a->w);
	jw_end(&a->w);
	buf_done(&terms);
	return err;
}

/* ---- all of them --------------------------------------------------------- */

static int answer(struct answer *a)
{
	switch (a->what->kind) {
	case READ_IDENTIFIERS:
		return read_identifiers(a);
	case READ_CUSTOMER:
	case READ_LATEST:
		return read_customer(a);
	case READ_TIMELINE:
		return read_timeline(a);
	case READ_CONTACT:
		return read_contact(a);
	case READ_MESSAGES:
		return read_messages(a);
	case READ_PERSON:
		return read_person(a);
	case READ_TOKEN:
		return read_token(a);
	case READ_SEARCH:
		return read_search(a);
	case READ_PEOPLE:
		return read_people(a);
	case READ_WHY:
		return read_why(a);
	}
	return ERR_INVALID;
}

int reader_answer(struct desk *d, const struct read *what, struct buf *out)
{
	struct answer a = { .desk = d, .what = what };
	int err = d->record->ops->begin(d->record);

	if (err != 0)
		return err;
	jw_init(&a.w, out);
	err = answer(&a);
	d->record->ops->rollback(d->record);
	if (err == 0 && out->failed)
		err = ERR_TOO_LARGE;
	if (err != 0)
		buf_clear(out);
	return err;
}
