/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * act.c - what the people of a story do: commands into inputs.
 *
 * Entered by play.c, one command at a time. One row per verb. Whatever a
 * command says beyond its form ends the test: a word that is not read would be
 * a claim that is not tested.
 */
#include "act.h"

#include <string.h>

#include "arrive.h"
#include "base/check.h"
#include "base/err.h"
#include "read.h"

/* ---- time and scene -------------------------------------------------------- */

static void play_at(struct stage *st, struct words *w, const struct beat *b)
{
	(void)b;
	stage_pass(st, STAGE_ZERO + read_duration(st, w));
}

static void play_restart(
    struct stage *st, struct words *w, const struct beat *b)
{
	(void)w;
	(void)b;
	stage_restart(st);
}

static void play_reload(struct stage *st, struct words *w, const struct beat *b)
{
	(void)w;
	if (b->block == NULL)
		stage_wrong(st, "reload { and the new rules");
	stage_config(st, b->block);
}

static void play_hours(struct stage *st, struct words *w, const struct beat *b)
{
	struct input in = { .kind = INPUT_HOURS };

	(void)b;
	in.hours.hours = str_of(read_word(st, w, "the hours' name"));
	in.hours.open = words_skip(w, "open");
	in.hours.next_wall = -1;
	if (!in.hours.open && !words_skip(w, "closed"))
		stage_wrong(st, "hours NAME open or closed");
	stage_post(st, &in);
}

/* ---- agents ---------------------------------------------------------------- */

static void sign_in(struct stage *st, const struct agent *a)
{
	struct input in = { .kind = INPUT_SIGN_IN, .agent = a->id };

	in.session.session = ++st->sessions;
	stage_post(st, &in);
}

static void play_sign(struct stage *st, struct words *w, const struct beat *b)
{
	struct input in = { .kind = INPUT_SIGN_OUT };

	(void)b;
	if (words_skip(w, "in")) {
		while (words_peek(w) != NULL)
			sign_in(st, stage_agent(st, words_next(w)));
		return;
	}
	if (!words_skip(w, "out"))
		stage_wrong(st, "sign in NAME or sign out NAME");
	in.agent = stage_agent(st, words_next(w))->id;
	stage_post(st, &in);
}

/* gone maria: the connection she has now; gone maria 1: an older one. */
static void play_gone(struct stage *st, struct words *w, const struct beat *b)
{
	const struct agent *a = stage_agent(st, words_next(w));
	struct input in = { .kind = INPUT_GONE, .agent = a->id };

	(void)b;
	in.session.session = a->session;
	if (words_peek(w) != NULL)
		in.session.session = read_number(st, w, 1000);
	stage_post(st, &in);
}

static void play_ready(struct stage *st, struct words *w, const struct beat *b)
{
	(void)b;
	while (words_peek(w) != NULL) {
		const struct agent *a = stage_agent(st, words_next(w));
		struct input in = { .kind = INPUT_STATE, .agent = a->id };

		if (st->setting && a->state == AGENT_OFFLINE)
			sign_in(st, a);
		in.state.state = AGENT_READY;
		in.state.by = a->id;
		stage_post(st, &in);
	}
}

static void play_away(struct stage *st, struct words *w, const struct beat *b)
{
	const struct agent *a = stage_agent(st, words_next(w));
	struct input in = { .kind = INPUT_STATE, .agent = a->id };

	(void)b;
	in.state.state = AGENT_NOT_READY;
	in.state.reason = str_of(words_next(w));
	in.state.by = a->id;
	stage_post(st, &in);
}

static void play_device(struct stage *st, struct words *w, const struct beat *b)
{
	struct input in = { .kind = INPUT_DEVICE };
	enum device_state d = DEVICE_UNKNOWN;

	(void)b;
	in.agent = stage_agent(st, words_next(w))->id;
	if (!device_state_parse(str_of(words_next(w)), &d))
		stage_wrong(st, "device NAME idle, busy, ringing, ...");
	in.device.device = (uint8_t)d;
	stage_post(st, &in);
}

/* ---- answers --------------------------------------------------------------- */

/* accept maria c1 [offer o2]: else the last offer of c1 to her, else to
 * anybody. */
static void answer(struct stage *st, struct words *w, enum input_kind kind)
{
	const struct agent *a = stage_agent(st, words_next(w));
	struct input in = { .kind = kind, .agent = a->id };

	in.contact = stage_contact(st, words_next(w));
	in.offer.offer = read_offer(st, w, in.contact, a);
	if (kind == INPUT_REJECT)
		in.offer.reason = str_of(words_next(w));
	stage_post(st, &in);
}

