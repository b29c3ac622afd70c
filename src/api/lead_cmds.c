/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * lead_cmds.c - steering: what leads and supervisors may do to others' work.
 *
 * Entered by the dispatcher. Each change is an input with its author; it wins
 * over the config until its end and is listed by `overrides`.
 */
#include "api/arg.h"
#include "api/command.h"
#include "api/show.h"
#include "base/check.h"
#include "route/explain.h"

/* ---- an agent's state ------------------------------------------------------- */

struct force_args {
	struct command_head head;
	struct str agent, state, reason;
};
static const struct json_field force_fields[] = {
	COMMAND_HEAD(struct force_args),
	ARG_NAME(struct force_args, agent, true),
	ARG_NAME(struct force_args, state, true),
	ARG_TEXT(struct force_args, reason, false, 64),
	JSON_FIELD_END,
};

/* The router knows no roles: who may do this to whom was settled by the row. */
static void run_force_state(struct call *c, const void *given)
{
	const struct force_args *args = given;
	struct input in = { .kind = INPUT_STATE };
	const struct agent *a;
	enum agent_state state;

	if (!arg_agent(c, args->agent, &a))
		return;
	if (!agent_state_parse(args->state, &state) ||
	    (state != AGENT_READY && state != AGENT_NOT_READY &&
	        state != AGENT_OFFLINE)) {
		call_fail(c, ERR_INVALID,
		    "\"state\" must be \"ready\", "
		    "\"not-ready\" or \"offline\"");
		return;
	}
	in.agent = a->id;
	if (state == AGENT_OFFLINE) { /* as if the agent had signed out */
		in.kind = INPUT_SIGN_OUT;
		in.session.session = a->session;
	} else {
		in.state.state = (uint8_t)state;
		in.state.reason = args->reason;
		in.state.by = c->agent;
	}
	call_post_end(c, &in, STR_NONE);
}

/* ---- a contact's place ------------------------------------------------------ */

struct move_args {
	struct command_head head;
	struct str contact, queue;
};
static const struct json_field move_fields[] = {
	COMMAND_HEAD(struct move_args),
	ARG_NAME(struct move_args, contact, true),
	ARG_NAME(struct move_args, queue, true),
	JSON_FIELD_END,
};

static void run_move(struct call *c, const void *given)
{
	const struct move_args *args = given;
	/* No agent: the router asks whose it is only of its owner. */
	struct input in = { .kind = INPUT_TRANSFER };
	const struct queue *q;

	if (!arg_contact_id(c, args->contact, &in.contact) ||
	    !arg_queue(c, args->queue, &q))
		return;
	in.transfer.queue = q->id;
	call_post_end(c, &in, STR_NONE);
}

/* ---- overrides --------------------------------------------------------------- */

struct queue_args {
	struct command_head head;
	struct str queue, set, until;
};
static const struct json_field queue_fields[] = {
	COMMAND_HEAD(struct queue_args),
	ARG_NAME(struct queue_args, queue, true),
	ARG_NAME(struct queue_args, set, true),
	ARG_TEXT(struct queue_args, until, false, 64),
	JSON_FIELD_END,
};

/* In the order of ev_queue_override.what. */
static bool parse_set(struct str word, uint8_t *out)
{
	static const char *const words[] = { "file", "open", "closed" };
	size_t i;

	for (i = 0; i < countof(words); i++)
		if (str_is(word, words[i])) {
			*out = (uint8_t)i;
			return true;
		}
	return false;
}

static void run_queue_set(struct call *c, const void *given)
{
	const struct queue_args *args = given;
	struct input in = { .kind = INPUT_QUEUE_OVERRIDE, .agent = c->agent };
	struct in_queue_override *o = &in.queue_override;
	const struct queue *q;

	if (!arg_queue(c, args->queue, &q))
		return;
	if (!parse_set(args->set, &o->what)) {
		call_fail(c, ERR_INVALID,
		    "\"set\" must be \"open\", \"closed\" or \"file\"");
		return;
	}
	if (!arg_until(c, args->until, &o->until))
		return;
	/* The author is text, so that it outlives whoever leaves the config. */
	o->queue = q->id;
	o->author = str_of(c->author);
	call_post_end(c, &in, STR_NONE);
}

struct skill_args {
	struct command_head head;
	struct str agent, skill, until;
	const struct json *level; /* a number, or null: as the file says */
};
static const struct json_field skill_fields[] = {
	COMMAND_HEAD(struct skill_args),
	ARG_NAME(struct skill_args, agent, true),
	ARG_NAME(struct skill_args, skill, true),
	ARG_ANY(struct skill_args, level, true),
	ARG_TEXT(struct skill_args, until, false, 64),
	JSON_FIELD_END,
};

/* A field that may be null is read by hand: the tables know no such type. */
static bool read_level(
    struct call *c, const struct json *level, struct in_skill_override *out)
{
	int64_t n = json_int(level, -1);

	if (json_type(level) == JSON_NULL)
		return true;
	if (n < 0 || n > 100) {
		call_fail(
		    c, ERR_INVALID, "\"level\" must be from 0 to 100, or null");
		return false;
	}
	out->what = 1;
	out->level = (uint8_t)n;
	return true;
}

static void run_skill_set(struct call *c, const void *given)
{
	const struct skill_args *args = given;
	struct input in = { .kind = INPUT_SKILL_OVERRIDE };
	struct in_skill_override *o = &in.skill_override;
	const struct agent *a;
	const struct skill *s;

	if (!arg_agent(c, args->agent, &a) || !arg_skill(c, args->skill, &s) ||
	    !read_level(c, args->level, o) ||
	    !arg_until(c, args->until, &o->until))
		return;
	in.agent = a->id;
	o->skill = s->id;
	o->author = str_of(c->author);
	call_post_end(c, &in, STR_NONE);
}

