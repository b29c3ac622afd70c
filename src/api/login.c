/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * login.c - the commands a session begins and ends with.
 *
 *   login: guard -> person from the record -> hash on the pool -> TOKEN and
 *          SIGN_IN posted -> result -> frames missed, or a snapshot
 *
 * Entered with names and secrets of strangers. A name nobody has, a disabled
 * person and a wrong password cost the same time and get the same answer.
 */
#include "api/login.h"

#include "api/command.h"
#include "api/sync.h"
#include "base/check.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/rng.h"

#define TOKEN_BYTES 32
#define TOKEN_TEXT  64 /* holds base64url of them */

struct login_args {
	struct command_head head;
	struct str name, password, token;
	int64_t last_seq, protocol;
};
_Static_assert(sizeof(struct login_args) <= ARGS_BYTES, "args");

static const struct json_field login_fields[] = {
	COMMAND_HEAD(struct login_args),
	ARG_NAME(struct login_args, name, false),
	ARG_NAME(struct login_args, password, false),
	ARG_NAME(struct login_args, token, false),
	ARG_INT(struct login_args, last_seq, 0, INT64_MAX),
	ARG_INT(struct login_args, protocol, 0, 1000),
	JSON_FIELD_END,
};

struct login { /* call.state of a login under way */
	char name[NAME_MAX_BYTES + 1];
	char address[64];
	bool by_token;
	enum role role;
	uint8_t digest[SHA256_BYTES];
	char token[TOKEN_TEXT];
	msec_t until_wall;
};

static const struct login_args *args_of(const struct call *c)
{
	return (const struct login_args *)(const void *)c->args;
}

/* ---- ends that are not good ---------------------------------------------- */

/* The peer went while we were thinking: nobody is left to sign in. */
static bool has_left(const struct call *c)
{
	return c->via == CALL_BY_MESSAGE && call_session(c) == NULL;
}

static void refuse(struct call *c, int err, const char *text)
{
	struct session *s = call_session(c);

	if (s != NULL)
		s->state = SESSION_NEW;
	call_fail(c, err, "%s", text);
}

/* A bad token counts for the address only: it names nobody. The name is left
 * out of the log, since people type passwords there. */
static void refuse_secret(struct call *c)
{
	struct login *l = c->state;

	guard_failed(&c->api->guard, str_of(l->by_token ? "" : l->name),
	    str_of(l->address), loop_now(c->api->env.loop));
	log_info("login", "msg=refused address=%s", l->address);
	refuse(c, ERR_AUTH,
	    l->by_token ? "the token is not valid" : "wrong name or password");
}

/* ---- the end that is good ------------------------------------------------- */

/* 256 bits from the kernel; what is kept of it cannot be turned back. */
static bool post_token(struct call *c)
{
	struct login *l = c->state;
	struct input in = { .kind = INPUT_TOKEN };
	struct outcome out = { 0 };
	struct buf token = { 0 };

	token_make(TOKEN_BYTES, &token);
	check(str_copy(l->token, sizeof(l->token), buf_str(&token)));
	sha256(buf_str(&token), l->digest);
	buf_done(&token);
	l->until_wall = clock_wall(loop_clock(c->api->env.loop)) + TOKEN_MS;
	in.token.name = str_of(l->name);
	in.token.role = (uint8_t)l->role;
	in.token.until_wall = l->until_wall;
	memcpy(in.token.token, l->digest, sizeof(in.token.token));
	return call_post(c, &in, STR_NONE, &out);
}

/* 53 bits, so that any client's numbers can hold it; never 0. */
static uint64_t new_session_number(void)
{
	uint64_t n = 0;

	while (n == 0) {
		rng_bytes(&n, sizeof(n));
		n >>= 11;
	}
	return n;
}

/* The router picks up where the agent was: lost, with contacts in hand, or
 * offline. Only after it has agreed does the older session lose its place. */
static bool post_sign_in(struct call *c, struct session *s)
{
	struct login *l = c->state;
	const struct agent *a =
	    world_agent_named(api_world(c->api), str_of(l->name));
	struct input in = { .kind = INPUT_SIGN_IN };
	struct outcome out = { 0 };

	if (a == NULL || a->rule == RULE_NONE)
		return true; /* a person of the record only */
	in.agent = a->id;
	in.session.session = new_session_number();
	if (!call_post(c, &in, STR_NONE, &out))
		return false;
	session_take_agent(s, in.agent);
	s->number = in.session.session;
	return true;
}

