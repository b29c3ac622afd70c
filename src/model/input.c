/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * input.c - the fields of every input, as tables: what the log keeps of it.
 */
#include "model/input.h"

#include "base/check.h"

#define WORD(symbol, name) name,
static const char *const input_names[] = { INPUT_TABLE(WORD) };
#undef WORD

const char *input_name(enum input_kind k)
{
	return (unsigned)k < countof(input_names) ? input_names[k] : "?";
}

static const struct field nothing_fields[] = {
	FIELD_END,
};
static const struct field start_fields[] = {
	FIELD(struct in_start, U64, epoch),
	FIELD(struct in_start, I64, wall_offset),
	FIELD_END,
};
/* The text itself is in the CONFIG_ACTIVATED this input always causes. */
static const struct field config_fields[] = {
	FIELD(struct in_config, HASH, digest),
	FIELD(struct in_config, STR, author),
	FIELD_END,
};
static const struct field wall_fields[] = {
	{ "wall_offset", FIELD_I64, 0, 0, 0, 0, 0, NULL, NULL },
	FIELD_END,
};
static const struct field hours_fields[] = {
	FIELD(struct in_hours, STR, hours),
	FIELD(struct in_hours, BOOL, open),
	FIELD(struct in_hours, I64, next_wall),
	FIELD_END,
};
static const struct field presented_fields[] = {
	FIELD_AS(struct presented, 'i', id),
	FIELD_NAMED(struct presented, kind, identifier_kind_word),
	FIELD_NAMED(struct presented, level, level_word),
	FIELD_AS(struct presented, 'p', customer),
	FIELD(struct presented, U8, owners),
	FIELD_NAMED(struct presented, known, level_word),
	FIELD_END,
};
static const struct field arrive_fields[] = {
	FIELD_NAMED(struct in_arrive, channel, channel_word),
	FIELD_AS(struct in_arrive, 'e', entrance),
	FIELD(struct in_arrive, U64, key),
	FIELD(struct in_arrive, U64, content),
	FIELD(struct in_arrive, STR, language),
	FIELD(struct in_arrive, BOOL, unparsed),
	FIELD(struct in_arrive, BOOL, failed),
	FIELD_ROWS(
	    struct in_arrive, by, by_count, IDENTIFIERS_MAX, presented_fields),
	FIELD(struct in_arrive, STR, verdicts),
	FIELD(struct in_arrive, I64, answer_ms),
	FIELD_AS(struct in_arrive, 'a', own),
	FIELD_AS(struct in_arrive, 'q', queue),
	FIELD(struct in_arrive, HASH, digest),
	FIELD_END,
};
static const struct field message_fields[] = {
	FIELD_NAMED(struct in_message, author, author_word),
	FIELD(struct in_message, U64, key),
	FIELD(struct in_message, U64, content),
	FIELD(struct in_message, U32, size),
	FIELD(struct in_message, BOOL, deliver),
	FIELD(struct in_message, HASH, digest),
	FIELD_END,
};
static const struct field leave_fields[] = {
	FIELD_NAMED(struct in_leave, reason, end_reason_word),
	FIELD_END,
};
static const struct field session_fields[] = {
	FIELD(struct in_session, U64, session),
	FIELD_END,
};
static const struct field state_fields[] = {
	FIELD_NAMED(struct in_state, state, agent_state_word),
	FIELD(struct in_state, STR, reason),
	FIELD_AS(struct in_state, 'a', by),
	FIELD_END,
};
static const struct field offer_fields[] = {
	FIELD_AS(struct in_offer, 'o', offer),
	FIELD(struct in_offer, STR, reason),
	FIELD_END,
};
static const struct field end_fields[] = {
	FIELD_NAMED(struct in_end, reason, end_reason_word),
	FIELD_END,
};
static const struct field transfer_fields[] = {
	FIELD_AS(struct in_transfer, 'q', queue),
	FIELD_AS(struct in_transfer, 'a', to),
	FIELD_END,
};
static const struct field identity_fields[] = {
	FIELD(struct in_identity, BOOL, confirmed),
	FIELD(struct in_identity, STR, evidence),
	FIELD_END,
};
static const struct field result_fields[] = {
	FIELD(struct in_result, U64, order),
	FIELD(struct in_result, I64, code),
	FIELD_END,
};
static const struct field call_fields[] = {
	FIELD_NAMED(struct in_call, step, call_step_word),
	FIELD_AS(struct in_call, 'o', offer),
	FIELD(struct in_call, STR, reason),
	FIELD_END,
};
static const struct field device_fields[] = {
	FIELD_NAMED(struct in_device, device, device_state_word),
	FIELD_END,
};
static const struct field queue_override_fields[] = {
	FIELD_AS(struct in_queue_override, 'q', queue),
	FIELD(struct in_queue_override, U8, what),
	FIELD(struct in_queue_override, I64, until),
	FIELD(struct in_queue_override, STR, author),
	FIELD_END,
};
static const struct field skill_override_fields[] = {
	FIELD_AS(struct in_skill_override, 's', skill),
	FIELD(struct in_skill_override, U8, what),
	FIELD(struct in_skill_override, U8, level),
	FIELD(struct in_skill_override, I64, until),
	FIELD(struct in_skill_override, STR, author),
	FIELD_END,
};
static const struct field person_fields[] = {
	FIELD(struct in_person, STR, name),
	FIELD_NAMED(struct in_person, role, role_word),
	FIELD(struct in_person, BOOL, disabled),
	FIELD(struct in_person, HASH, digest),
	FIELD_END,
};
static const struct field token_fields[] = {
	FIELD(struct in_token, STR, name),
	FIELD(struct in_token, HASH, token),
	FIELD_NAMED(struct in_token, role, role_word),
	FIELD(struct in_token, I64, until_wall),
	FIELD_END,
};

