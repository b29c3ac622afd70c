/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * frame.c - one row per event kind that agents hear of.
 *
 * Entered by the stream, with committed events only, live or from the ring.
 * The world may be ahead of the event: what the event says is the truth, the
 * world only lends names.
 */
#include "api/frame.h"

#include "api/show.h"
#include "base/check.h"
#include "base/utf8.h"

/* A mail's text is larger than a message of a peer may be. */
#define PAYLOAD_STRING_MAX ((size_t)16 * 1024 * 1024)

struct frame { /* one being written */
	const struct world *world;
	const struct event *e;
	struct json_writer *w;
};

/* ---- contacts ------------------------------------------------------------- */

/* What the client needs to show it; the rest is in the `contact` command. */
static void add_contact(const struct frame *f, enum contact_state state)
{
	const struct contact *c = world_contact(f->world, f->e->contact);

	jw_ktext(f->w, "state", contact_state_word(state));
	if (c == NULL)
		return;
	jw_ktext(f->w, "channel", channel_word(c->channel));
	jw_kid(f->w, "customer", 'p', c->customer.v);
	jw_kid(f->w, "maybe", 'p', c->maybe.v);
	show_language(f->w, c->language);
}

static void add_started(const struct frame *f)
{
	add_contact(f, CONTACT_ACTIVE);
	show_queue_name(f->w, "queue", f->world, f->e->begun.queue);
}

static void add_queued(const struct frame *f)
{
	add_contact(f, CONTACT_WAITING);
	show_queue_name(f->w, "queue", f->world, f->e->queued.queue);
	jw_ktext(f->w, "reason", queued_reason_word(f->e->queued.reason));
}

static void add_transferred(const struct frame *f)
{
	add_contact(f, CONTACT_WAITING);
	show_queue_name(f->w, "queue", f->world, f->e->transferred.queue);
	show_agent_name(f->w, "to", f->world, f->e->transferred.to);
	jw_ktext(f->w, "reason", "transfer");
}

static void add_ended(const struct frame *f)
{
	add_contact(f, CONTACT_ENDED);
	jw_ktext(f->w, "reason", end_reason_word(f->e->ended.reason));
}

static void add_identified(const struct frame *f)
{
	jw_kid(f->w, "customer", 'p', f->e->customer.v);
	jw_kid(f->w, "maybe", 'p', f->e->identified.maybe.v);
}

static void add_identity(const struct frame *f)
{
	jw_kid(f->w, "customer", 'p', f->e->customer.v);
	jw_kid(f->w, "maybe", 'p', 0);
	jw_kbool(f->w, "confirmed", f->e->identity.confirmed);
}

static void add_call(const struct frame *f)
{
	jw_ktext(f->w, "step", call_step_word(f->e->call.step));
	jw_kid(f->w, "offer", 'o', f->e->call.offer.v);
}

/* ---- messages ------------------------------------------------------------- */

/* A mail may be megabytes: what is cut off can be asked for. */
static void add_text(const struct frame *f, const struct json *said)
{
	struct str text = json_str(json_get(said, "text"));
	struct str shown = utf8_cut(text, FRAME_TEXT_MAX);
	const struct json *files = json_get(said, "attachments");

	if (json_str(json_get(said, "subject")).n > 0)
		jw_kstr(f->w, "subject", json_str(json_get(said, "subject")));
	jw_kstr(f->w, "text", shown);
	/* The whole of it: the `contact` command. */
	if (shown.n < text.n)
		jw_kbool(f->w, "cut", true);
	if (json_count(files) > 0) {
		jw_key(f->w, "attachments");
		jw_json(f->w, files);
	}
}

static void add_message(const struct frame *f)
{
	struct json *said = NULL;
	int err = ERR_NOT_FOUND;

	jw_kid(f->w, "message", 'm', f->e->message.message.v);
	jw_ktext(f->w, "author", author_word(f->e->message.author));
	show_agent_name(f->w, "agent", f->world, f->e->agent);
	if (f->e->payload != NULL)
		err = json_parse(
		    f->e->payload->body, PAYLOAD_STRING_MAX, &said, NULL);
	/* No payload: the person has been erased since. */
	if (err == 0)
		add_text(f, said);
	else
		jw_ktext(f->w, "text", NULL);
	json_free(said);
}

/* ---- agents --------------------------------------------------------------- */

static void add_state(const struct frame *f)
{
	const struct ev_agent_state *s = &f->e->state;

	show_agent_name(f->w, "agent", f->world, f->e->agent);
	jw_ktext(f->w, "state", agent_state_word(s->state));
	jw_kstr(f->w, "reason", s->reason);
	show_time(f->w, "until", f->world, s->until);
	show_agent_name(f->w, "by", f->world, s->by);
}

