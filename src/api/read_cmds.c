/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * read_cmds.c - questions to the world and to the record.
 *
 * Entered by the dispatcher, for people and programs alike. What the world
 * knows is answered at once; the record is asked as of now, so that an answer
 * is never older than what the asker has seen.
 */
#include "api/arg.h"
#include "api/command.h"
#include "api/show.h"
#include "base/check.h"
#include "base/mem.h"

#define CONTACTS_DEFAULT 100
#define CONTACTS_MOST    500

/* ---- the record ------------------------------------------------------------ */

struct contact_args {
	struct command_head head;
	struct str contact, customer;
	int64_t most, after;
};
static const struct json_field contact_fields[] = {
	COMMAND_HEAD(struct contact_args),
	ARG_NAME(struct contact_args, contact, true),
	JSON_FIELD_END,
};
static const struct json_field messages_fields[] = {
	COMMAND_HEAD(struct contact_args),
	ARG_NAME(struct contact_args, contact, true),
	ARG_INT(struct contact_args, after, 0, INT64_MAX),
	ARG_INT(struct contact_args, most, 1, 1000),
	JSON_FIELD_END,
};
static const struct json_field history_fields[] = {
	COMMAND_HEAD(struct contact_args),
	ARG_NAME(struct contact_args, contact, false),
	ARG_NAME(struct contact_args, customer, false),
	ARG_INT(struct contact_args, most, 1, 200),
	JSON_FIELD_END,
};

static void on_contact(void *arg, int err, struct str record)
{
	struct call *c = arg;

	if (err != 0) {
		call_fail(c, err, "%s",
		    err == ERR_NOT_FOUND ? "no such contact" : err_text(err));
		return;
	}
	jw_key(call_begin(c), "contact");
	show_record(&c->w, record);
	call_end(c);
}

static void run_contact(struct call *c, const void *given)
{
	const struct contact_args *args = given;
	struct read what = { .kind = READ_CONTACT };
	int err;

	if (!arg_contact_id(c, args->contact, &what.contact))
		return;
	what.seq = api_world(c->api)->seq;
	err = store_read(c->api->env.store, &what, on_contact, c);
	if (err != 0)
		call_fail(c, err, "%s", err_text(err));
}

/* For paging through a contact that is too long for one answer. */
static void run_messages(struct call *c, const void *given)
{
	const struct contact_args *args = given;
	struct read what = { .kind = READ_MESSAGES,
		.after = (uint64_t)args->after,
		.most = (size_t)args->most };

	if (arg_contact_id(c, args->contact, &what.contact))
		call_read(c, &what, NULL);
}

/* Whose timeline: who it probably is, else whose it surely is. */
static bool customer_of(
    struct call *c, const struct contact_args *args, struct customer_id *out)
{
	const struct contact *contact;

	if ((args->contact.n > 0) == (args->customer.n > 0)) {
		call_fail(
		    c, ERR_INVALID, "give either \"contact\" or \"customer\"");
		return false;
	}
	if (args->customer.n > 0) {
		if (id_parse('p', args->customer, &out->v) == 0)
			return true;
		call_fail(c, ERR_INVALID,
		    "\"customer\" must be an id such as \"p42\"");
		return false;
	}
	if (!arg_contact(c, args->contact, &contact))
		return false;
	*out = id_is_set(contact->maybe) ? contact->maybe : contact->customer;
	if (!id_is_set(*out))
		call_fail(c, ERR_NOT_FOUND, "whose contact it is is not known");
	return id_is_set(*out);
}

static void run_history(struct call *c, const void *given)
{
	const struct contact_args *args = given;
	struct read what = { .kind = READ_TIMELINE,
		.most = args->most == 0 ? 20 : (size_t)args->most };

	if (customer_of(c, args, &what.customer))
		call_read(c, &what, "history");
}

struct lookup_args {
	struct command_head head;
	struct str text;
	int64_t most;
};
static const struct json_field lookup_fields[] = {
	COMMAND_HEAD(struct lookup_args),
	ARG_NAME(struct lookup_args, text, true),
	ARG_INT(struct lookup_args, most, 1, 200),
	JSON_FIELD_END,
};

/* Full text over everything ever said; the reader bounds words and hits. */
static void run_lookup(struct call *c, const void *given)
{
	const struct lookup_args *args = given;
	struct read what = { .kind = READ_SEARCH,
		.text = args->text,
		.most = args->most == 0 ? 50 : (size_t)args->most };

	call_read(c, &what, NULL);
}

