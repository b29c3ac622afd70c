/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * agent_cmds.c - what an agent does: each row one input, or a few.
 *
 * Entered by the dispatcher with the caller's role checked. The router
 * decides; a refusal of its goes back in its own words.
 */
#include "api/arg.h"
#include "api/command.h"
#include "base/check.h"

/* ---- own state ------------------------------------------------------------ */

struct state_args {
	struct command_head head;
	struct str state, reason;
};
static const struct json_field state_fields[] = {
	COMMAND_HEAD(struct state_args),
	ARG_NAME(struct state_args, state, true),
	ARG_TEXT(struct state_args, reason, false, 64),
	JSON_FIELD_END,
};

/* wrap-up, lost and offline are the house's to give. */
static void run_state(struct call *c, const void *given)
{
	const struct state_args *args = given;
	struct input in = { .kind = INPUT_STATE, .agent = c->agent };
	enum agent_state state;

	if (!agent_state_parse(args->state, &state) ||
	    (state != AGENT_READY && state != AGENT_NOT_READY)) {
		call_fail(c, ERR_INVALID,
		    "\"state\" must be \"ready\" or \"not-ready\"");
		return;
	}
	in.state.state = (uint8_t)state;
	in.state.reason = args->reason;
	in.state.by = c->agent;
	call_post_end(c, &in, STR_NONE);
}

/* ---- offers --------------------------------------------------------------- */

struct offer_args {
	struct command_head head;
	struct str offer, reason;
};
static const struct json_field accept_fields[] = {
	COMMAND_HEAD(struct offer_args),
	ARG_NAME(struct offer_args, offer, true),
	JSON_FIELD_END,
};
static const struct json_field reject_fields[] = {
	COMMAND_HEAD(struct offer_args),
	ARG_NAME(struct offer_args, offer, true),
	ARG_TEXT(struct offer_args, reason, false, 64),
	JSON_FIELD_END,
};

/* The offer's id is the fencing number: a late answer is refused by the router
 * as stale, whatever has become of the contact. */
static void answer_offer(
    struct call *c, const struct offer_args *args, enum input_kind kind)
{
	struct input in = { .kind = kind, .agent = c->agent };

	if (!arg_offer_id(c, args->offer, &in.offer.offer))
		return;
	in.offer.reason = args->reason;
	call_post_end(c, &in, STR_NONE);
}

static void run_accept(struct call *c, const void *given)
{
	answer_offer(c, given, INPUT_ACCEPT);
}

static void run_reject(struct call *c, const void *given)
{
	answer_offer(c, given, INPUT_REJECT);
}

/* ---- speaking ------------------------------------------------------------- */

struct send_args {
	struct command_head head;
	struct str contact, text, key;
};
static const struct json_field send_fields[] = {
	COMMAND_HEAD(struct send_args),
	ARG_NAME(struct send_args, contact, true),
	{ "text", WANT_STR, true, offsetof(struct send_args, text), 1,
	    JSON_STRING_MAX },
	ARG_NAME(struct send_args, key, false),
	JSON_FIELD_END,
};

static void write_text(struct str text, struct buf *out)
{
	struct json_writer w;

	jw_init(&w, out);
	jw_object(&w);
	jw_kstr(&w, "text", text);
	jw_end(&w);
}

/* The client's key is its own; with its name in front it is nobody else's. */
static uint64_t message_key(const struct call *c, struct str key)
{
	struct buf whole = { 0 };
	uint64_t digest;

	if (key.n == 0)
		return 0;
	buf_addf(&whole, "agent/%s/", c->author);
	buf_add_str(&whole, key);
	digest = digest64(buf_str(&whole));
	buf_done(&whole);
	return digest;
}

static void fill_message(struct call *c, struct input *in, enum author author,
    struct str text, struct buf *payload)
{
	write_text(text, payload);
	in->kind = INPUT_MESSAGE;
	in->agent = c->agent;
	in->message.author = (uint8_t)author;
	in->message.content = digest64(text);
	in->message.size = (uint32_t)payload->len;
}

/* Whether the contact is this agent's is the router's to judge: it alone sees
 * the same world as the answer. */