static void play_accept(struct stage *st, struct words *w, const struct beat *b)
{
	(void)b;
	answer(st, w, INPUT_ACCEPT);
}

static void play_reject(struct stage *st, struct words *w, const struct beat *b)
{
	(void)b;
	answer(st, w, INPUT_REJECT);
}

/* maria c1, or c1 alone: then nobody's hands are asked about (a supervisor). */
static void read_whose(struct stage *st, struct words *w, struct input *in)
{
	if (words_peek(w) != NULL &&
	    world_agent_named(st->first, str_of(words_peek(w))) != NULL)
		in->agent = stage_agent(st, words_next(w))->id;
	in->contact = stage_contact(st, words_next(w));
}

static void play_end(struct stage *st, struct words *w, const struct beat *b)
{
	struct input in = { .kind = INPUT_END };
	enum end_reason reason = END_NONE;

	(void)b;
	read_whose(st, w, &in);
	if (words_peek(w) != NULL &&
	    !end_reason_parse(str_of(words_next(w)), &reason))
		stage_wrong(st, "no such reason to end");
	in.end.reason = (uint8_t)reason;
	stage_post(st, &in);
}

static void play_leave(struct stage *st, struct words *w, const struct beat *b)
{
	struct input in = { .kind = INPUT_LEAVE };

	(void)b;
	in.contact = stage_contact(st, words_next(w));
	in.leave.reason = END_CUSTOMER_LEFT;
	stage_post(st, &in);
}

/* transfer maria c1 to queue general; ... to agent bob; ... both */
static void play_transfer(
    struct stage *st, struct words *w, const struct beat *b)
{
	struct input in = { .kind = INPUT_TRANSFER };

	(void)b;
	read_whose(st, w, &in);
	if (!words_skip(w, "to"))
		stage_wrong(st, "transfer [NAME] c1 to queue or agent NAME");
	if (words_skip(w, "queue"))
		in.transfer.queue = stage_queue(st, words_next(w))->id;
	if (words_skip(w, "agent"))
		in.transfer.to = stage_agent(st, words_next(w))->id;
	stage_post(st, &in);
}

/* ---- calls ----------------------------------------------------------------- */

/* call c1 held; call c1 failed busy; call c1 talking offer o1 */
static void play_call(struct stage *st, struct words *w, const struct beat *b)
{
	struct input in = { .kind = INPUT_CALL };
	const char *word;
	enum call_step step = CALL_HELD;

	(void)b;
	in.contact = stage_contact(st, words_next(w));
	word = read_word(st, w, "a step of the call");
	if (strcmp(word, "failed") == 0) {
		step = CALL_FAILED;
		in.call.reason = str_of(read_word(st, w, "why it failed"));
	} else if (!call_step_parse(str_of(word), &step)) {
		stage_wrong(st, "no such step of a call: %s", word);
	}
	in.call.step = (uint8_t)step;
	in.call.offer = read_offer(st, w, in.contact, NULL);
	stage_post(st, &in);
}

/* result call.hold c1 ok; result mail.parse c1 failed */
static void play_result(struct stage *st, struct words *w, const struct beat *b)
{
	struct input in = { .kind = INPUT_RESULT };
	const char *kind = read_word(st, w, "the order");
	struct contact_id c = stage_contact(st, words_next(w));
	const struct order *o;

	(void)b;
	list_each(o, &st->first->order_list, link) {
		if (id_same(o->contact, c) &&
		    strcmp(order_kind_word(o->kind), kind) == 0)
			in.result.order = o->id;
	}
	if (in.result.order == 0)
		stage_wrong(st, "no such order is owed");
	if (!words_skip(w, "ok")) {
		in.result.code = ERR_IO;
		if (!words_skip(w, "failed"))
			stage_wrong(st, "result ORDER c1 ok or failed");
	}
	stage_post(st, &in);
}

/* ---- supervisors ----------------------------------------------------------- */

static int64_t read_until(struct stage *st, struct words *w)
{
	return words_skip(w, "for") ? st->now + read_duration(st, w) : 0;
}

static void override_queue(struct stage *st, struct words *w)
{
	struct input in = { .kind = INPUT_QUEUE_OVERRIDE };

	in.queue_override.queue = stage_queue(st, words_next(w))->id;
	if (words_skip(w, "open"))
		in.queue_override.what = 1;
	else if (words_skip(w, "closed"))
		in.queue_override.what = 2;
	else if (!words_skip(w, "file"))
		stage_wrong(st, "a queue is set open, closed or by file");
	in.queue_override.until = read_until(st, w);
	in.queue_override.author = STR("sup");
	stage_post(st, &in);
}

