/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * command.c - from a message to the handler of its row.
 *
 *   text -> one JSON object -> row by "cmd" -> seen this id before?
 *        -> role -> fields -> handler
 *
 * Entered with bytes from peers who may not have said who they are. Nothing
 * is done before every check has passed, and every refusal says which.
 */
#include "api/command.h"

#include "base/check.h"
#include "base/utf8.h"

static const struct command_table *const tables[] = {
	&session_commands,
	&agent_commands,
	&read_commands,
	&lead_commands,
	&admin_commands,
};

const struct command *command_at(size_t i)
{
	size_t t;

	for (t = 0; t < countof(tables); t++) {
		if (i < tables[t]->count)
			return &tables[t]->rows[i];
		i -= tables[t]->count;
	}
	return NULL;
}

const struct command *command_find(struct str name)
{
	const struct command *row;
	size_t i;

	for (i = 0; (row = command_at(i)) != NULL; i++)
		if (str_is(name, row->name))
			return row;
	return NULL;
}

bool command_is_open_to(const struct command *row, enum role role)
{
	return (row->roles & ROLE_BIT(role)) != 0;
}

/* The nearest name, for a slip of the finger. */
static const char *nearest(struct str name)
{
	const struct command *row;
	const char *best = NULL;
	unsigned best_distance = 3;
	size_t i;

	for (i = 0; (row = command_at(i)) != NULL; i++) {
		unsigned d = str_distance(name, str_of(row->name), 2);

		if (d < best_distance) {
			best_distance = d;
			best = row->name;
		}
	}
	return best;
}

/* A peer's own word goes back to it only when it is harmless and short. */
static bool is_showable(struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] >= 0x7f || s.p[i] == '"')
			return false;
	return s.n > 0 && s.n <= 32;
}

static void refuse_unknown(struct call *c, struct str name)
{
	const char *near = nearest(name);

	if (!is_showable(name))
		call_fail(c, ERR_UNSUPPORTED, "unknown command");
	else if (near == NULL)
		call_fail(c, ERR_UNSUPPORTED, "unknown command \"%.*s\"",
		    (int)name.n, name.p);
	else
		call_fail(c, ERR_UNSUPPORTED,
		    "unknown command \"%.*s\"; is \"%s\" meant?", (int)name.n,
		    name.p, near);
}

/* 401 and 403 in the words of HTTP: a client can mend the first by itself. */
static void refuse_role(struct call *c)
{
	if (c->role == ROLE_NONE)
		call_fail(c, ERR_AUTH, "sign in first");
	else
		call_fail(c, ERR_DENIED, "not allowed for the role %s",
		    role_word(c->role));
}

/* ---- reading -------------------------------------------------------------- */

/* The head of any message: an object, an id we can answer to, a command. */
static int read_head(struct call *c, struct str text, struct fault *why)
{
	struct str id, cmd;
	int err = json_parse(text, 0, &c->message, why);

	if (err != 0)
		return err;
	if (json_type(c->message) != JSON_OBJECT)
		return fault_set(why, ERR_INVALID, "an object is wanted");
	id = json_str(json_get(c->message, "id"));
	if (id.n == 0 || id.n > ID_MAX_BYTES)
		return fault_set(why, ERR_INVALID,
		    "\"id\" must be a string of 1 to %d bytes", ID_MAX_BYTES);
	str_copy(c->id, sizeof(c->id), id);
	cmd = json_str(json_get(c->message, "cmd"));
	if (cmd.n == 0)
		return fault_set(why, ERR_INVALID, "\"cmd\" is missing");
	return 0;
}

/* The role comes first: whoever may not call a command learns nothing of its
 * fields. */
static void run_row(struct call *c)
{
	struct fault why, said;
	int err;

	if (!command_is_open_to(c->row, c->role)) {
		refuse_role(c);
		return;
	}
	if (c->row->flags & COMMAND_AGENT && !id_is_set(c->agent)) {
		call_fail(c, ERR_DENIED, "only for agents of the config");
		return;
	}
	err = json_take(c->message, c->row->fields, c->args, &said);
	if (err != 0) {
		fault_set(&why, err, "%s: %s", c->row->name, said.text);
		call_fault(c, &why);
		return;
	}
	c->row->run(c, c->args);
}

void command_run(struct call *c, struct str text)
{
	struct fault why;

	if (read_head(c, text, &why) != 0) {
		call_fault(c, &why);
		return;
	}
	c->row = command_find(json_str(json_get(c->message, "cmd")));
	check(c->row != NULL);
	run_row(c);
}

/* ---- from a session ------------------------------------------------------- */

/* True: this id was here before, and what there is to say has been said. */
static bool is_repeated(struct session *s, struct call *c, struct str text)
{
	struct answer *x = answer_find(s, str_of(c->id));
	uint64_t content = digest64(text);

	if (x == NULL) {
		answer_begin(s, str_of(c->id), content);
		return false;
	}
	c->row = NULL; /* the first one's result stays what is remembered */
	if (x->content != content) {
		call_fail(c, ERR_CONFLICT, "this id was another command's");
		return true;
	}
	/* Still under way: its result will come. */
	if (x->text != NULL)
		net_send(s->api->env.net, s->peer, str_of(x->text));
	ask_drop(&c->ask);
	return true;
}

/* Looked at for each command, not once per session: a role that was taken
 * away is gone at once. */
static void fill_caller(const struct session *s, struct call *c)
{
	c->role = session_role(s);
	c->agent = s->agent;
	str_copy(c->author, sizeof(c->author), str_of(s->name));
}

void command_message(struct session *s, struct str text)
{
	struct call *c;
	struct fault why;
	struct str cmd;

	if (s->closing)
		return;
	session_heard(s);
	c = call_new(s->api, s->peer, CALL_BY_MESSAGE);
	fill_caller(s, c);
	if (read_head(c, text, &why) != 0) {
		call_fault(c, &why);
		return;
	}
	/* After the id is known: the client must see which one was refused. */
	if (session_is_too_fast(s)) {
		call_fail(c, ERR_TOO_MANY, "more than %d messages a minute",
		    MESSAGES_A_MINUTE);
		return;
	}
	cmd = json_str(json_get(c->message, "cmd"));
	c->row = command_find(cmd);
	if (c->row == NULL) {
		refuse_unknown(c, cmd);
		return;
	}
	if (c->row->flags & COMMAND_CHANGES && is_repeated(s, c, text))
		return;
	run_row(c);
}