static void add_settled(const struct frame *f)
{
	jw_kid(f->w, "offer", 'o', f->e->settled.offer.v);
	jw_ktext(f->w, "reason", offer_end_word(f->e->settled.end));
}

/* The beginning of the contact in this agent's hands. */
static void add_accepted(const struct frame *f)
{
	const struct contact *c = world_contact(f->world, f->e->contact);

	add_contact(f, CONTACT_ACTIVE);
	if (c != NULL)
		show_queue_name(f->w, "queue", f->world, c->queue);
	jw_kid(f->w, "offer", 'o', f->e->settled.offer.v);
}

/* ---- what went wrong outside ---------------------------------------------- */

/* The mail did not leave, the call was not made: its agent must know. */
static void add_failed(const struct frame *f)
{
	int code = (int)f->e->done.code;

	jw_ktext(f->w, "error", err_name(code));
	jw_key(f->w, "text");
	jw_textf(f->w, "a mail or call of this contact has failed: %s",
	    err_text(code));
}

/* ---- the table ------------------------------------------------------------ */

typedef void (*add_fn)(const struct frame *f);
static const struct frame_row {
	enum event_kind kind;
	const char *type;
	add_fn add; /* NULL: made elsewhere, with the record's help */
} rows[] = {
	{ EV_CONTACT_STARTED, "contact", add_started },
	{ EV_CONTACT_QUEUED, "contact", add_queued },
	{ EV_CONTACT_TRANSFERRED, "contact", add_transferred },
	{ EV_CONTACT_ENDED, "contact", add_ended },
	{ EV_CONTACT_IDENTIFIED, "identity", add_identified },
	{ EV_IDENTITY_SETTLED, "identity", add_identity },
	{ EV_CALL_PROGRESS, "call", add_call },
	{ EV_MESSAGE_ADDED, "message", add_message },
	{ EV_OFFER_MADE, "offer", NULL },
	{ EV_OFFER_SETTLED, "offer-closed", add_settled },
	{ EV_AGENT_STATE, "state", add_state },
	{ EV_ORDER_DONE, "error", add_failed },
};

static const struct frame_row *find_row(enum event_kind kind)
{
	size_t i;

	for (i = 0; i < countof(rows); i++)
		if (rows[i].kind == kind)
			return &rows[i];
	return NULL;
}

bool frame_has(enum event_kind kind)
{
	return find_row(kind) != NULL;
}

/* A note is a message only agents see: clients must not mix the two up. */
static const char *type_of(const struct frame_row *row, const struct event *e)
{
	if (e->kind == EV_MESSAGE_ADDED && e->message.author == AUTHOR_NOTE)
		return "note";
	return row->type;
}

/* `is_last`: of its event's frames; only that one carries the seq, so that
 * whoever was cut off between two of them is told both again. */
static void write_frame(
    const struct frame *f, const char *type, add_fn add, bool is_last)
{
	jw_object(f->w);
	jw_ktext(f->w, "type", type);
	if (is_last)
		jw_ku64(f->w, "seq", f->e->seq);
	show_time(f->w, "at", f->world, f->e->at);
	if (id_is_set(f->e->contact))
		jw_kid(f->w, "contact", 'c', f->e->contact.v);
	add(f);
	jw_end(f->w);
}

bool frame_of_event(
    const struct world *world, const struct event *e, struct buf *out)
{
	const struct frame_row *row = find_row(e->kind);
	bool accepted =
	    e->kind == EV_OFFER_SETTLED && e->settled.end == OFFER_ACCEPTED;
	struct json_writer w;
	struct frame f = { world, e, &w };

	if (row == NULL || row->add == NULL)
		return false;
	if (e->kind == EV_ORDER_DONE && e->done.code == 0)
		return false;
	jw_init(&w, out);
	write_frame(&f, type_of(row, e), row->add, !accepted);
	if (accepted) {
		buf_add_char(out, '\n');
		jw_init(&w, out);
		write_frame(&f, "contact", add_accepted, true);
	}
	return true;
}

void frame_resumed(struct buf *out, uint64_t seq)
{
	buf_addf(out, "{\"type\":\"resumed\",\"seq\":%llu}",
	    (unsigned long long)seq);
}

void frame_typing(struct buf *out, struct contact_id contact)
{
	buf_addf(out, "{\"type\":\"typing\",\"contact\":\"c%llu\"}",
	    (unsigned long long)contact.v);
}

void frame_conflict(struct buf *out)
{
	buf_add_text(
	    out, "{\"type\":\"conflict\",\"text\":\"signed in elsewhere\"}");
}