static void say(
    struct call *c, const struct send_args *args, enum author author)
{
	const struct world *w = api_world(c->api);
	const struct contact *contact;
	struct input in = { 0 };
	struct buf payload = { 0 };

	if (!arg_contact_id(c, args->contact, &in.contact))
		return;
	contact = world_contact(w, in.contact);
	fill_message(c, &in, author, args->text, &payload);
	in.message.key = message_key(c, args->key);
	in.message.deliver = author == AUTHOR_AGENT && contact != NULL &&
	                     contact->channel == CHANNEL_MAIL;
	call_post_end(c, &in, buf_str(&payload));
	buf_done(&payload);
}

static void run_send(struct call *c, const void *given)
{
	say(c, given, AUTHOR_AGENT);
}

static void run_note(struct call *c, const void *given)
{
	say(c, given, AUTHOR_NOTE);
}

struct contact_args {
	struct command_head head;
	struct str contact, evidence;
};
static const struct json_field contact_fields[] = {
	COMMAND_HEAD(struct contact_args),
	ARG_NAME(struct contact_args, contact, true),
	JSON_FIELD_END,
};

/* No input: it is true for seconds, and nobody will ask for it later. */
static void run_typing(struct call *c, const void *given)
{
	const struct contact_args *args = given;
	const struct inlet *inlet = c->api->env.inlet;
	const struct contact *contact;

	if (!arg_own_contact(c, args->contact, &contact))
		return;
	if (inlet->typing != NULL)
		inlet->typing(inlet->host, contact->id, AUTHOR_AGENT);
	call_ok(c);
}

/* ---- handing over and ending ---------------------------------------------- */

struct end_args {
	struct command_head head;
	struct str contact, reason;
};
static const struct json_field end_fields[] = {
	COMMAND_HEAD(struct end_args),
	ARG_NAME(struct end_args, contact, true),
	ARG_NAME(struct end_args, reason, false),
	JSON_FIELD_END,
};

/* What an agent can know; the other reasons are the house's to give. */
static bool parse_end(struct str word, enum end_reason *out)
{
	if (word.n == 0) {
		*out = END_RESOLVED;
		return true;
	}
	return end_reason_parse(word, out) &&
	       (*out == END_RESOLVED || *out == END_CUSTOMER_LEFT ||
	           *out == END_NO_ANSWER || *out == END_DUPLICATE);
}

static void run_end(struct call *c, const void *given)
{
	const struct end_args *args = given;
	struct input in = { .kind = INPUT_END, .agent = c->agent };
	enum end_reason reason;

	if (!arg_contact_id(c, args->contact, &in.contact))
		return;
	if (!parse_end(args->reason, &reason)) {
		call_fail(c, ERR_INVALID,
		    "\"reason\" must be resolved, "
		    "customer-left, no-answer or "
		    "duplicate");
		return;
	}
	in.end.reason = (uint8_t)reason;
	call_post_end(c, &in, STR_NONE);
}

struct transfer_args {
	struct command_head head;
	struct str contact, queue, agent, note;
};
static const struct json_field transfer_fields[] = {
	COMMAND_HEAD(struct transfer_args),
	ARG_NAME(struct transfer_args, contact, true),
	ARG_NAME(struct transfer_args, queue, false),
	ARG_NAME(struct transfer_args, agent, false),
	ARG_TEXT(struct transfer_args, note, false, JSON_STRING_MAX),
	JSON_FIELD_END,
};
_Static_assert(sizeof(struct transfer_args) <= ARGS_BYTES, "args");

/* An agent is named for the contact to wait for them; a queue for it to be
 * matched anew. Never both: the router would have to guess. */
static bool fill_target(
    struct call *c, const struct transfer_args *args, struct in_transfer *out)
{
	const struct queue *q;
	const struct agent *a;

	if ((args->queue.n > 0) == (args->agent.n > 0)) {
		call_fail(c, ERR_INVALID, "give either \"queue\" or \"agent\"");
		return false;
	}
	if (args->queue.n > 0) {
		if (!arg_queue(c, args->queue, &q))
			return false;
		out->queue = q->id;
		return true;
	}
	if (!arg_agent(c, args->agent, &a))
		return false;
	out->to = a->id;
	return true;
}