static void override_skill(struct stage *st, struct words *w)
{
	struct input in = { .kind = INPUT_SKILL_OVERRIDE };
	const struct skill *s;

	in.agent = stage_agent(st, words_next(w))->id;
	s = world_skill_named(st->first, str_of(read_word(st, w, "a skill")));
	if (s == NULL)
		stage_wrong(st, "there is no such skill");
	in.skill_override.skill = s->id;
	if (!words_skip(w, "file")) {
		in.skill_override.what = 1;
		in.skill_override.level = (uint8_t)read_number(st, w, 255);
	}
	in.skill_override.until = read_until(st, w);
	in.skill_override.author = STR("sup");
	stage_post(st, &in);
}

/* override queue billing closed for 5m; override skill maria billing 80 */
static void play_override(
    struct stage *st, struct words *w, const struct beat *b)
{
	(void)b;
	if (words_skip(w, "queue"))
		override_queue(st, w);
	else if (words_skip(w, "skill"))
		override_skill(st, w);
	else
		stage_wrong(st, "override queue ... or override skill ...");
}

/* ---- what is said, and by whom --------------------------------------------- */

/* message c1 by customer "hello" key k1; message c1 by agent maria "hi" */
static void play_message(
    struct stage *st, struct words *w, const struct beat *b)
{
	struct input in = { .kind = INPUT_MESSAGE };
	enum author author = AUTHOR_CUSTOMER;
	struct str text;

	(void)b;
	in.contact = stage_contact(st, words_next(w));
	if (!words_skip(w, "by") ||
	    !author_parse(str_of(words_next(w)), &author))
		stage_wrong(st, "message c1 by customer, agent NAME, ...");
	if (author == AUTHOR_AGENT || author == AUTHOR_NOTE)
		in.agent = stage_agent(st, words_next(w))->id;
	text = str_of(read_word(st, w, "what is said"));
	in.message.author = (uint8_t)author;
	in.message.size = (uint32_t)text.n;
	in.message.content = digest_of(text);
	if (words_skip(w, "key"))
		in.message.key = digest_of(str_of(read_word(st, w, "a key")));
	stage_post(st, &in);
}

static void settle(struct stage *st, struct words *w, bool confirmed)
{
	struct input in = { .kind = INPUT_IDENTITY };

	in.agent = stage_agent(st, words_next(w))->id;
	in.contact = stage_contact(st, words_next(w));
	in.identity.confirmed = confirmed;
	in.identity.evidence = str_of(words_next(w));
	stage_post(st, &in);
}

static void play_confirm(
    struct stage *st, struct words *w, const struct beat *b)
{
	(void)b;
	settle(st, w, true);
}

static void play_deny(struct stage *st, struct words *w, const struct beat *b)
{
	(void)b;
	settle(st, w, false);
}

/* ---- all ------------------------------------------------------------------- */

static const struct verb {
	const char *word;
	void (*play)(struct stage *st, struct words *w, const struct beat *b);
} verbs[] = {
	{ "at", play_at },
	{ "restart", play_restart },
	{ "reload", play_reload },
	{ "hours", play_hours },
	{ "sign", play_sign },
	{ "gone", play_gone },
	{ "ready", play_ready },
	{ "away", play_away },
	{ "device", play_device },
	{ "start", arrive_start },
	{ "parsed", arrive_parsed },
	{ "record", arrive_record },
	{ "accept", play_accept },
	{ "reject", play_reject },
	{ "end", play_end },
	{ "leave", play_leave },
	{ "transfer", play_transfer },
	{ "call", play_call },
	{ "result", play_result },
	{ "override", play_override },
	{ "message", play_message },
	{ "confirm", play_confirm },
	{ "deny", play_deny },
};

static void play_verb(struct stage *st, struct words *w, const struct beat *b)
{
	const char *word = words_next(w);
	enum channel channel;
	size_t i;

	for (i = 0; i < countof(verbs); i++) {
		if (strcmp(word, verbs[i].word) == 0) {
			verbs[i].play(st, w, b);
			return;
		}
	}
	if (!channel_parse(str_of(word), &channel))
		stage_wrong(st, "nobody knows how to \"%s\"", word);
	arrive_channel(st, w, channel);
}

void act(struct stage *st, const struct beat *b)
{
	struct words w;

	st->line = b->line;
	buf_clear(&st->told);
	if (!words_of(b->text, &w))
		stage_wrong(st, "this command cannot be read");
	st->setting = words_skip(&w, "given");
	if (words_peek(&w) == NULL)
		stage_wrong(st, "given what?");
	play_verb(st, &w, b);
	if (words_peek(&w) != NULL)
		stage_wrong(st, "left over: %s", words_peek(&w));
	if (st->setting)
		buf_clear(&st->told);
	st->setting = false;
	words_done(&w);
}
