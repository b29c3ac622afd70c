/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * record.c - which event changes which row.
 *
 * Entered by the follower, once per event. A payload is what a peer once sent:
 * one that cannot be read, or a member of another type, counts as absent and
 * never stops the follower. The state of a contact is the world's, so that the
 * record, the wallboard and the router cannot disagree.
 */
#include "store/record.h"

#include <string.h>

#include "base/json.h"
#include "base/utf8.h"

#define PAYLOAD_STRING_MAX ((size_t)16 * 1024 * 1024)
#define WORDS_MAX          200 /* characters of a contact's first words */
#define ATTACHMENTS_MAX    100

struct fold { /* one event on its way into the tables */
	struct db *db;
	const struct world *world;
	const struct event *e;
	const struct json *payload; /* NULL: none, or not readable */
	int64_t wall;               /* ms */
};

static struct str text_of(const struct fold *f, const char *name)
{
	return json_str(json_get(f->payload, name));
}

static struct str first_words(struct str s)
{
	uint32_t character;
	size_t at = 0;
	size_t count;
	size_t n;

	for (count = 0; count < WORDS_MAX; count++) {
		n = utf8_next(str_from(s, at), &character);
		if (n == 0)
			break;
		at += n;
	}
	return str_sub(s, 0, at);
}

/* ---- identifiers and names -----------------------------------------------*/

struct shown { /* an identifier as a payload names it */
	uint64_t id;
	enum identifier_kind kind;
	enum level level;
	struct str value;
};

static bool read_identifier(const struct json *v, struct shown *out)
{
	int64_t id = json_int(json_get(v, "id"), 0);

	out->id = (uint64_t)id;
	out->value = json_str(json_get(v, "value"));
	return id > 0 && out->value.n > 0 &&
	       identifier_kind_parse(
	           json_str(json_get(v, "kind")), &out->kind) &&
	       level_parse(json_str(json_get(v, "level")), &out->level);
}

static int put_identifier(const struct fold *f, const struct shown *i)
{
	int err = db_do(f->db, STMT_IDENTIFIER_ADD, v_id(i->id), v_int(i->kind),
	    v_text(i->value), v_int(i->level));

	if (err == 0)
		err = db_do(f->db, STMT_CONTACT_IDENTIFIER_ADD,
		    v_id(f->e->contact.v), v_id(i->id), v_int(i->level));
	return err;
}

/* A name counts for the customer when it came with a verified identifier, or
 * with one only: then nobody else's number can have come with it. */
static int put_identifiers(const struct fold *f, bool *name_counts)
{
	const struct json *list = json_get(f->payload, "identifiers");
	struct shown shown;
	bool verified = false;
	size_t count = 0;
	size_t i;
	int err = 0;

	for (i = 0; err == 0 && i < json_count(list); i++) {
		if (!read_identifier(json_at(list, i), &shown))
			continue;
		count++;
		verified = verified || shown.level == LEVEL_VERIFIED;
		err = put_identifier(f, &shown);
	}
	*name_counts = verified || count == 1;
	return err;
}

static int identifier_linked(const struct fold *f)
{
	return db_do(f->db, STMT_OWNER_ADD, v_id(f->e->linked.identifier.v),
	    v_id(f->e->customer.v), v_int(f->e->linked.level), v_id(f->e->seq));
}

static int customer_created(const struct fold *f)
{
	return db_do(
	    f->db, STMT_CUSTOMER_ADD, v_id(f->e->customer.v), v_int(f->wall));
}

/* The contact is this customer's from here on, and so is the name it gave. */
static int set_owner(
    const struct fold *f, struct customer_id customer, struct customer_id maybe)
{
	uint64_t contact = f->e->contact.v;
	int err = db_do(f->db, STMT_CONTACT_OWNER, v_id(contact),
	    v_id(customer.v), v_id(maybe.v));

	if (err == 0 && id_is_set(customer))
		err = db_do(
		    f->db, STMT_CUSTOMER_ADD, v_id(customer.v), v_int(f->wall));
	if (err == 0 && id_is_set(customer))
		err = db_do(
		    f->db, STMT_CUSTOMER_NAME, v_id(customer.v), v_id(contact));
	return err;
}

static int contact_identified(const struct fold *f)
{
	return set_owner(f, f->e->customer, f->e->identified.maybe);
}

static int identity_settled(const struct fold *f)
{
	return set_owner(f, f->e->customer, (struct customer_id){ 0 });
}

