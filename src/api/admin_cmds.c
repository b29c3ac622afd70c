/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * admin_cmds.c - the house itself: rules, people, copies, health.
 *
 * Entered by the dispatcher, mostly from usherctl over the control socket.
 * What only the server can do is asked of the host; people are posted as
 * inputs, their hashes as payload, so that the log never holds a secret.
 */
#include "api/command.h"
#include "api/login.h"
#include "base/check.h"
#include "base/log.h"

/* ASVS 6.2: at least 8, at least 64 allowed, nothing cut off, no rules about
 * what must be in it. */
#define PASSWORD_MIN   8
#define ONE_TIME_BYTES 12 /* of chance in a password we make up */

/* ---- asked of the host -------------------------------------------------------- */

/* The host's document stands under the command's own name, so that a client
 * finds it without knowing what the host may add. */
static void on_host(void *arg, struct str json, const struct fault *why)
{
	struct call *c = arg;
	struct json_writer *w;

	if (why != NULL) {
		call_fail(c, why->code, "%s", why->text);
		return;
	}
	w = call_begin(c);
	jw_key(w, c->row->name);
	if (json.n > 0)
		jw_raw(w, json);
	else
		jw_null(w);
	call_end(c);
}

struct reload_args {
	struct command_head head;
	bool dry_run;
};
static const struct json_field reload_fields[] = {
	COMMAND_HEAD(struct reload_args),
	ARG_BOOL(struct reload_args, dry_run),
	JSON_FIELD_END,
};

/* The author goes into the log with the config it activates. */
static void run_reload(struct call *c, const void *given)
{
	const struct reload_args *args = given;
	const struct api_host *host = c->api->env.host;

	host->reload(host->arg, args->dry_run, c->author, on_host, c);
}

struct try_args {
	struct command_head head;
	struct str what, at;
};
static const struct json_field try_fields[] = {
	COMMAND_HEAD(struct try_args),
	{ "what", WANT_STR, true, offsetof(struct try_args, what), 1, 4096 },
	ARG_TEXT(struct try_args, at, false, 64),
	JSON_FIELD_END,
};

static void run_try(struct call *c, const void *given)
{
	const struct try_args *args = given;
	const struct api_host *host = c->api->env.host;

	host->try_contact(host->arg, args->what, args->at, on_host, c);
}

struct backup_args {
	struct command_head head;
	struct str dir;
};
static const struct json_field backup_fields[] = {
	COMMAND_HEAD(struct backup_args),
	{ "dir", WANT_STR, true, offsetof(struct backup_args, dir), 1, 1000 },
	JSON_FIELD_END,
};

static void run_backup(struct call *c, const void *given)
{
	const struct backup_args *args = given;
	const struct api_host *host = c->api->env.host;

	host->backup(host->arg, args->dir, on_host, c);
}

struct plain_args {
	struct command_head head;
};
static const struct json_field plain_fields[] = {
	COMMAND_HEAD(struct plain_args),
	JSON_FIELD_END,
};

static void run_status(struct call *c, const void *given)
{
	const struct api_host *host = c->api->env.host;

	(void)given;
	host->status(host->arg, on_host, c);
}

/* ---- people -------------------------------------------------------------------- */

struct person_args {
	struct command_head head;
	struct str name, role, password;
};
static const struct json_field add_fields[] = {
	COMMAND_HEAD(struct person_args),
	{ "name", WANT_STR, true, offsetof(struct person_args, name), 1,
	    NAME_MAX_BYTES },
	ARG_NAME(struct person_args, role, true),
	{ "password", WANT_STR, false, offsetof(struct person_args, password),
	    PASSWORD_MIN, 256 },
	JSON_FIELD_END,
};
static const struct json_field off_fields[] = {
	COMMAND_HEAD(struct person_args),
	{ "name", WANT_STR, true, offsetof(struct person_args, name), 1,
	    NAME_MAX_BYTES },
	JSON_FIELD_END,
};

static const struct person_args *person_args_of(const struct call *c)
{
	return (const struct person_args *)(const void *)c->args;
}

/* Roles that sign in; gateways and customers are known by other means. */
static bool parse_role(struct str word, enum role *out)
{
	uint32_t allowed = BY_STAFF | BY_PROGRAMS;

	return role_parse(word, out) && (allowed & ROLE_BIT(*out)) != 0;
}

/* Names stand in logs and on the wire: no blanks, nothing to escape. */
static bool is_name(struct str name)
{
	size_t i;

	for (i = 0; i < name.n; i++) {
		unsigned char ch = (unsigned char)name.p[i];

		if (ch <= ' ' || ch == 0x7f || ch == '"' || ch == '\\' ||
		    ch == '/')
			return false;
	}
	return name.n > 0;
}