/* ---- a customer, by id or by what they are known by ------------------------ */

struct customer_args {
	struct command_head head;
	struct str customer;
};
static const struct json_field customer_fields[] = {
	COMMAND_HEAD(struct customer_args),
	ARG_NAME(struct customer_args, customer, true),
	JSON_FIELD_END,
};

static void write_candidate(
    struct json_writer *w, enum identifier_kind kind, struct str value)
{
	jw_object(w);
	jw_ktext(w, "kind", identifier_kind_word(kind));
	jw_kstr(w, "value", value);
	jw_end(w);
}

/* Everything the text could be, likeliest first. */
static void write_candidates(struct str text, struct buf *out)
{
	struct json_writer w;
	struct buf normal = { 0 };

	jw_init(&w, out);
	jw_array(&w);
	if (normal_mail(text, &normal))
		write_candidate(&w, IDENTIFIER_MAIL, buf_str(&normal));
	buf_clear(&normal);
	if (normal_phone(text, &normal))
		write_candidate(&w, IDENTIFIER_PHONE, buf_str(&normal));
	write_candidate(&w, IDENTIFIER_ACCOUNT, text);
	write_candidate(&w, IDENTIFIER_HANDLE, text);
	write_candidate(&w, IDENTIFIER_VISITOR, text);
	jw_end(&w);
	buf_done(&normal);
}

/* The record answers in the order of the question. */
static struct customer_id first_customer(struct str answer)
{
	struct json *rows = NULL;
	struct customer_id found = { 0 };
	size_t i;

	if (json_parse(answer, 0, &rows, NULL) == 0)
		for (i = 0; i < json_count(rows) && found.v == 0; i++)
			found.v = (uint64_t)json_int(
			    json_get(json_at(rows, i), "customer"), 0);
	json_free(rows);
	return found;
}

static void on_candidates(void *arg, int err, struct str answer)
{
	struct call *c = arg;
	struct read what = { .kind = READ_CUSTOMER };

	if (err == 0)
		what.customer = first_customer(answer);
	if (err != 0)
		call_fail(c, err, "%s", err_text(err));
	else if (!id_is_set(what.customer))
		call_fail(c, ERR_NOT_FOUND, "nobody is known by this");
	else
		call_read(c, &what, "customer");
}

static void run_customer(struct call *c, const void *given)
{
	const struct customer_args *args = given;
	struct read what = { .kind = READ_CUSTOMER };
	struct buf text = { 0 };
	int err;

	/* Bare digits are a number somebody was called by, not an id. */
	if (str_starts(args->customer, "p") &&
	    id_parse('p', args->customer, &what.customer.v) == 0) {
		call_read(c, &what, "customer");
		return;
	}
	write_candidates(args->customer, &text);
	what.kind = READ_IDENTIFIERS;
	what.seq = api_world(c->api)->seq;
	what.text = buf_str(&text);
	err = store_read(c->api->env.store, &what, on_candidates, c);
	buf_done(&text);
	if (err != 0)
		call_fail(c, err, "%s", err_text(err));
}

/* ---- the world ------------------------------------------------------------- */

struct plain_args {
	struct command_head head;
};
static const struct json_field plain_fields[] = {
	COMMAND_HEAD(struct plain_args),
	JSON_FIELD_END,
};

/* Hundreds at most, so whole in one answer; contacts come in pages. */
static void run_queues(struct call *c, const void *given)
{
	const struct world *world = api_world(c->api);
	struct json_writer *w = call_begin(c);
	size_t i;

	(void)given;
	jw_key(w, "queues");
	jw_array(w);
	for (i = 0; i < world->queue_count; i++)
		show_queue(w, world, world->queues[i], api_now(c->api));
	jw_end(w);
	call_end(c);
}

static void run_agents(struct call *c, const void *given)
{
	const struct world *world = api_world(c->api);
	struct json_writer *w = call_begin(c);
	size_t i;

	(void)given;
	jw_key(w, "agents");
	jw_array(w);
	for (i = 0; i < world->agent_count; i++)
		show_agent(w, world, world->agents[i], false);
	jw_end(w);
	call_end(c);
}

/* ---- lists of contacts ------------------------------------------------------ */

struct contacts_args {
	struct command_head head;
	struct str state, queue, after;
	int64_t limit;
};
static const struct json_field contacts_fields[] = {
	COMMAND_HEAD(struct contacts_args),
	ARG_NAME(struct contacts_args, state, false),
	ARG_NAME(struct contacts_args, queue, false),
	ARG_NAME(struct contacts_args, after, false),
	ARG_INT(struct contacts_args, limit, 1, CONTACTS_MOST),
	JSON_FIELD_END,
};

