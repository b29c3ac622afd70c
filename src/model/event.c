/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * event.c - the fields of every event, as tables.
 *
 * The order of the rows is the order of the bytes on disk: rows are added at
 * the end of a table only.
 */
#include "model/event.h"

#include "base/check.h"
#include "model/input.h"

static const char *show_input(unsigned v)
{
	return input_name((enum input_kind)v);
}

static const struct field input_fields[] = {
	FIELD_NAMED(struct ev_input, input, show_input),
	FIELD(struct ev_input, STR, body),
	FIELD_END,
};
static const struct field started_fields[] = {
	FIELD(struct ev_started, U64, epoch),
	FIELD(struct ev_started, U32, router),
	FIELD(struct ev_started, I64, wall_offset),
	FIELD_END,
};
static const struct field config_fields[] = {
	FIELD(struct ev_config_activated, HASH, digest),
	FIELD(struct ev_config_activated, STR, text),
	FIELD(struct ev_config_activated, STR, author),
	FIELD_END,
};
static const struct field wall_fields[] = {
	FIELD(struct ev_wall_set, I64, offset),
	FIELD_END,
};
static const struct field hours_fields[] = {
	FIELD(struct ev_hours_changed, STR, hours),
	FIELD(struct ev_hours_changed, BOOL, open),
	FIELD(struct ev_hours_changed, I64, next_wall),
	FIELD_END,
};
static const struct field arrived_fields[] = {
	FIELD_NAMED(struct ev_contact_arrived, channel, channel_word),
	FIELD_AS(struct ev_contact_arrived, 'e', entrance),
	FIELD(struct ev_contact_arrived, U64, key),
	FIELD(struct ev_contact_arrived, U64, content),
	FIELD(struct ev_contact_arrived, STR, language),
	FIELD(struct ev_contact_arrived, BOOL, outbound),
	FIELD(struct ev_contact_arrived, BOOL, unparsed),
	FIELD(struct ev_contact_arrived, HASH, digest),
	FIELD_END,
};
static const struct field parsed_fields[] = {
	FIELD(struct ev_contact_parsed, BOOL, failed),
	FIELD(struct ev_contact_parsed, STR, language),
	FIELD(struct ev_contact_parsed, HASH, digest),
	FIELD_END,
};
static const struct field identified_fields[] = {
	FIELD_AS(struct ev_contact_identified, 'p', maybe),
	FIELD_AS(struct ev_contact_identified, 'i', by),
	FIELD_END,
};
static const struct field queued_fields[] = {
	FIELD_AS(struct ev_contact_queued, 'q', queue),
	FIELD_NAMED(struct ev_contact_queued, reason, queued_reason_word),
	FIELD(struct ev_contact_queued, BOOL, added),
	FIELD(struct ev_contact_queued, U8, overflow),
	FIELD_AS(struct ev_contact_queued, 'q', from),
	FIELD(struct ev_contact_queued, I64, offset),
	FIELD(struct ev_contact_queued, U32, route_line),
	FIELD_AS(struct ev_contact_queued, 'a', held_for),
	FIELD(struct ev_contact_queued, I64, held_until),
	FIELD_AS(struct ev_contact_queued, 'a', own),
	FIELD_END,
};
static const struct field relaxed_fields[] = {
	FIELD_AS(struct ev_contact_relaxed, 'q', queue),
	FIELD(struct ev_contact_relaxed, U8, rung),
	FIELD_END,
};
static const struct field nothing_fields[] = {
	FIELD_END,
};
static const struct field cleared_fields[] = {
	FIELD(struct ev_contact_cleared, BOOL, woken),
	FIELD(struct ev_contact_cleared, BOOL, unheld),
	FIELD_END,
};
static const struct field begun_fields[] = {
	FIELD_AS(struct ev_contact_started, 'q', queue),
	FIELD_END,
};
static const struct field transferred_fields[] = {
	FIELD_AS(struct ev_contact_transferred, 'q', queue),
	FIELD_AS(struct ev_contact_transferred, 'a', to),
	FIELD(struct ev_contact_transferred, I64, exclude_until),
	FIELD_END,
};
static const struct field ended_fields[] = {
	FIELD_NAMED(struct ev_contact_ended, reason, end_reason_word),
	FIELD_END,
};
static const struct field closed_fields[] = {
	FIELD_AS(struct ev_contact_closed, 'q', queue),
	FIELD_NAMED(struct ev_contact_closed, action, closed_action_word),
	FIELD(struct ev_contact_closed, I64, next_wall),
	FIELD_END,
};
static const struct field call_fields[] = {
	FIELD_NAMED(struct ev_call_progress, step, call_step_word),
	FIELD_AS(struct ev_call_progress, 'o', offer),
	FIELD_END,
};
static const struct field message_fields[] = {
	FIELD_AS(struct ev_message_added, 'm', message),
	FIELD_NAMED(struct ev_message_added, author, author_word),
	FIELD(struct ev_message_added, U64, key),
	FIELD(struct ev_message_added, U64, content),
	FIELD(struct ev_message_added, U32, size),
	FIELD(struct ev_message_added, HASH, digest),
	FIELD_END,
};
static const struct field offer_fields[] = {
	FIELD_AS(struct ev_offer_made, 'o', offer),
	FIELD_AS(struct ev_offer_made, 'q', queue),
	FIELD(struct ev_offer_made, I64, deadline),
	FIELD_NAMED(struct ev_offer_made, step, rank_step_text),
	FIELD(struct ev_offer_made, BOOL, agent_chose),
	FIELD_AS(struct ev_offer_made, 'a', second),
	FIELD_AS(struct ev_offer_made, 'c', passed),
	FIELD(struct ev_offer_made, I64, key),
	FIELD(struct ev_offer_made, I64, passed_key),
	FIELD(struct ev_offer_made, U32, set),
	FIELD(struct ev_offer_made, U32, profile),
	FIELD(struct ev_offer_made, U8, rung),
	FIELD_END,
};
static const struct field settled_fields[] = {
	FIELD_AS(struct ev_offer_settled, 'o', offer),
	FIELD_NAMED(struct ev_offer_settled, end, offer_end_word),
	FIELD(struct ev_offer_settled, I64, exclude_until),
	FIELD(struct ev_offer_settled, STR, reason),
	FIELD_END,
};
static const struct field linked_fields[] = {
	FIELD_AS(struct ev_identifier_linked, 'i', identifier),
	FIELD_NAMED(
	    struct ev_identifier_linked, identifier_kind, identifier_kind_word),
	FIELD_NAMED(struct ev_identifier_linked, level, level_word),
	FIELD_END,
};
static const struct field identity_fields[] = {
	FIELD(struct ev_identity_settled, BOOL, confirmed),
	FIELD_AS(struct ev_identity_settled, 'p', maybe),
	FIELD(struct ev_identity_settled, STR, evidence),
	FIELD_END,
};
static const struct field state_fields[] = {
	FIELD_NAMED(struct ev_agent_state, state, agent_state_word),
	FIELD(struct ev_agent_state, STR, reason),
	FIELD(struct ev_agent_state, I64, until),
	FIELD_AS(struct ev_agent_state, 'a', by),
	FIELD_END,
};
static const struct field session_fields[] = {
	FIELD(struct ev_agent_session, U64, session),
	FIELD_END,
};
static const struct field device_fields[] = {
	FIELD_NAMED(struct ev_device_state, device, device_state_word),
	FIELD_END,
};
static const struct field queue_override_fields[] = {
	FIELD_AS(struct ev_queue_override, 'q', queue),
	FIELD(struct ev_queue_override, U8, what),
	FIELD(struct ev_queue_override, I64, until),
	FIELD(struct ev_queue_override, STR, author),
	FIELD_END,
};
static const struct field skill_override_fields[] = {
	FIELD_AS(struct ev_skill_override, 's', skill),
	FIELD(struct ev_skill_override, U8, what),
	FIELD(struct ev_skill_override, U8, level),
	FIELD(struct ev_skill_override, I64, until),
	FIELD(struct ev_skill_override, STR, author),
	FIELD_END,
};
static const struct field order_fields[] = {
	FIELD_NAMED(struct ev_order_owed, order, order_kind_word),
	FIELD_AS(struct ev_order_owed, 'o', offer),
	FIELD_AS(struct ev_order_owed, 'm', message),
	FIELD(struct ev_order_owed, I64, until),
	FIELD(struct ev_order_owed, U8, detail),
	FIELD_END,
};
static const struct field done_fields[] = {
	FIELD(struct ev_order_done, U64, order),
	FIELD(struct ev_order_done, I64, code),
	FIELD_END,
};
static const struct field person_fields[] = {
	FIELD(struct ev_person_set, STR, name),
	FIELD_NAMED(struct ev_person_set, role, role_word),
	FIELD(struct ev_person_set, BOOL, disabled),
	FIELD(struct ev_person_set, HASH, digest),
	FIELD_END,
};
static const struct field token_fields[] = {
	FIELD(struct ev_token_issued, STR, name),
	FIELD(struct ev_token_issued, HASH, token),
	FIELD_NAMED(struct ev_token_issued, role, role_word),
	FIELD(struct ev_token_issued, I64, until_wall),
	FIELD_END,
};
static const struct field revoked_fields[] = {
	FIELD(struct ev_token_revoked, HASH, token),
	FIELD_END,
};