/* ---- messages ------------------------------------------------------------ */

struct said {
	uint64_t message; /* 0: what the contact came with */
	enum author author;
	struct str subject, text, recipient;
};

static int put_attachment(const struct fold *f, size_t i, const struct json *a)
{
	int64_t size = json_int(json_get(a, "size"), 0);

	if (json_str(json_get(a, "file")).n == 0)
		return 0;
	return db_do(f->db, STMT_ATTACHMENT_ADD, v_id(f->e->seq), v_id(i),
	    v_text(json_str(json_get(a, "file"))),
	    v_text(json_str(json_get(a, "name"))),
	    v_text(json_str(json_get(a, "type"))), v_int(size > 0 ? size : 0));
}

static int put_attachments(const struct fold *f)
{
	const struct json *list = json_get(f->payload, "attachments");
	size_t i;
	int err = 0;

	for (i = 0; err == 0 && i < json_count(list) && i < ATTACHMENTS_MAX;
	     i++)
		err = put_attachment(f, i, json_at(list, i));
	return err;
}

static int put_message(const struct fold *f, const struct said *m)
{
	int err = db_do(f->db, STMT_MESSAGE_ADD, v_id(f->e->seq),
	    v_id(f->e->contact.v), v_id(m->message), v_int(m->author),
	    v_id(f->e->agent.v), v_int(f->wall), v_text(m->recipient),
	    v_text(m->subject), v_text(m->text));

	if (err == 0)
		err = db_do(f->db, STMT_MESSAGE_INDEX, v_id(f->e->seq),
		    v_text(m->subject), v_text(m->text));
	return err != 0 ? err : put_attachments(f);
}

static int message_added(const struct fold *f)
{
	struct said m = {
		.message = f->e->message.message.v,
		.author = (enum author)f->e->message.author,
		.subject = text_of(f, "subject"),
		.text = text_of(f, "text"),
		.recipient = text_of(f, "to"),
	};

	return put_message(f, &m);
}

/* What a contact comes with is its first message, unless it said nothing. */
static int first_message(const struct fold *f)
{
	struct said m = {
		.author = AUTHOR_CUSTOMER,
		.subject = text_of(f, "subject"),
		.text = text_of(f, "text"),
		.recipient = text_of(f, "to"),
	};
	bool files = json_count(json_get(f->payload, "attachments")) > 0;

	if (m.subject.n == 0 && m.text.n == 0 && !files)
		return 0;
	return put_message(f, &m);
}

/* ---- contacts ------------------------------------------------------------ */

/* What else came with the contact, kept as it is for whoever reads it. */
static void write_facts(const struct fold *f, struct buf *out)
{
	static const char *const names[] = { "raw", "from", "to", "message_id",
		"call", "dialled", "entrance" };
	const struct json *attributes = json_get(f->payload, "attributes");
	struct json_writer w;
	size_t i;

	jw_init(&w, out);
	jw_object(&w);
	for (i = 0; i < countof(names); i++) {
		if (text_of(f, names[i]).n > 0)
			jw_kstr(&w, names[i], text_of(f, names[i]));
	}
	if (json_count(attributes) > 0) {
		jw_key(&w, "attributes");
		jw_json(&w, attributes);
	}
	jw_end(&w);
}

static enum contact_state state_after(const struct fold *f, unsigned otherwise)
{
	const struct contact *c = world_contact(f->world, f->e->contact);

	return c != NULL ? c->state : (enum contact_state)otherwise;
}

static int add_contact(const struct fold *f, bool name_counts)
{
	const struct ev_contact_arrived *a = &f->e->arrived;
	struct str name = text_of(f, "name");
	struct buf facts = { 0 };
	int err;

	write_facts(f, &facts);
	err = db_do(f->db, STMT_CONTACT_ADD, v_id(f->e->contact.v),
	    v_int(a->channel), v_id(a->entrance.v),
	    v_int(state_after(f, CONTACT_WAITING)), v_int(a->outbound),
	    v_text(a->language), v_int(f->wall), v_text(text_of(f, "subject")),
	    v_text(first_words(text_of(f, "text"))), v_text(name),
	    v_id(name_counts && name.n > 0 ? f->e->seq : 0),
	    v_text(buf_str(&facts)));
	buf_done(&facts);
	return err;
}