/* On the loop again, 25 ms later: the world may have changed, the call not. */
static void on_hashed(void *arg, int err, bool right, const char *hash)
{
	struct call *c = arg;
	const struct person_args *args = person_args_of(c);
	const char *made = c->state;
	struct input in = { .kind = INPUT_PERSON };
	struct outcome out = { 0 };
	struct buf payload = { 0 };
	enum role role;
	bool posted;

	(void)right;
	if (err != 0) {
		call_fail(c, err, "%s", err_text(err));
		return;
	}
	/* It was parsed before the hash was begun. */
	check(parse_role(args->role, &role));
	in.agent = c->agent;
	in.person.name = args->name;
	in.person.role = (uint8_t)role;
	buf_addf(&payload, "{\"hash\":\"%s\"}", hash);
	posted = call_post(c, &in, buf_str(&payload), &out);
	buf_done(&payload);
	if (!posted)
		return;
	log_info(
	    "people", "msg=set role=%s author=%s", role_word(role), c->author);
	jw_kstr(call_begin(c), "name", args->name);
	jw_ktext(&c->w, "role", role_word(role));
	if (made != NULL)
		jw_ktext(&c->w, "password", made);
	call_end(c);
}

/* One that is easy to read out and never used twice. */
static struct str make_password(struct call *c)
{
	struct buf text = { 0 };

	token_make(ONE_TIME_BYTES, &text);
	c->state = buf_take(&text);
	return str_of(c->state);
}

/* Somebody who is there already gets the new role and password: that is also
 * how a forgotten password is replaced. */
static void run_person_add(struct call *c, const void *given)
{
	const struct person_args *args = given;
	struct str password = args->password;
	enum role role;
	int err;

	if (!is_name(args->name)) {
		call_fail(c, ERR_INVALID,
		    "\"name\" must have no blanks, quotes or slashes");
		return;
	}
	if (!parse_role(args->role, &role)) {
		call_fail(c, ERR_INVALID,
		    "\"role\" must be agent, lead, supervisor, admin, "
		    "integrator or auditor");
		return;
	}
	if (password.n == 0)
		password = make_password(c);
	err = hash_make(&c->api->hasher, password, on_hashed, c);
	if (err != 0)
		call_fail(c, err, "%s", err_text(err));
}

/* The role stays what it was: only the door is shut. */
static void on_person(void *arg, int err, struct str text)
{
	struct call *c = arg;
	const struct person_args *args = person_args_of(c);
	struct input in = { .kind = INPUT_PERSON, .agent = c->agent };
	struct json *person = NULL;
	enum role role = ROLE_NONE;

	if (err == 0)
		err = json_parse(text, 0, &person, NULL);
	if (err == 0 && !role_parse(json_str(json_get(person, "role")), &role))
		err = ERR_CORRUPT;
	json_free(person);
	if (err != 0) {
		call_fail(c, err, "%s",
		    err == ERR_NOT_FOUND ? "nobody has this name"
		                         : err_text(err));
		return;
	}
	in.person.name = args->name;
	in.person.role = (uint8_t)role;
	in.person.disabled = true;
	log_info("people", "msg=off author=%s", c->author);
	call_post_end(c, &in, STR_NONE);
}

static void run_person_off(struct call *c, const void *given)
{
	const struct person_args *args = given;
	int err = read_person(c->api, args->name, on_person, c);

	if (err != 0)
		call_fail(c, err, "%s", err_text(err));
}

static void run_people(struct call *c, const void *given)
{
	(void)given;
	call_read(c, &(struct read){ .kind = READ_PEOPLE }, NULL);
}

/* ---- rows ----------------------------------------------------------------------- */

static const struct command rows[] = {
	{ "status", BY_LEADS | BY_PROGRAMS, 0, plain_fields, run_status },
	{ "reload", BY_ADMINS, COMMAND_CHANGES, reload_fields, run_reload },
	{ "try", BY_SUPERVISORS, 0, try_fields, run_try },
	{ "backup", BY_ADMINS, COMMAND_CHANGES, backup_fields, run_backup },
	{ "person-add", BY_ADMINS, COMMAND_CHANGES, add_fields,
	    run_person_add },
	{ "person-off", BY_ADMINS, COMMAND_CHANGES, off_fields,
	    run_person_off },
	{ "people", BY_ADMINS | BY_AUDITORS, 0, plain_fields, run_people },
};
const struct command_table admin_commands = { rows, countof(rows) };