static const struct field *fields_of(enum event_kind k)
{
	switch (k) { /* one row per kind */
	case EV_INPUT:
		return input_fields;
	case EV_STARTED:
		return started_fields;
	case EV_CONFIG_ACTIVATED:
		return config_fields;
	case EV_WALL_SET:
		return wall_fields;
	case EV_HOURS_CHANGED:
		return hours_fields;
	case EV_CONTACT_ARRIVED:
		return arrived_fields;
	case EV_CONTACT_PARSED:
		return parsed_fields;
	case EV_CONTACT_IDENTIFIED:
		return identified_fields;
	case EV_CONTACT_QUEUED:
		return queued_fields;
	case EV_CONTACT_RELAXED:
		return relaxed_fields;
	case EV_CONTACT_CLEARED:
		return cleared_fields;
	case EV_CONTACT_STARTED:
		return begun_fields;
	case EV_CONTACT_TRANSFERRED:
		return transferred_fields;
	case EV_CONTACT_ENDED:
		return ended_fields;
	case EV_CONTACT_CLOSED:
		return closed_fields;
	case EV_CALL_PROGRESS:
		return call_fields;
	case EV_MESSAGE_ADDED:
		return message_fields;
	case EV_OFFER_MADE:
		return offer_fields;
	case EV_OFFER_SETTLED:
		return settled_fields;
	case EV_CUSTOMER_CREATED:
		return nothing_fields;
	case EV_IDENTIFIER_LINKED:
		return linked_fields;
	case EV_IDENTITY_SETTLED:
		return identity_fields;
	case EV_AGENT_STATE:
		return state_fields;
	case EV_AGENT_SESSION:
		return session_fields;
	case EV_DEVICE_STATE:
		return device_fields;
	case EV_QUEUE_OVERRIDE:
		return queue_override_fields;
	case EV_SKILL_OVERRIDE:
		return skill_override_fields;
	case EV_ORDER_OWED:
		return order_fields;
	case EV_ORDER_DONE:
		return done_fields;
	case EV_PERSON_SET:
		return person_fields;
	case EV_TOKEN_ISSUED:
		return token_fields;
	case EV_TOKEN_REVOKED:
		return revoked_fields;
	}
	return NULL;
}