static void add_person(struct call *c, enum role role)
{
	struct login *l = c->state;
	struct json_writer *w = &c->w;
	char until[CLOCK_TEXT];

	jw_ktext(w, "name", l->name);
	jw_ktext(w, "role", role_word(role));
	if (l->by_token)
		return;
	clock_format(l->until_wall, until);
	jw_ktext(w, "token", l->token);
	jw_ktext(w, "token_until", until);
}

/* The result is written before anything that follows from it, and the net
 * keeps that order. */
static void end_at_session(struct call *c, struct session *s)
{
	uint64_t last_seq = (uint64_t)args_of(c)->last_seq;
	struct json_writer *w = call_begin(c);

	jw_kint(w, "protocol", PROTOCOL_VERSION);
	jw_ktext(w, "workspace", api_world(c->api)->workspace);
	jw_ku64(w, "session", s->number);
	jw_kid(w, "agent", 'a', s->agent.v);
	jw_kint(w, "heartbeat", HEARTBEAT_S);
	add_person(c, session_role(s));
	call_end(c);
	sync_start(s, last_seq);
}

static void end_at_http(struct call *c)
{
	struct login *l = c->state;
	const struct world *w = api_world(c->api);
	const struct agent *a = world_agent_named(w, str_of(l->name));
	struct agent_id id = { a == NULL ? 0 : a->id.v };

	c->http_status = 201;
	call_begin(c);
	add_person(c, effective_role(w, id, l->role));
	call_end(c);
}

static void let_in(struct call *c)
{
	struct login *l = c->state;
	struct session *s = call_session(c);

	guard_passed(&c->api->guard, str_of(l->name));
	if (!l->by_token && !post_token(c)) {
		if (s != NULL)
			s->state = SESSION_NEW;
		return;
	}
	if (s == NULL) {
		end_at_http(c);
		return;
	}
	if (!post_sign_in(c, s)) {
		s->state = SESSION_NEW;
		return;
	}
	str_copy(s->name, sizeof(s->name), str_of(l->name));
	s->person_role = l->role;
	memcpy(s->token, l->digest, sizeof(s->token));
	s->has_token = true;
	s->state = SESSION_IN;
	net_trust(c->api->env.net, s->peer);
	log_info("login", "msg=in name=%s role=%s", s->name,
	    role_word(session_role(s)));
	end_at_session(c, s);
}

/* ---- by password ---------------------------------------------------------- */

/* Back from the pool. */
static void on_verified(void *arg, int err, bool right, const char *text)
{
	struct call *c = arg;

	(void)text;
	if (has_left(c))
		ask_drop(&c->ask);
	else if (err != 0)
		refuse(c, err, "too many sign in at once");
	else if (!right)
		refuse_secret(c);
	else
		let_in(c);
}

static void on_person(void *arg, int err, struct str text)
{
	struct call *c = arg;
	struct login *l = c->state;
	struct json *person = NULL;
	char hash[PASSWORD_TEXT];
	bool known = false;

	if (has_left(c)) {
		ask_drop(&c->ask);
		return;
	}
	if (err == 0)
		err = json_parse(text, 0, &person, NULL);
	if (err != 0 && err != ERR_NOT_FOUND) {
		refuse(c, err, err_text(err));
		return;
	}
	if (err == 0)
		known =
		    !json_bool(json_get(person, "disabled"), true) &&
		    role_parse(json_str(json_get(person, "role")), &l->role) &&
		    str_copy(
		        hash, sizeof(hash), json_str(json_get(person, "hash")));
	json_free(person);
	err = hash_verify(&c->api->hasher, args_of(c)->password,
	    known ? hash : NULL, on_verified, c);
	if (err != 0)
		refuse(c, err, "too many sign in at once");
}

/* A name too long to exist takes the same way as one that does not. */
static void by_password(struct call *c, const struct login_args *args)
{
	struct login *l = c->state;
	int err = ERR_NOT_FOUND;

	if (str_copy(l->name, sizeof(l->name), args->name))
		err = read_person(c->api, args->name, on_person, c);
	else
		on_person(c, ERR_NOT_FOUND, STR_NONE);
	if (err != 0 && err != ERR_NOT_FOUND)
		refuse(c, err, err_text(err));
}

/* ---- by token ------------------------------------------------------------- */