static const struct field *const fields_of[INPUT_KINDS] = {
	[INPUT_TICK] = nothing_fields,
	[INPUT_START] = start_fields,
	[INPUT_CONFIG] = config_fields,
	[INPUT_WALL] = wall_fields,
	[INPUT_HOURS] = hours_fields,
	[INPUT_ARRIVE] = arrive_fields,
	[INPUT_PARSED] = arrive_fields,
	[INPUT_MESSAGE] = message_fields,
	[INPUT_LEAVE] = leave_fields,
	[INPUT_SIGN_IN] = session_fields,
	[INPUT_SIGN_OUT] = session_fields,
	[INPUT_GONE] = session_fields,
	[INPUT_STATE] = state_fields,
	[INPUT_ACCEPT] = offer_fields,
	[INPUT_REJECT] = offer_fields,
	[INPUT_END] = end_fields,
	[INPUT_TRANSFER] = transfer_fields,
	[INPUT_START_CONTACT] = arrive_fields,
	[INPUT_IDENTITY] = identity_fields,
	[INPUT_RESULT] = result_fields,
	[INPUT_CALL] = call_fields,
	[INPUT_DEVICE] = device_fields,
	[INPUT_QUEUE_OVERRIDE] = queue_override_fields,
	[INPUT_SKILL_OVERRIDE] = skill_override_fields,
	[INPUT_PERSON] = person_fields,
	[INPUT_TOKEN] = token_fields,
	[INPUT_REVOKE] = token_fields,
};

void input_encode(const struct input *in, struct buf *out)
{
	encode(fields_of[in->kind], &in->start, out);
}

int input_decode(struct input *in, struct str body)
{
	struct reader r = reader_of(body);
	int rc;

	if ((unsigned)in->kind >= INPUT_KINDS)
		return ERR_VERSION;
	rc = decode(fields_of[in->kind], &r, &in->start);
	if (rc == 0 && (r.failed || r.n != 0))
		rc = ERR_CORRUPT;
	return rc;
}