#define EVENT_CASE_NAME(symbol, number, version, name)                         \
	case EV_##symbol:                                                      \
		return name;
#define EVENT_CASE_VERSION(symbol, number, version, name)                      \
	case EV_##symbol:                                                      \
		return version;

const char *event_name(enum event_kind k)
{
	switch (k) {
		EVENT_TABLE(EVENT_CASE_NAME)
	}
	return NULL;
}

unsigned event_version(enum event_kind k)
{
	switch (k) {
		EVENT_TABLE(EVENT_CASE_VERSION)
	}
	return 0;
}

void event_encode(const struct event *e, struct buf *out)
{
	encode(fields_of(e->kind), &e->input, out);
}

int event_decode(struct event *e, unsigned version, struct str body)
{
	const struct field *fields = fields_of(e->kind);
	struct reader r = reader_of(body);
	int rc;

	if (fields == NULL || version == 0 || version > event_version(e->kind))
		return ERR_VERSION;
	rc = decode(fields, &r, &e->input);
	if (rc == 0 && (r.failed || r.n != 0))
		rc = ERR_CORRUPT;
	return rc;
}

void event_show(const struct event *e, struct json_writer *w)
{
	jw_object(w);
	jw_ku64(w, "seq", e->seq);
	jw_kint(w, "at", e->at);
	jw_ktext(w, "kind", event_name(e->kind));
	if (id_is_set(e->contact))
		jw_kid(w, "contact", 'c', e->contact.v);
	if (id_is_set(e->customer))
		jw_kid(w, "customer", 'p', e->customer.v);
	if (id_is_set(e->agent))
		jw_kid(w, "agent", 'a', e->agent.v);
	fields_show(fields_of(e->kind), &e->input, w);
	jw_end(w);
}

#define WORD(symbol, word) word,
static const char *const order_words[] = { ORDER_TABLE(WORD) };
static const char *const step_texts[] = { STEP_TABLE(WORD) };
#undef WORD
static const char *const call_words[] = { "none", "held", "ringing", "talking",
	"offer-failed", "agent-left", "caller-left" };

const char *order_kind_word(unsigned v)
{
	return v < countof(order_words) ? order_words[v] : "?";
}

const char *rank_step_text(unsigned v)
{
	return v < countof(step_texts) ? step_texts[v] : "?";
}

const char *call_step_word(unsigned v)
{
	return v < countof(call_words) ? call_words[v] : "?";
}

bool call_step_parse(struct str word, enum call_step *out)
{
	unsigned v;

	for (v = CALL_HELD; v < countof(call_words); v++) {
		if (str_is(word, call_words[v])) {
			*out = (enum call_step)v;
			return true;
		}
	}
	return false;
}