static void on_owner(void *arg, const struct known_person *who)
{
	struct call *c = arg;
	struct login *l = c->state;

	if (has_left(c)) {
		ask_drop(&c->ask);
		return;
	}
	if (who->err == ERR_AUTH) {
		refuse_secret(c);
		return;
	}
	if (who->err != 0) {
		refuse(c, who->err, err_text(who->err));
		return;
	}
	str_copy(l->name, sizeof(l->name), str_of(who->name));
	l->role = who->role;
	let_in(c);
}

/* ---- the commands --------------------------------------------------------- */

/* One way or the other, not both: two identities could disagree. */
static bool is_complete(const struct login_args *args)
{
	bool by_token = args->token.n > 0;
	bool by_password = args->name.n > 0 && args->password.n > 0;

	return by_token ? args->name.n == 0 && args->password.n == 0
	                : by_password;
}

static bool may_begin(struct call *c, const struct login_args *args)
{
	struct session *s = call_session(c);

	if (s != NULL && s->state == SESSION_IN)
		call_fail(c, ERR_STATE, "signed in already");
	else if (s != NULL && s->state == SESSION_LOGGING_IN)
		call_fail(c, ERR_STATE, "a login is under way");
	else if (args->protocol != 0 && args->protocol != PROTOCOL_VERSION)
		call_fail(c, ERR_VERSION, "this server speaks protocol %d",
		    PROTOCOL_VERSION);
	else if (!is_complete(args))
		call_fail(c, ERR_INVALID,
		    "give \"name\" and \"password\", or \"token\"");
	else
		return true;
	return false;
}

static struct login *login_new(struct call *c, const struct login_args *args)
{
	struct login *l = new_of(struct login);
	struct str address = c->via == CALL_BY_HTTP
	                         ? str_of(c->address)
	                         : net_address(c->api->env.net, c->peer);

	str_copy(l->address, sizeof(l->address), address);
	l->by_token = args->token.n > 0;
	if (l->by_token)
		sha256(args->token, l->digest);
	return l;
}

static void run_login(struct call *c, const void *given)
{
	const struct login_args *args = given;
	struct session *s = call_session(c);
	struct login *l;
	msec_t wait;

	if (!may_begin(c, args))
		return;
	l = c->state = login_new(c, args);
	wait = guard_wait(&c->api->guard, args->name, str_of(l->address),
	    loop_now(c->api->env.loop));
	if (wait > 0) {
		call_fail(c, ERR_TOO_MANY, "too many failures, wait %d s",
		    (int)((wait + 999) / 1000));
		return;
	}
	if (s != NULL)
		s->state = SESSION_LOGGING_IN;
	if (l->by_token)
		token_owner(c->api, args->token, on_owner, c);
	else
		by_password(c, args);
}

static const struct json_field head_fields[] = {
	COMMAND_HEAD(struct login_args),
	JSON_FIELD_END,
};

static bool post_sign_out(struct call *c, struct session *s)
{
	struct input in = { .kind = INPUT_SIGN_OUT, .agent = s->agent };
	struct outcome out = { 0 };

	if (s->number == 0)
		return true;
	in.session.session = s->number;
	return call_post(c, &in, STR_NONE, &out);
}

/* Sign-out first: the router refuses it while a customer is on the line, and
 * then the token must go on to work. */
static void run_logout(struct call *c, const void *given)
{
	struct session *s = call_session(c);
	const struct inlet *inlet = c->api->env.inlet;
	struct input in = { .kind = INPUT_REVOKE };

	(void)given;
	if (s == NULL || s->kind == SESSION_CONTROL) {
		call_fail(c, ERR_STATE, "there is no login here");
		return;
	}
	if (!post_sign_out(c, s))
		return;
	in.token.name = str_of(s->name);
	memcpy(in.token.token, s->token, sizeof(in.token.token));
	/* A token that has been revoked already is as good. */
	(void)inlet->post(inlet->host, &in, STR_NONE, NULL);
	log_info("login", "msg=out name=%s", s->name);
	call_ok(c);
	session_end(s, CLOSE_NORMAL, "signed out");
}

static void run_ping(struct call *c, const void *given)
{
	char now[CLOCK_TEXT];

	(void)given;
	clock_format(clock_wall(loop_clock(c->api->env.loop)), now);
	jw_ktext(call_begin(c), "at", now);
	call_end(c);
}

static const struct command rows[] = {
	{ "login", BY_ANYBODY, 0, login_fields, run_login },
	{ "logout", BY_ANYBODY & ~BY_NOBODY_YET, 0, head_fields, run_logout },
	{ "ping", BY_ANYBODY, 0, head_fields, run_ping },
};
const struct command_table session_commands = { rows, countof(rows) };