static int contact_arrived(const struct fold *f)
{
	bool name_counts;
	int err = put_identifiers(f, &name_counts);

	if (err == 0)
		err = add_contact(f, name_counts);
	return err != 0 ? err : first_message(f);
}

static int update_parsed(const struct fold *f, bool name_counts)
{
	struct str name = text_of(f, "name");
	struct buf facts = { 0 };
	int err;

	write_facts(f, &facts);
	err = db_do(f->db, STMT_CONTACT_PARSED, v_id(f->e->contact.v),
	    v_text(f->e->parsed.language), v_text(text_of(f, "subject")),
	    v_text(first_words(text_of(f, "text"))), v_text(name),
	    v_id(name_counts && name.n > 0 ? f->e->seq : 0),
	    v_text(buf_str(&facts)));
	buf_done(&facts);
	return err;
}

static int contact_parsed(const struct fold *f)
{
	bool name_counts;
	int err = put_identifiers(f, &name_counts);

	if (err == 0)
		err = update_parsed(f, name_counts);
	return err != 0 ? err : first_message(f);
}

static int contact_state(const struct fold *f)
{
	return db_do(f->db, STMT_CONTACT_STATE, v_id(f->e->contact.v),
	    v_int(state_after(f, CONTACT_ENDED)));
}

static int contact_queued(const struct fold *f)
{
	/* A queue it also waits in is not the one it is shown under. */
	if (f->e->queued.added)
		return contact_state(f);
	return db_do(f->db, STMT_CONTACT_QUEUE, v_id(f->e->contact.v),
	    v_int(state_after(f, CONTACT_WAITING)), v_id(f->e->queued.queue.v));
}

static int contact_answered(const struct fold *f)
{
	int err = db_do(f->db, STMT_CONTACT_ANSWERED, v_id(f->e->contact.v),
	    v_int(state_after(f, CONTACT_ACTIVE)), v_id(f->e->agent.v),
	    v_int(f->wall));

	if (err == 0)
		err =
		    db_do(f->db, STMT_CONTACT_AGENT_ADD, v_id(f->e->contact.v),
		        v_id(f->e->seq), v_id(f->e->agent.v), v_int(f->wall));
	return err;
}

/* An agent's own beginning: no offer, no queue it waited in. */
static int contact_started(const struct fold *f)
{
	int err = db_do(f->db, STMT_CONTACT_QUEUE, v_id(f->e->contact.v),
	    v_int(CONTACT_ACTIVE), v_id(f->e->begun.queue.v));

	return err != 0 ? err : contact_answered(f);
}

static int offer_settled(const struct fold *f)
{
	return f->e->settled.end == OFFER_ACCEPTED ? contact_answered(f)
	                                           : contact_state(f);
}

static int contact_ended(const struct fold *f)
{
	return db_do(f->db, STMT_CONTACT_ENDED, v_id(f->e->contact.v),
	    v_int(CONTACT_ENDED), v_int(f->e->ended.reason), v_int(f->wall));
}

/* ---- people with a login ------------------------------------------------- */

static int person_set(const struct fold *f)
{
	const struct ev_person_set *p = &f->e->person;
	struct str hash = text_of(f, "hash");

	return db_do(f->db, STMT_PERSON_SET, v_text(p->name), v_int(p->role),
	    v_int(p->disabled), hash.n > 0 ? v_text(hash) : v_null());
}

static struct value token_value(const uint8_t token[32])
{
	return v_blob((struct str){ (const char *)token, 32 });
}

static int token_issued(const struct fold *f)
{
	const struct ev_token_issued *t = &f->e->token;

	return db_do(f->db, STMT_TOKEN_ADD, token_value(t->token),
	    v_text(t->name), v_int(t->role), v_int(t->until_wall));
}

static int token_revoked(const struct fold *f)
{
	return db_do(
	    f->db, STMT_TOKEN_REVOKE, token_value(f->e->revoked.token));
}

/* ---- all of them --------------------------------------------------------- */

static int config_activated(const struct fold *f)
{
	return record_labels(f->db, f->world);
}

typedef int (*fold_fn)(const struct fold *f);

/* One row per kind the record cares about; the others only matter to the
 * router and are found again in the log. */