/* After the transfer: a note may be added at any time. */
static void post_note(
    struct call *c, struct contact_id contact, struct str note)
{
	const struct inlet *inlet = c->api->env.inlet;
	struct input in = { .contact = contact };
	struct buf payload = { 0 };

	if (note.n > 0) {
		fill_message(c, &in, AUTHOR_NOTE, note, &payload);
		(void)inlet->post(inlet->host, &in, buf_str(&payload), NULL);
	}
	buf_done(&payload);
}

static void run_transfer(struct call *c, const void *given)
{
	const struct transfer_args *args = given;
	struct input in = { .kind = INPUT_TRANSFER, .agent = c->agent };
	struct outcome out = { 0 };

	if (!arg_contact_id(c, args->contact, &in.contact) ||
	    !fill_target(c, args, &in.transfer) ||
	    !call_post(c, &in, STR_NONE, &out))
		return;
	post_note(c, in.contact, args->note);
	call_outcome(c, &out);
}

/* ---- whose it is ---------------------------------------------------------- */

static const struct json_field confirm_fields[] = {
	COMMAND_HEAD(struct contact_args),
	ARG_NAME(struct contact_args, contact, true),
	{ "evidence", WANT_STR, true, offsetof(struct contact_args, evidence),
	    1, 256 },
	JSON_FIELD_END,
};

/* The router would let anybody settle it; who it is must be judged by whoever
 * speaks with the customer, or by a lead. */
static void settle(
    struct call *c, const struct contact_args *args, bool confirmed)
{
	struct input in = { .kind = INPUT_IDENTITY, .agent = c->agent };
	const struct contact *contact;

	if (!arg_own_contact(c, args->contact, &contact))
		return;
	in.contact = contact->id;
	in.identity.confirmed = confirmed;
	in.identity.evidence = args->evidence;
	call_post_end(c, &in, STR_NONE);
}

static void run_confirm(struct call *c, const void *given)
{
	settle(c, given, true);
}

static void run_deny(struct call *c, const void *given)
{
	settle(c, given, false);
}

/* ---- beginning one --------------------------------------------------------- */

struct start_args {
	struct command_head head;
	struct str channel, to, text, queue, subject, entrance;
};
static const struct json_field start_fields[] = {
	COMMAND_HEAD(struct start_args),
	ARG_NAME(struct start_args, channel, true),
	ARG_NAME(struct start_args, to, false),
	ARG_TEXT(struct start_args, text, false, JSON_STRING_MAX),
	ARG_NAME(struct start_args, queue, false),
	ARG_NAME(struct start_args, subject, false),
	ARG_NAME(struct start_args, entrance, false),
	JSON_FIELD_END,
};
_Static_assert(sizeof(struct start_args) <= ARGS_BYTES, "args");

static const struct start_args *start_args_of(const struct call *c)
{
	return (const struct start_args *)(const void *)c->args;
}

/* What is said to a customer goes out as a message; what is said beside a
 * call is for colleagues. A request carries its text with it. */
static void post_first_words(struct call *c, const struct outcome *started)
{
	const struct start_args *args = start_args_of(c);
	const struct inlet *inlet = c->api->env.inlet;
	struct input in = { 0 };
	struct buf payload = { 0 };
	bool mail = str_is(args->channel, "mail");

	if (args->text.n > 0 && !str_is(args->channel, "internal")) {
		fill_message(c, &in,
		    str_is(args->channel, "phone") ? AUTHOR_NOTE : AUTHOR_AGENT,
		    args->text, &payload);
		in.contact = started->contact;
		in.message.deliver = mail;
		(void)inlet->post(inlet->host, &in, buf_str(&payload), NULL);
	}
	buf_done(&payload);
}

/* The intake has looked the identifiers up meanwhile. */
static void on_started(void *arg, const struct outcome *out)
{
	struct call *c = arg;

	if (out->err == 0)
		post_first_words(c, out);
	call_outcome(c, out);
}

/* The agent's own gateway for calls, else the first door of the channel. */
static const char *default_door(const struct call *c, enum channel channel)
{
	const struct world *w = api_world(c->api);
	const struct rules *r = w->rules;
	const struct agent *a = world_agent(w, c->agent);
	const struct rule_agent *rule = agent_rule(r, a);
	size_t i;

	if (channel == CHANNEL_PHONE && rule != NULL &&
	    rule->gateway != RULE_NONE)
		return r->entrances[rule->gateway].name;
	for (i = 0; i < r->entrance_count; i++)
		if (r->entrances[i].channel == channel)
			return r->entrances[i].name;
	return NULL;
}

