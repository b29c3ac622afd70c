/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * samples.h - one event of every kind, every field of it filled.
 *
 * Shared by tests/golden/make.c, which writes them once for ever, and by
 * test_model_event.c. A new kind gets a case here; a present one is never
 * changed, or the golden files would no longer be what was written.
 */
#ifndef USHER_TESTS_SAMPLES_H
#define USHER_TESTS_SAMPLES_H

#include <string.h>

#include "base/check.h"
#include "model/event.h"
#include "model/input.h"

/* A digest nobody could mistake for another field's. */
static inline void sample_hash(uint8_t out[32], uint8_t first)
{
	size_t i;

	for (i = 0; i < 32; i++)
		out[i] = (uint8_t)(first + i);
}

/* ---- inputs ---------------------------------------------------------------- */

static inline void sample_arrive(struct in_arrive *a)
{
	size_t i;

	a->channel = CHANNEL_MAIL;
	a->entrance.v = 3;
	a->key = UINT64_C(0xfedcba9876543210);
	a->content = 77;
	a->language = STR("pt");
	a->unparsed = true;
	a->failed = true;
	for (i = 0; i < 2; i++) {
		a->by[i].id.v = 500 + i;
		a->by[i].kind = IDENTIFIER_MAIL;
		a->by[i].level = LEVEL_VERIFIED;
		a->by[i].customer.v = 9 + i;
		a->by[i].owners = 2;
		a->by[i].known = LEVEL_CLAIMED;
	}
	a->by_count = 2;
	a->verdicts = STR("\x05\x80");
	a->answer_ms = 14400000;
	a->own.v = 4;
	a->queue.v = 2;
	sample_hash(a->digest, 1);
}

/* A flat table of all kinds, hence its length. */
static inline void sample_input(enum input_kind kind, struct input *in)
{
	memset(in, 0, sizeof(*in));
	in->kind = kind;
	switch (kind) {
	case INPUT_TICK:
	case INPUT_KINDS:
		break;
	case INPUT_START:
		in->start = (struct in_start){ 12, 1790000000000 };
		break;
	case INPUT_CONFIG:
		sample_hash(in->config.digest, 2);
		in->config.author = STR("signal");
		break;
	case INPUT_WALL:
		in->wall_offset = -5;
		break;
	case INPUT_HOURS:
		in->hours =
		    (struct in_hours){ STR("office"), true, 1790000000001 };
		break;
	case INPUT_ARRIVE:
	case INPUT_PARSED:
	case INPUT_START_CONTACT:
		sample_arrive(&in->arrive);
		break;
	case INPUT_MESSAGE:
		in->message = (struct in_message){ AUTHOR_AGENT, 8, 9, 4096,
			true, { 0 } };
		sample_hash(in->message.digest, 3);
		break;
	case INPUT_LEAVE:
		in->leave.reason = END_CUSTOMER_LEFT;
		break;
	case INPUT_SIGN_IN:
	case INPUT_SIGN_OUT:
	case INPUT_GONE:
		in->session.session = 300;
		break;
	case INPUT_STATE:
		in->state =
		    (struct in_state){ AGENT_NOT_READY, STR("lunch"), { 6 } };
		break;
	case INPUT_ACCEPT:
	case INPUT_REJECT:
		in->offer = (struct in_offer){ { 41 }, STR("not mine") };
		break;
	case INPUT_END:
		in->end.reason = END_RESOLVED;
		break;
	case INPUT_TRANSFER:
		in->transfer = (struct in_transfer){ { 2 }, { 5 } };
		break;
	case INPUT_IDENTITY:
		in->identity = (struct in_identity){ true, STR("birthday") };
		break;
	case INPUT_RESULT:
		in->result = (struct in_result){ 88, ERR_IO };
		break;
	case INPUT_CALL:
		in->call = (struct in_call){ CALL_FAILED, { 41 }, STR("busy") };
		break;
	case INPUT_DEVICE:
		in->device.device = DEVICE_BUSY;
		break;
	case INPUT_QUEUE_OVERRIDE:
		in->queue_override =
		    (struct in_queue_override){ { 2 }, 2, 700000, STR("sup") };
		break;
	case INPUT_SKILL_OVERRIDE:
		in->skill_override = (struct in_skill_override){ { 7 }, 1, 80,
			700001, STR("sup") };
		break;
	case INPUT_PERSON:
		in->person =
		    (struct in_person){ STR("maria"), ROLE_LEAD, true, { 0 } };
		sample_hash(in->person.digest, 4);
		break;
	case INPUT_TOKEN:
	case INPUT_REVOKE:
		in->token = (struct in_token){ STR("maria"), { 0 }, ROLE_AGENT,
			1790000000002 };
		sample_hash(in->token.token, 5);
		break;
	}
}

/* ---- events ---------------------------------------------------------------- */

