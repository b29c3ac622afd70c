/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * chat_frame.c - what customers are shown, as JSON.
 *
 * Entered by the chat room's other files. Pure: world, events and rows of the
 * record in, text out. Notes of agents must never pass here, nor anything of
 * offers, nor who else is known of the customer.
 */
#include <stdio.h>

#include "base/json.h"
#include "channel/chat.h"

static void begin(struct json_writer *w, const char *type, struct buf *out)
{
	jw_init(w, out);
	jw_object(w);
	jw_ktext(w, "type", type);
}

void chat_put_message(const struct chat_shown *m, struct buf *out)
{
	struct json_writer w;

	begin(&w, "message", out);
	jw_ku64(&w, "seq", m->seq);
	jw_kid(&w, "message", 'm', m->message.v);
	jw_kstr(&w, "author", m->author);
	if (m->name.n > 0)
		jw_kstr(&w, "name", m->name);
	jw_kstr(&w, "text", m->text);
	jw_kstr(&w, "at", m->at);
	jw_end(&w);
}

static bool is_shown(enum author author)
{
	return author == AUTHOR_CUSTOMER || author == AUTHOR_AGENT ||
	       author == AUTHOR_SYSTEM;
}

/* Customers read the label, never the login. */
static const char *label_of_agent(const struct world *w, struct agent_id id)
{
	const struct agent *a = world_agent(w, id);
	const struct rule_agent *rule = NULL;

	if (a != NULL && w->rules != NULL)
		rule = agent_rule(w->rules, a);
	if (rule == NULL)
		return NULL;
	return rule->label != NULL ? rule->label : rule->name;
}

/* What a contact arrives with is its first message, without a number. */
static bool author_of(
    const struct event *e, enum author *author, struct message_id *message)
{
	if (e->kind == EV_CONTACT_ARRIVED && !e->arrived.outbound) {
		*author = AUTHOR_CUSTOMER;
		return true;
	}
	if (e->kind != EV_MESSAGE_ADDED)
		return false;
	*author = (enum author)e->message.author;
	*message = e->message.message;
	return is_shown(*author);
}

/* The text comes from the payload, which is borrowed for this call: nothing of
 * it is kept. */
bool chat_put_event(
    const struct world *w, const struct event *e, struct buf *out)
{
	struct chat_shown shown = { .seq = e->seq };
	struct json *tree = NULL;
	enum author author;
	char at[CLOCK_TEXT];

	if (!author_of(e, &author, &shown.message) || e->payload == NULL ||
	    json_parse(e->payload->body, 0, &tree, NULL) != 0)
		return false;
	shown.author = str_of(author_word(author));
	shown.text = json_str(json_get(tree, "text"));
	if (author == AUTHOR_AGENT)
		shown.name = str_of(label_of_agent(w, e->agent));
	clock_format(e->at + w->wall_offset, at);
	shown.at = str_of(at);
	if (shown.text.n > 0)
		chat_put_message(&shown, out);
	json_free(tree);
	return out->len > 0;
}

bool chat_put_row(
    const struct json *row, struct chat_shown *out_shown, struct buf *out)
{
	struct chat_shown shown = { 0 };
	enum author author;

	shown.seq = (uint64_t)json_int(json_get(row, "seq"), 0);
	if (id_parse('m', json_str(json_get(row, "id")), &shown.message.v) != 0)
		shown.message.v = 0;
	shown.author = json_str(json_get(row, "author"));
	shown.text = json_str(json_get(row, "text"));
	shown.at = json_str(json_get(row, "at"));
	if (author_parse(shown.author, &author) && author == AUTHOR_AGENT)
		shown.name = json_str(json_get(row, "agent"));
	*out_shown = shown;
	if (!author_parse(shown.author, &author) || !is_shown(author) ||
	    shown.text.n == 0)
		return false;
	chat_put_message(&shown, out);
	return true;
}

/* ---- state ------------------------------------------------------------------ */

static const struct queue *queue_of(const struct contact *c)
{
	return c->place_count == 0 ? NULL : c->places[0]->queue;
}

/* The queue's list is in order of entry: nearly, but not always, the order of
 * service, and good enough for a promise that is looked at, not kept. */