/* A request to colleagues waits in a queue like a customer's contact. */
static bool fill_request(
    struct call *c, const struct start_args *args, struct arrival *a)
{
	const struct queue *q;

	if (args->queue.n == 0 || args->text.n == 0 || args->to.n > 0) {
		call_fail(c, ERR_INVALID,
		    "a request needs \"queue\" and \"text\", and no \"to\"");
		return false;
	}
	if (!arg_queue(c, args->queue, &q))
		return false;
	a->queue = q->id;
	a->text = args->text;
	return true;
}

/* The number or address is claimed, not verified: that we call somebody does
 * not prove who picks up. */
static bool fill_outbound(struct call *c, const struct start_args *args,
    struct arrival *a, struct buf *to)
{
	bool mail = a->channel == CHANNEL_MAIL;

	if (args->queue.n > 0) {
		call_fail(c, ERR_INVALID, "\"queue\" is for requests only");
		return false;
	}
	if (mail ? !normal_mail(args->to, to) : !normal_phone(args->to, to)) {
		call_fail(c, ERR_INVALID, "\"to\" must be %s",
		    mail ? "a mail address" : "a phone number");
		return false;
	}
	if (a->entrance.n == 0) {
		call_fail(c, ERR_STATE, "no entrance has this channel");
		return false;
	}
	a->to = buf_str(to);
	a->by[0].kind = mail ? IDENTIFIER_MAIL : IDENTIFIER_PHONE;
	a->by[0].level = LEVEL_CLAIMED;
	a->by[0].value = a->to;
	a->by_count = 1;
	return true;
}

static bool fill_start(struct call *c, const struct start_args *args,
    struct arrival *a, struct buf *to)
{
	if (!channel_parse(args->channel, &a->channel) ||
	    (a->channel != CHANNEL_PHONE && a->channel != CHANNEL_MAIL &&
	        a->channel != CHANNEL_MESSAGE &&
	        a->channel != CHANNEL_INTERNAL)) {
		call_fail(c, ERR_INVALID,
		    "\"channel\" must be phone, mail, "
		    "message or internal");
		return false;
	}
	a->agent = c->agent;
	a->subject = args->subject;
	a->entrance = args->entrance.n > 0
	                  ? args->entrance
	                  : str_of(default_door(c, a->channel));
	return a->channel == CHANNEL_INTERNAL ? fill_request(c, args, a)
	                                      : fill_outbound(c, args, a, to);
}

static void run_start(struct call *c, const void *given)
{
	const struct inlet *inlet = c->api->env.inlet;
	struct arrival a = { 0 };
	struct buf to = { 0 };
	int err;

	if (fill_start(c, given, &a, &to)) {
		err = inlet->arrive(inlet->host, &a, on_started, c);
		if (err != 0)
			call_fail(c, err, "%s", err_text(err));
	}
	buf_done(&to);
}

/* ---- rows ------------------------------------------------------------------ */

#define DOES (COMMAND_CHANGES | COMMAND_AGENT)
static const struct command rows[] = {
	{ "state", BY_STAFF, DOES, state_fields, run_state },
	{ "accept", BY_STAFF, DOES, accept_fields, run_accept },
	{ "reject", BY_STAFF, DOES, reject_fields, run_reject },
	{ "send", BY_STAFF, DOES, send_fields, run_send },
	{ "note", BY_STAFF, DOES, send_fields, run_note },
	{ "typing", BY_STAFF, COMMAND_AGENT, contact_fields, run_typing },
	{ "end", BY_STAFF, DOES, end_fields, run_end },
	{ "transfer", BY_STAFF, DOES, transfer_fields, run_transfer },
	{ "confirm", BY_STAFF, DOES, confirm_fields, run_confirm },
	{ "deny", BY_STAFF, DOES, contact_fields, run_deny },
	{ "start", BY_STAFF, DOES, start_fields, run_start },
};
const struct command_table agent_commands = { rows, countof(rows) };