static inline void sample_contact_event(struct event *e)
{
	switch (e->kind) {
	case EV_CONTACT_ARRIVED:
		e->arrived = (struct ev_contact_arrived){ CHANNEL_CHAT, { 3 },
			UINT64_MAX, 77, STR("pt"), true, true, { 0 } };
		sample_hash(e->arrived.digest, 11);
		break;
	case EV_CONTACT_PARSED:
		e->parsed =
		    (struct ev_contact_parsed){ true, STR("fr"), { 0 } };
		sample_hash(e->parsed.digest, 12);
		break;
	case EV_CONTACT_IDENTIFIED:
		e->identified =
		    (struct ev_contact_identified){ { 9 }, { 500 } };
		break;
	case EV_CONTACT_QUEUED:
		e->queued = (struct ev_contact_queued){ { 2 }, QUEUED_TRANSFER,
			true, 3, { 1 }, -60000, 42, { 5 }, 900000, { 6 } };
		break;
	case EV_CONTACT_RELAXED:
		e->relaxed = (struct ev_contact_relaxed){ { 2 }, 4 };
		break;
	case EV_CONTACT_CLEARED:
		e->cleared = (struct ev_contact_cleared){ true, true };
		break;
	case EV_CONTACT_STARTED:
		e->begun.queue.v = 2;
		break;
	case EV_CONTACT_TRANSFERRED:
		e->transferred =
		    (struct ev_contact_transferred){ { 2 }, { 5 }, 42000 };
		break;
	case EV_CONTACT_ENDED:
		e->ended.reason = END_ABANDONED;
		break;
	case EV_CONTACT_CLOSED:
		e->closed = (struct ev_contact_closed){ { 2 }, CLOSED_VOICEMAIL,
			1790000000003 };
		break;
	case EV_CALL_PROGRESS:
		e->call = (struct ev_call_progress){ CALL_TALKING, { 41 } };
		break;
	case EV_MESSAGE_ADDED:
		e->message = (struct ev_message_added){ { 600 }, AUTHOR_AGENT,
			8, 9, 4096, { 0 } };
		sample_hash(e->message.digest, 13);
		break;
	default:
		break;
	}
}

static inline void sample_offer_event(struct event *e)
{
	switch (e->kind) {
	case EV_OFFER_MADE:
		e->offer =
		    (struct ev_offer_made){ { 41 }, { 2 }, 920000, STEP_IDLE,
			    true, { 6 }, { 8 }, 860000, 870000, 17, 18, 3 };
		break;
	case EV_OFFER_SETTLED:
		e->settled = (struct ev_offer_settled){ { 41 }, OFFER_REJECTED,
			950000, STR("not mine") };
		break;
	case EV_IDENTIFIER_LINKED:
		e->linked = (struct ev_identifier_linked){ { 500 },
			IDENTIFIER_MAIL, LEVEL_VERIFIED };
		break;
	case EV_IDENTITY_SETTLED:
		e->identity = (struct ev_identity_settled){ true, { 9 },
			STR("birthday") };
		break;
	case EV_AGENT_STATE:
		e->state = (struct ev_agent_state){ AGENT_NOT_READY,
			STR("lunch"), 960000, { 6 } };
		break;
	case EV_AGENT_SESSION:
		e->session.session = 300;
		break;
	case EV_DEVICE_STATE:
		e->device.device = DEVICE_RINGING;
		break;
	default:
		break;
	}
}

static inline void sample_house_event(struct event *e)
{
	switch (e->kind) {
	case EV_INPUT:
		e->input = (struct ev_input){ INPUT_LEAVE, STR("\x02") };
		break;
	case EV_STARTED:
		e->started = (struct ev_started){ 12, 1, 1790000000000 };
		break;
	case EV_CONFIG_ACTIVATED:
		sample_hash(e->config.digest, 14);
		e->config.text = STR("language 1;\n");
		e->config.author = STR("start");
		break;
	case EV_WALL_SET:
		e->wall.offset = -5;
		break;
	case EV_HOURS_CHANGED:
		e->hours = (struct ev_hours_changed){ STR("office"), true,
			1790000000001 };
		break;
	case EV_QUEUE_OVERRIDE:
		e->queue_override =
		    (struct ev_queue_override){ { 2 }, 2, 700000, STR("sup") };
		break;
	case EV_SKILL_OVERRIDE:
		e->skill_override = (struct ev_skill_override){ { 7 }, 1, 80,
			700001, STR("sup") };
		break;
	case EV_ORDER_OWED:
		e->order = (struct ev_order_owed){ ORDER_CALL_CLOSED, { 41 },
			{ 600 }, 920000, CLOSED_VOICEMAIL };
		break;
	case EV_ORDER_DONE:
		e->done = (struct ev_order_done){ 88, ERR_IO };
		break;
	case EV_PERSON_SET:
		e->person = (struct ev_person_set){ STR("maria"), ROLE_LEAD,
			true, { 0 } };
		sample_hash(e->person.digest, 15);
		break;
	case EV_TOKEN_ISSUED:
		e->token = (struct ev_token_issued){ STR("maria"), { 0 },
			ROLE_AGENT, 1790000000002 };
		sample_hash(e->token.token, 16);
		break;
	case EV_TOKEN_REVOKED:
		sample_hash(e->revoked.token, 17);
		break;
	default:
		break;
	}
}

#define SAMPLE_KIND(symbol, number, version, name) EV_##symbol,
static const enum event_kind sample_kinds[] = { EVENT_TABLE(SAMPLE_KIND) };
#undef SAMPLE_KIND

static inline void sample_event(enum event_kind kind, struct event *e)
{
	memset(e, 0, sizeof(*e));
	e->seq = 1000 + (uint64_t)kind;
	e->epoch = 12;
	e->at = 800000 + (msec_t)kind;
	e->kind = kind;
	e->contact.v = 7;
	e->customer.v = 9;
	e->agent.v = 4;
	sample_house_event(e);
	sample_contact_event(e);
	sample_offer_event(e);
}

#endif