static fold_fn fold_of(enum event_kind kind)
{
	switch (kind) {
	case EV_CONFIG_ACTIVATED:
		return config_activated;
	case EV_CONTACT_ARRIVED:
		return contact_arrived;
	case EV_CONTACT_PARSED:
		return contact_parsed;
	case EV_CONTACT_IDENTIFIED:
		return contact_identified;
	case EV_CONTACT_QUEUED:
		return contact_queued;
	case EV_CONTACT_STARTED:
		return contact_started;
	case EV_CONTACT_CLEARED:
	case EV_CONTACT_TRANSFERRED:
	case EV_CONTACT_CLOSED:
	case EV_CALL_PROGRESS:
	case EV_OFFER_MADE:
		return contact_state;
	case EV_CONTACT_ENDED:
		return contact_ended;
	case EV_OFFER_SETTLED:
		return offer_settled;
	case EV_MESSAGE_ADDED:
		return message_added;
	case EV_CUSTOMER_CREATED:
		return customer_created;
	case EV_IDENTIFIER_LINKED:
		return identifier_linked;
	case EV_IDENTITY_SETTLED:
		return identity_settled;
	case EV_PERSON_SET:
		return person_set;
	case EV_TOKEN_ISSUED:
		return token_issued;
	case EV_TOKEN_REVOKED:
		return token_revoked;
	default:
		return NULL;
	}
}

/* Where to find in the log what happened to a contact. The inputs are left
 * out: what they caused stands beside them. */
static int note_event(struct db *record, const struct event *e)
{
	if (!id_is_set(e->contact) || e->kind == EV_INPUT)
		return 0;
	return db_do(record, STMT_CONTACT_EVENT_ADD, v_id(e->contact.v),
	    v_id(e->seq), v_int(e->kind));
}

int record_event(
    struct db *record, const struct world *after, const struct event *e)
{
	struct fold f = { record, after, e, NULL, e->at + after->wall_offset };
	fold_fn fold = fold_of(e->kind);
	struct json *payload = NULL;
	int err = 0;

	if (fold != NULL && e->payload != NULL && e->payload->body.n > 0 &&
	    json_parse(e->payload->body, PAYLOAD_STRING_MAX, &payload, NULL) !=
	        0)
		payload = NULL;
	f.payload = payload;
	if (fold != NULL)
		err = fold(&f);
	json_free(payload);
	return err != 0 ? err : note_event(record, e);
}

static int put_label(struct db *record, const char *kind, uint64_t id,
    const char *name, const char *label)
{
	return db_do(record, STMT_LABEL_SET, v_text(str_of(kind)), v_id(id),
	    v_text(str_of(name)), v_text(str_of(label)));
}

static const char *or_name(const char *label, const char *name)
{
	return label != NULL && label[0] != '\0' ? label : name;
}

/* Whoever has left the config keeps the label of the day they left. */
static int agent_labels(struct db *record, const struct world *w)
{
	const struct rule_agent *rule;
	size_t i;
	int err = 0;

	for (i = 0; err == 0 && i < w->agent_count; i++) {
		rule = w->rules != NULL ? agent_rule(w->rules, w->agents[i])
		                        : NULL;
		if (rule != NULL)
			err = put_label(record, "a", w->agents[i]->id.v,
			    w->agents[i]->name,
			    or_name(rule->label, rule->name));
	}
	return err;
}

static int queue_labels(struct db *record, const struct world *w)
{
	const struct rule_queue *rule;
	size_t i;
	int err = 0;

	for (i = 0; err == 0 && i < w->queue_count; i++) {
		rule = w->rules != NULL ? queue_rule(w->rules, w->queues[i])
		                        : NULL;
		if (rule != NULL)
			err = put_label(record, "q", w->queues[i]->id.v,
			    w->queues[i]->name,
			    or_name(rule->label, rule->name));
	}
	return err;
}

int record_labels(struct db *record, const struct world *w)
{
	int err = agent_labels(record, w);
	size_t i;

	if (err == 0)
		err = queue_labels(record, w);
	for (i = 0; err == 0 && i < w->entrance_count; i++)
		err = put_label(record, "e", w->entrances[i]->id.v,
		    w->entrances[i]->name, w->entrances[i]->name);
	return err;
}

int record_progress(struct db *record, uint64_t *out)
{
	int64_t seq;
	int err = db_number(record, STMT_PROGRESS_GET, 0, &seq);

	*out = (uint64_t)seq;
	return err;
}

int record_set_progress(struct db *record, uint64_t seq)
{
	return db_do(record, STMT_PROGRESS_SET, v_id(seq));
}
