/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * input.h - a fact from outside, stamped with router time.
 *
 * The intake makes them, decide() reads them. An input is logged (as an INPUT
 * event) when it caused events; it holds routing facts only: text has become
 * verdict bits, names and numbers have become identifier ids.
 */
#ifndef USHER_MODEL_INPUT_H
#define USHER_MODEL_INPUT_H

#include "base/clock.h"
#include "base/err.h"
#include "base/id.h"
#include "model/event.h"
#include "model/kinds.h"

struct rules;

#define INPUT_TABLE(X)                                                         \
	X(TICK, "tick")       /* time alone */                                 \
	X(START, "start")     /* the server came up */                         \
	X(CONFIG, "config")   /* new rules */                                  \
	X(WALL, "wall")       /* the wall clock jumped */                      \
	X(HOURS, "hours")     /* some hours opened or closed */                \
	X(ARRIVE, "arrive")   /* a contact */                                  \
	X(PARSED, "parsed")   /* its raw mail has been read */                 \
	X(MESSAGE, "message") /* somebody said something */                    \
	X(LEAVE, "leave")     /* the customer has gone */                      \
	X(SIGN_IN, "sign-in") /* an agent's session is there */                \
	X(SIGN_OUT, "sign-out")                                                \
	X(GONE, "gone")   /* an agent's connection is lost */                  \
	X(STATE, "state") /* an agent's state is to be this */                 \
	X(ACCEPT, "accept")                                                    \
	X(REJECT, "reject")                                                    \
	X(END, "end") /* an agent ends a contact */                            \
	X(TRANSFER, "transfer")                                                \
	X(START_CONTACT, "start-contact") /* an agent starts one */            \
	X(IDENTITY, "identity") /* "probably" confirmed or rejected */         \
	X(RESULT, "result")     /* of an order */                              \
	X(CALL, "call")         /* a gateway tells of a call */                \
	X(DEVICE, "device")     /* a gateway tells of an agent's phone */      \
	X(QUEUE_OVERRIDE, "queue-override")                                    \
	X(SKILL_OVERRIDE, "skill-override")                                    \
	X(PERSON, "person") /* password or role set */                         \
	X(TOKEN, "token")   /* issued */                                       \
	X(REVOKE, "revoke")

#define INPUT_ENUM(symbol, name) INPUT_##symbol,
enum input_kind { INPUT_TABLE(INPUT_ENUM) INPUT_KINDS };
#undef INPUT_ENUM
const char *input_name(enum input_kind k);

/* An identifier the contact came with, resolved on a reader thread: `customer`
 * is what the record said, the world may know newer. */
#define IDENTIFIERS_MAX 4
struct presented {
	struct identifier_id id;
	uint8_t kind;  /* enum identifier_kind */
	uint8_t level; /* enum level */
	struct customer_id customer;
	uint8_t owners; /* how many customers claim it: 0, 1, 2 = several */
	uint8_t known;  /* enum level at which the record links it */
};

struct in_start {
	uint64_t epoch;
	int64_t wall_offset;
};
struct in_config {
	uint8_t digest[32];
	struct str text;
	struct str author;
};
struct in_hours {
	struct str hours;
	bool open;
	int64_t next_wall;
};
struct in_arrive { /* also PARSED, which carries the same facts later */
	uint8_t channel;
	struct entrance_id entrance;
	uint64_t key;
	uint64_t content;
	struct str language;
	bool unparsed;
	bool failed; /* PARSED: could not be read */
	struct presented by[IDENTIFIERS_MAX];
	uint8_t by_count;
	struct str verdicts;   /* bits of the external leaves */
	int64_t answer_ms;     /* T in ms when counted in open hours; else 0 */
	struct agent_id own;   /* who served the customer last, or 0 */
	struct queue_id queue; /* straight to this queue (internal), or 0 */
	uint8_t digest[32];
};
struct in_message {
	uint8_t author;
	uint64_t key;
	uint64_t content;
	uint32_t size;
	bool deliver; /* goes out by an order (mail) */
	uint8_t digest[32];
};
struct in_leave {
	uint8_t reason; /* enum end_reason */
};
struct in_session {
	uint64_t session;
};
struct in_state {
	uint8_t state; /* READY, NOT_READY or OFFLINE */
	struct str reason;
	struct agent_id by;
};
struct in_offer { /* ACCEPT, REJECT */
	struct offer_id offer;
	struct str reason;
};
struct in_end {
	uint8_t reason;
};
struct in_transfer {
	struct queue_id queue;
	struct agent_id to;
};
struct in_identity {
	bool confirmed;
	struct str evidence;
};
struct in_result {
	uint64_t order;
	int64_t code;
};
struct in_call {
	uint8_t step; /* enum call_step */
	struct offer_id offer;
	struct str reason;
};
struct in_device {
	uint8_t device;
};
struct in_queue_override {
	struct queue_id queue;
	uint8_t what;
	int64_t until;
	struct str author;
};
struct in_skill_override {
	struct skill_id skill;
	uint8_t what;
	uint8_t level;
	int64_t until;
	struct str author;
};
struct in_person {
	struct str name;
	uint8_t role;
	bool disabled;
	uint8_t digest[32];
};
struct in_token { /* TOKEN, REVOKE */
	struct str name;
	uint8_t token[32];
	uint8_t role;
	int64_t until_wall;
};

struct input {
	enum input_kind kind;
	msec_t at; /* router time; never goes back */
	struct contact_id contact;
	struct agent_id agent;
	const struct payload *payload; /* for the event it causes; or NULL */
	union {
		struct in_start start;
		struct in_config config;
		int64_t wall_offset;
		struct in_hours hours;
		struct in_arrive arrive;
		struct in_message message;
		struct in_leave leave;
		struct in_session session;
		struct in_state state;
		struct in_offer offer;
		struct in_end end;
		struct in_transfer transfer;
		struct in_identity identity;
		struct in_result result;
		struct in_call call;
		struct in_device device;
		struct in_queue_override queue_override;
		struct in_skill_override skill_override;
		struct in_person person;
		struct in_token token;
	};
};

/* What the poster is told. Not zero: nothing was changed. */
struct outcome {
	int err;       /* 0 or ERR_* */
	bool repeated; /* the key was known: this is the first one's answer */
	struct contact_id contact;
	struct message_id message;
	struct offer_id offer;
	struct customer_id customer;
	struct fault why; /* filled when err is set */
};

/* The logged form: everything but kind, at, contact, agent (columns). */
void input_encode(const struct input *in, struct buf *out);
int input_decode(struct input *in, struct str body) must_check;

#endif