void chat_place(
    const struct world *w, struct contact_id contact, char dst[CHAT_PLACE_TEXT])
{
	const struct contact *c = door_live(w, contact);
	const struct place *p;
	unsigned before = 0;

	dst[0] = '\0';
	if (c == NULL || c->owner != NULL || queue_of(c) == NULL)
		return;
	list_each(p, &queue_of(c)->places, in_queue) {
		if (p->contact == c || before == CHAT_PLACES_SHOWN)
			break;
		if (p->contact->owner == NULL)
			before++;
	}
	if (before == CHAT_PLACES_SHOWN)
		(void)snprintf(dst, CHAT_PLACE_TEXT, "%d+", CHAT_PLACES_SHOWN);
	else
		(void)snprintf(dst, CHAT_PLACE_TEXT, "%u", before + 1);
}

/* An offer is no news for a customer: it still waits. */
static const char *state_of(const struct contact *c)
{
	if (c == NULL)
		return "ended";
	return c->owner != NULL ? "with-agent" : "waiting";
}

static void put_place(
    const struct world *w, const struct contact *c, struct json_writer *j)
{
	const struct queue *q = queue_of(c);
	const struct rule_queue *rule = NULL;
	char place[CHAT_PLACE_TEXT];

	chat_place(w, c->id, place);
	if (q == NULL || place[0] == '\0')
		return;
	jw_ktext(j, "place", place);
	if (w->rules != NULL)
		rule = queue_rule(w->rules, q);
	if (rule != NULL)
		jw_ktext(
		    j, "queue", rule->label != NULL ? rule->label : rule->name);
}

void chat_put_state(const struct world *w, struct contact_id contact,
    uint64_t seq, struct buf *out)
{
	const struct contact *c = door_live(w, contact);
	struct json_writer j;
	const char *label;

	begin(&j, "state", out);
	jw_ku64(&j, "seq", seq);
	jw_ktext(&j, "state", state_of(c));
	if (c != NULL && c->owner != NULL) {
		label = label_of_agent(w, c->owner->id);
		if (label != NULL)
			jw_ktext(&j, "agent", label);
	} else if (c != NULL) {
		put_place(w, c, &j);
	}
	jw_end(&j);
}

/* The brand's words for it, in the contact's language. */
static const char *closed_text(const struct world *w, struct contact_id contact)
{
	const struct contact *c = world_contact(w, contact);
	const struct rule_entrance *door;
	char language[3] = "";

	if (c == NULL)
		return NULL;
	door = door_of(w, c);
	if (c->language != 0)
		language_unpack(c->language, language);
	return door_text(w, door, "closed", str_of(language));
}

void chat_put_closed(
    const struct world *w, const struct chat *c, uint64_t seq, struct buf *out)
{
	const char *text = closed_text(w, c->contact);
	char next[CLOCK_TEXT];
	struct json_writer j;

	begin(&j, "closed", out);
	jw_ku64(&j, "seq", seq);
	jw_ktext(&j, "action", closed_action_word(c->action));
	if (c->next_wall >= 0)
		clock_format(c->next_wall, next);
	jw_ktext(&j, "next", c->next_wall >= 0 ? next : NULL);
	if (text != NULL)
		jw_ktext(&j, "text", text);
	jw_end(&j);
}

/* ---- answers ---------------------------------------------------------------- */

/* `seq` is where the log stood, not where to go on from: messages of others
 * may lie before it and not be told yet. */
void chat_put_ack(
    struct str key, struct message_id message, uint64_t seq, struct buf *out)
{
	struct json_writer j;

	begin(&j, "ack", out);
	jw_kstr(&j, "key", key);
	jw_kid(&j, "message", 'm', message.v);
	jw_ku64(&j, "seq", seq);
	jw_end(&j);
}

void chat_put_error(struct str key, const struct fault *why, struct buf *out)
{
	struct json_writer j;

	begin(&j, "error", out);
	if (key.n > 0)
		jw_kstr(&j, "key", key);
	jw_ktext(&j, "error", err_name(why->code));
	jw_ktext(
	    &j, "text", why->text[0] != '\0' ? why->text : err_text(why->code));
	jw_end(&j);
}