/* The lowest ids behind a cursor. The world's lists are in order of their
 * state's beginning, so one walk keeps the best so far, in order: it costs no
 * more than the walk as long as ids come roughly ascending, as they do. */
struct lowest {
	uint64_t after;
	size_t most;
	size_t count;
	const struct contact *found[CONTACTS_MOST + 1];
};

/* One more than wanted is kept: it says whether there is a next page. */
static void keep_lowest(struct lowest *l, const struct contact *c)
{
	size_t at = l->count;

	if (c->id.v <= l->after)
		return;
	while (at > 0 && l->found[at - 1]->id.v > c->id.v)
		at--;
	if (at > l->most)
		return;
	if (l->count <= l->most)
		l->count++;
	memmove(&l->found[at + 1], &l->found[at],
	    (l->count - 1 - at) * sizeof(l->found[0]));
	l->found[at] = c;
}

/* Waits there now, or entered or was offered through it last. */
static bool waits_in(const struct contact *c, const struct queue *q)
{
	unsigned i;

	for (i = 0; i < c->place_count; i++)
		if (c->places[i]->queue == q)
			return true;
	return id_same(c->queue, q->id);
}

static void gather(const struct world *w, enum contact_state state,
    const struct queue *q, struct lowest *out)
{
	const struct contact *c;

	list_each(c, &w->contact_lists[state], in_state)
		if (q == NULL || waits_in(c, q))
			keep_lowest(out, c);
}

static void write_found(struct call *c, const struct lowest *l)
{
	const struct world *world = api_world(c->api);
	struct json_writer *w = call_begin(c);
	size_t shown = l->count > l->most ? l->most : l->count;
	size_t i;

	jw_key(w, "contacts");
	jw_array(w);
	for (i = 0; i < shown; i++)
		show_contact(w, world, l->found[i], api_now(c->api));
	jw_end(w);
	/* The cursor of the next page; null: this was the last. */
	jw_kid(
	    w, "next", 'c', l->count > l->most ? l->found[shown - 1]->id.v : 0);
	call_end(c);
}

static bool read_filter(struct call *c, const struct contacts_args *args,
    enum contact_state *state, struct lowest *l)
{
	*state = CONTACT_KINDS;
	if (args->state.n > 0 && !contact_state_parse(args->state, state)) {
		call_fail(c, ERR_INVALID, "\"state\" is no contact's state");
		return false;
	}
	if (args->after.n > 0 && id_parse('c', args->after, &l->after) != 0) {
		call_fail(
		    c, ERR_INVALID, "\"after\" must be an id such as \"c42\"");
		return false;
	}
	l->most = args->limit == 0 ? CONTACTS_DEFAULT : (size_t)args->limit;
	return true;
}

static void run_contacts(struct call *c, const void *given)
{
	const struct contacts_args *args = given;
	const struct world *w = api_world(c->api);
	const struct queue *q = NULL;
	struct lowest *l = new_of(struct lowest);
	enum contact_state state;
	unsigned i;

	if (!read_filter(c, args, &state, l) ||
	    (args->queue.n > 0 && !arg_queue(c, args->queue, &q))) {
		mem_free(l);
		return;
	}
	if (state != CONTACT_KINDS)
		gather(w, state, q, l);
	/* Unless asked for, what has ended is the record's affair. */
	for (i = 0; state == CONTACT_KINDS && i < CONTACT_ENDED; i++)
		gather(w, (enum contact_state)i, q, l);
	write_found(c, l);
	mem_free(l);
}

/* ---- rows ------------------------------------------------------------------- */

#define READERS (BY_STAFF | BY_PROGRAMS)
static const struct command rows[] = {
	{ "contact", READERS, 0, contact_fields, run_contact },
	{ "messages", READERS, 0, messages_fields, run_messages },
	{ "history", READERS, 0, history_fields, run_history },
	{ "lookup", READERS, 0, lookup_fields, run_lookup },
	{ "queues", READERS, 0, plain_fields, run_queues },
	{ "agents", READERS, 0, plain_fields, run_agents },
	{ "contacts", BY_LEADS | BY_PROGRAMS, 0, contacts_fields,
	    run_contacts },
	{ "customer", BY_LEADS | BY_PROGRAMS, 0, customer_fields,
	    run_customer },
};
const struct command_table read_commands = { rows, countof(rows) };