struct plain_args {
	struct command_head head;
};
static const struct json_field plain_fields[] = {
	COMMAND_HEAD(struct plain_args),
	JSON_FIELD_END,
};

static void run_overrides(struct call *c, const void *given)
{
	struct json_writer *w = call_begin(c);

	(void)given;
	jw_key(w, "overrides");
	show_overrides(w, api_world(c->api));
	call_end(c);
}

/* ---- why ---------------------------------------------------------------------- */

struct why_args {
	struct command_head head;
	struct str contact, agent;
};
static const struct json_field why_fields[] = {
	COMMAND_HEAD(struct why_args),
	ARG_NAME(struct why_args, contact, true),
	JSON_FIELD_END,
};
static const struct json_field why_not_fields[] = {
	COMMAND_HEAD(struct why_args),
	ARG_NAME(struct why_args, contact, true),
	ARG_NAME(struct why_args, agent, false),
	JSON_FIELD_END,
};

/* The recorded offers wait in c->note for what the host recomputes. */
static void on_recomputed(void *arg, struct str json, const struct fault *why)
{
	struct call *c = arg;
	struct json_writer *w = call_begin(c);

	jw_key(w, "why");
	jw_raw(w, buf_str(&c->note));
	jw_key(w, "recomputed");
	if (why == NULL && json.n > 0)
		jw_raw(w, json);
	else
		jw_null(w);
	if (why != NULL)
		jw_ktext(w, "text", why->text);
	call_end(c);
}

/* Two sources: what the log recorded at each offer, in constant size, and the
 * losers, which only the host can recompute from a world of that time. */
static void on_why(void *arg, int err, struct str json)
{
	struct call *c = arg;
	const struct api_host *host = c->api->env.host;
	const struct why_args *args = (const void *)c->args;
	struct contact_id id;

	if (err != 0) {
		call_fail(c, err, "%s", err_text(err));
		return;
	}
	if (!arg_contact_id(c, args->contact, &id))
		return;
	buf_add_str(&c->note, json);
	host->why(host->arg, id, on_recomputed, c);
}

static void run_why(struct call *c, const void *given)
{
	const struct why_args *args = given;
	struct read what = { .kind = READ_WHY };
	int err;

	if (!arg_contact_id(c, args->contact, &what.contact))
		return;
	what.seq = api_world(c->api)->seq;
	err = store_read(c->api->env.store, &what, on_why, c);
	if (err != 0)
		call_fail(c, err, "%s", err_text(err));
}

/* Now, in the living world: the first test each agent fails. */
static void run_why_not(struct call *c, const void *given)
{
	const struct why_args *args = given;
	const struct world *world = api_world(c->api);
	const struct contact *contact;
	const struct agent *a = NULL;
	struct json_writer *w;

	if (!arg_contact(c, args->contact, &contact) ||
	    (args->agent.n > 0 && !arg_agent(c, args->agent, &a)))
		return;
	w = call_begin(c);
	jw_key(w, "agents");
	if (a == NULL) {
		explain_all(world, contact, w);
	} else {
		jw_array(w);
		explain_show(world, contact, a, w);
		jw_end(w);
	}
	call_end(c);
}

/* ---- looking closely ------------------------------------------------------------ */

/* One that ended long ago is only in the record; one that has just come may
 * not be there yet. Either alone is an answer. */
static void on_record(void *arg, int err, struct str json)
{
	struct call *c = arg;
	const struct why_args *args = (const void *)c->args;
	const struct world *world = api_world(c->api);
	const struct contact *contact;
	struct contact_id id;
	struct json_writer *w;

	if (!arg_contact_id(c, args->contact, &id))
		return;
	contact = world_contact(world, id);
	if (err != 0 && contact == NULL) {
		call_fail(c, err, "%s",
		    err == ERR_NOT_FOUND ? "no such contact" : err_text(err));
		return;
	}
	w = call_begin(c);
	jw_key(w, "contact");
	if (contact != NULL)
		show_contact(w, world, contact, api_now(c->api));
	else
		jw_null(w);
	jw_key(w, "record");
	if (err == 0)
		jw_raw(w, json);
	else
		jw_null(w);
	call_end(c);
}

static void run_show(struct call *c, const void *given)
{
	const struct why_args *args = given;
	struct read what = { .kind = READ_CONTACT };
	int err;

	if (!arg_contact_id(c, args->contact, &what.contact))
		return;
	what.seq = api_world(c->api)->seq;
	err = store_read(c->api->env.store, &what, on_record, c);
	if (err != 0)
		call_fail(c, err, "%s", err_text(err));
}

/* ---- rows ------------------------------------------------------------------------ */

#define WATCHERS (BY_LEADS | BY_PROGRAMS)
static const struct command rows[] = {
	{ "force-state", BY_LEADS, COMMAND_CHANGES, force_fields,
	    run_force_state },
	{ "move", BY_LEADS, COMMAND_CHANGES, move_fields, run_move },
	{ "queue-set", BY_LEADS, COMMAND_CHANGES, queue_fields, run_queue_set },
	{ "skill-set", BY_LEADS, COMMAND_CHANGES, skill_fields, run_skill_set },
	{ "overrides", WATCHERS, 0, plain_fields, run_overrides },
	{ "why", WATCHERS, 0, why_fields, run_why },
	{ "why-not", BY_LEADS | BY_AUDITORS, 0, why_not_fields, run_why_not },
	{ "show", BY_LEADS | BY_AUDITORS, 0, why_fields, run_show },
};
const struct command_table lead_commands = { rows, countof(rows) };
