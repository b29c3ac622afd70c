/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * event_body.h - what each kind of event holds, beside the row's columns.
 *
 * Part of event.h and included by it alone. Fields are only ever added at the
 * end of a struct and of its table in event.c: they are bytes on disk.
 */
#ifndef USHER_MODEL_EVENT_BODY_H
#define USHER_MODEL_EVENT_BODY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/id.h"
#include "base/str.h"

#define INPUT_BODY_MAX 4096
struct ev_input {      /* the input that caused what follows, encoded */
	uint8_t input; /* enum input_kind */
	struct str body;
};
struct ev_started {
	uint64_t epoch;      /* fencing number of this owner */
	uint32_t router;     /* version of decide() from here on */
	int64_t wall_offset; /* wall time - router time */
};
struct ev_config_activated {
	uint8_t digest[32];
	struct str text;   /* canonical */
	struct str author; /* agent name, "start" or "signal" */
};
struct ev_wall_set {
	int64_t offset;
};
struct ev_hours_changed {
	struct str hours;
	bool open;
	int64_t next_wall; /* when it changes again; -1 unknown */
};
struct ev_contact_arrived {
	uint8_t channel;
	struct entrance_id entrance;
	uint64_t key;     /* idempotency key (digest64), 0: none */
	uint64_t content; /* digest64 of what came with the key */
	struct str language;
	bool outbound;      /* started by an agent */
	bool unparsed;      /* raw mail: routed after CONTACT_PARSED */
	uint8_t digest[32]; /* of the payload */
};
struct ev_contact_parsed {
	bool failed; /* kept raw, routed as such */
	struct str language;
	uint8_t digest[32];
};
struct ev_contact_identified {    /* event.customer: whose it is, or 0 */
	struct customer_id maybe; /* "probably", until an agent settles it */
	struct identifier_id by;
};
struct ev_contact_queued {
	struct queue_id queue;
	uint8_t reason;   /* enum queued_reason */
	bool added;       /* waits in this queue too; else in this one only */
	uint8_t overflow; /* of the queue before: which of its overflows, +1 */
	struct queue_id from;
	int64_t offset; /* T/v - h, ms */
	uint32_t route_line;
	struct agent_id held_for; /* reserved for this agent ... */
	int64_t held_until;       /* ... until then; 0: not held */
	struct agent_id own;      /* who served this customer last */
};
struct ev_contact_relaxed {
	struct queue_id queue;
	uint8_t rung;
};
struct ev_contact_started { /* by an agent (event.agent), who owns it */
	struct queue_id queue;
};
struct ev_contact_transferred {
	struct queue_id queue;
	struct agent_id to;
	int64_t exclude_until; /* who let it go is not offered it before */
};
struct ev_contact_cleared { /* holds and exclusions that are over go */
	bool woken;         /* its queue has opened */
	bool unheld;        /* whom it was held for has left */
};
struct ev_contact_ended {
	uint8_t reason; /* enum end_reason */
};
struct ev_contact_closed { /* the queue was closed when it came */
	struct queue_id queue;
	uint8_t action; /* enum closed_action */
	int64_t next_wall;
};
enum call_step {
	CALL_HELD = 1,
	CALL_RINGING,
	CALL_TALKING,
	CALL_FAILED,
	CALL_AGENT_LEFT,
	CALL_CALLER_LEFT
};
const char *call_step_word(unsigned v);
bool call_step_parse(struct str word, enum call_step *out);
struct ev_call_progress {
	uint8_t step;
	struct offer_id offer;
};
struct ev_message_added {
	struct message_id message;
	uint8_t author; /* enum author */
	uint64_t key;
	uint64_t content;
	uint32_t size; /* bytes of the payload */
	uint8_t digest[32];
};
struct ev_offer_made { /* law 5: why, in constant size */
	struct offer_id offer;
	struct queue_id queue;
	int64_t deadline;
	uint8_t step;             /* enum rank_step that decided */
	bool agent_chose;         /* a free agent took; else a contact came */
	struct agent_id second;   /* runner-up agent */
	struct contact_id passed; /* runner-up contact */
	int64_t key;              /* of the contact */
	int64_t passed_key;
	uint32_t set;     /* mark of the requirement set */
	uint32_t profile; /* mark of the agent's */
	uint8_t rung;
};
struct ev_offer_settled {
	struct offer_id offer;
	uint8_t end;           /* enum offer_end */
	int64_t exclude_until; /* not offered to this agent before */
	struct str reason;
};
struct ev_identifier_linked {
	struct identifier_id identifier;
	uint8_t identifier_kind; /* enum identifier_kind */
	uint8_t level;           /* enum level */
};
struct ev_identity_settled { /* event.customer: the outcome */
	bool confirmed;
	struct customer_id maybe;
	struct str evidence;
};
struct ev_agent_state {
	uint8_t state;
	struct str reason;
	int64_t until; /* wrap-up or grace ends; 0: no end */
	struct agent_id by;
};
struct ev_agent_session {
	uint64_t session; /* 0: signed out */
};
struct ev_device_state {
	uint8_t device;
};
struct ev_queue_override {
	struct queue_id queue;
	uint8_t what;  /* 0 as the file says, 1 open, 2 closed */
	int64_t until; /* router time, 0: until changed */
	struct str author;
};
struct ev_skill_override {
	struct skill_id skill;
	uint8_t what; /* 0 as the file says, 1 set */
	uint8_t level;
	int64_t until;
	struct str author;
};
struct ev_order_owed { /* the order's id is the event's seq */
	uint8_t order; /* enum order_kind */
	struct offer_id offer;
	struct message_id message;
	int64_t until;
	uint8_t detail; /* closed_action or end_reason, as the order says */
};
struct ev_order_done {
	uint64_t order;
	int64_t code; /* 0 or ERR_* */
};
struct ev_person_set { /* password hash in the payload */
	struct str name;
	uint8_t role;
	bool disabled;
	uint8_t digest[32];
};
struct ev_token_issued {
	struct str name;
	uint8_t token[32]; /* SHA-256 of it */
	uint8_t role;
	int64_t until_wall;
};
struct ev_token_revoked {
	uint8_t token[32];
};

#endif
