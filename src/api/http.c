/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * http.c - requests become commands; the same rows answer them.
 *
 *   GET /v1/main/contacts?state=waiting + Bearer
 *     -> {"id":"http","cmd":"contacts","state":"waiting"}, once the token's
 *        owner is known and may ask over HTTP
 *
 * Entered by the net with requests of strangers. A request is gone when its
 * function returns, so what is needed later is copied into the call.
 */
#include "api/http.h"

#include "api/command.h"
#include "api/login.h"
#include "base/check.h"
#include "base/mem.h"

#define LOGIN_BODY_MAX 4096
#define QUERY_MAX      256

/* Agents use the protocol; HTTP is for those who watch and for programs. */
#define HTTP_READERS (BY_LEADS | BY_PROGRAMS)

/* ---- answers -------------------------------------------------------------- */

static void answer_problem(
    const struct http_call *call, int err, const char *text)
{
	struct buf space = { 0 };
	struct http_answer answer = http_problem(err, text, &space);

	if (err == ERR_AUTH)
		answer.extra = "WWW-Authenticate: Bearer\r\n";
	net_answer(call->net, call->peer, &answer);
	buf_done(&space);
}

/* Law of the house: every path carries its workspace, from the first day. */
static bool is_our_workspace(struct api *a, const struct http_call *call)
{
	if (str_is(call->params[0], api_world(a)->workspace))
		return true;
	answer_problem(call, ERR_NOT_FOUND, "no such workspace");
	return false;
}

/* ---- questions ------------------------------------------------------------ */

/* How a request is said as a command. */
struct question {
	const char *cmd;
	const char *param;      /* field the second path parameter goes to */
	const char *queries[4]; /* query parameters that are texts */
	const char *numbers[2]; /* and that are numbers */
};

/* Commands want numbers as numbers; a query has only text. */
static int write_number(
    struct json_writer *w, const struct http_request *rq, const char *name)
{
	struct buf value = { .limit = QUERY_MAX };
	uint64_t n = 0;
	int err = 0;

	if (http_query(rq, name, &value)) {
		err = value.failed ? ERR_INVALID : 0;
		if (err == 0)
			err = str_to_u64(buf_str(&value), &n);
		jw_ku64(w, name, n);
	}
	buf_done(&value);
	return err;
}

static int write_text(
    struct json_writer *w, const struct http_request *rq, const char *name)
{
	struct buf value = { .limit = QUERY_MAX };
	int err = 0;

	if (http_query(rq, name, &value)) {
		err = value.failed ? ERR_INVALID : 0;
		jw_kstr(w, name, buf_str(&value));
	}
	buf_done(&value);
	return err;
}

static int write_question(
    const struct question *q, const struct http_call *call, struct buf *out)
{
	struct json_writer w;
	size_t i;
	int err = 0;

	jw_init(&w, out);
	jw_object(&w);
	jw_ktext(&w, "id", "http");
	jw_ktext(&w, "cmd", q->cmd);
	if (q->param != NULL)
		jw_kstr(&w, q->param, call->params[1]);
	for (i = 0; i < countof(q->queries) && q->queries[i] != NULL; i++)
		err = err != 0 ? err : write_text(&w, call->rq, q->queries[i]);
	for (i = 0; i < countof(q->numbers) && q->numbers[i] != NULL; i++)
		err =
		    err != 0 ? err : write_number(&w, call->rq, q->numbers[i]);
	jw_end(&w);
	return err;
}

/* The token's owner is known: from here on it is a command like any other. */
static void on_owner(void *arg, const struct known_person *who)
{
	struct call *c = arg;
	const struct world *w = api_world(c->api);
	const struct agent *agent;
	char *text;

	if (who->err == ERR_AUTH) {
		guard_failed(&c->api->guard, STR_NONE, str_of(c->address),
		    loop_now(c->api->env.loop));
		call_fail(c, ERR_AUTH, "the token is not valid");
		return;
	}
	if (who->err != 0) {
		call_fail(c, who->err, "%s", err_text(who->err));
		return;
	}
	agent = world_agent_named(w, str_of(who->name));
	if (agent != NULL)
		c->agent = agent->id;
	c->role = effective_role(w, c->agent, who->role);
	str_copy(c->author, sizeof(c->author), str_of(who->name));
	if (!(HTTP_READERS & ROLE_BIT(c->role))) {
		call_fail(c, ERR_DENIED, "not over HTTP for the role %s",
		    role_word(c->role));
		return;
	}
	text = buf_take(&c->note);
	command_run(c, str_of(text));
	mem_free(text);
}

static bool is_too_often(struct api *a, const struct http_call *call)
{
	msec_t wait = guard_wait(
	    &a->guard, STR_NONE, call->rq->address, loop_now(a->env.loop));

	if (wait > 0)
		answer_problem(call, ERR_TOO_MANY, "too many failures");
	return wait > 0;
}

/* Cheap refusals first; the record is asked only for tokens worth it. */
static void ask(
    struct api *a, const struct http_call *call, const struct question *q)
{
	struct str token = http_bearer(call->rq);
	struct call *c;

	if (!is_our_workspace(a, call))
		return;
	if (token.n == 0) {
		answer_problem(call, ERR_AUTH, "a bearer token is wanted");
		return;
	}
	if (is_too_often(a, call))
		return;
	c = call_new(a, call->peer, CALL_BY_HTTP);
	str_copy(c->address, sizeof(c->address), call->rq->address);
	if (write_question(q, call, &c->note) != 0)
		call_fail(c, ERR_INVALID, "a query parameter is not valid");
	else
		token_owner(a, token, on_owner, c);
}

static void get_queues(void *arg, const struct http_call *call)
{
	ask(arg, call, &(struct question){ .cmd = "queues" });
}

static void get_agents(void *arg, const struct http_call *call)
{
	ask(arg, call, &(struct question){ .cmd = "agents" });
}

static void get_contacts(void *arg, const struct http_call *call)
{
	ask(arg, call,
	    &(struct question){ .cmd = "contacts",
	        .queries = { "state", "queue", "after" },
	        .numbers = { "limit" } });
}

static void get_contact(void *arg, const struct http_call *call)
{
	ask(arg, call,
	    &(struct question){ .cmd = "contact", .param = "contact" });
}

static void get_why(void *arg, const struct http_call *call)
{
	ask(arg, call, &(struct question){ .cmd = "why", .param = "contact" });
}

static void get_customer(void *arg, const struct http_call *call)
{
	ask(arg, call,
	    &(struct question){ .cmd = "customer", .param = "customer" });
}

/* ---- login ---------------------------------------------------------------- */

struct login_body {
	struct str name, password;
};
static const struct json_field body_fields[] = {
	{ "name", WANT_STR, true, offsetof(struct login_body, name), 1, 256 },
	{ "password", WANT_STR, true, offsetof(struct login_body, password), 1,
	    256 },
	JSON_FIELD_END,
};

/* The same login as over a session, with its guard and its hashing in turn. */
static void write_login(const struct login_body *body, struct buf *out)
{
	struct json_writer w;

	jw_init(&w, out);
	jw_object(&w);
	jw_ktext(&w, "id", "http");
	jw_ktext(&w, "cmd", "login");
	jw_kstr(&w, "name", body->name);
	jw_kstr(&w, "password", body->password);
	jw_end(&w);
}

static void post_login(void *arg, const struct http_call *call)
{
	struct api *a = arg;
	struct json *body = NULL;
	struct login_body fields;
	struct fault why;
	struct buf text = { 0 };
	struct call *c;
	int err;

	if (!is_our_workspace(a, call))
		return;
	err = json_parse(call->rq->body, LOGIN_BODY_MAX, &body, &why);
	if (err == 0)
		err = json_take(body, body_fields, &fields, &why);
	if (err != 0) {
		answer_problem(call, err, why.text);
	} else {
		write_login(&fields, &text);
		c = call_new(a, call->peer, CALL_BY_HTTP);
		str_copy(c->address, sizeof(c->address), call->rq->address);
		command_run(c, buf_str(&text));
	}
	json_free(body);
	if (text.len > 0)
		explicit_bzero(text.data, text.len);
	buf_done(&text);
}

/* ---- what anybody may ask -------------------------------------------------- */

static void answer_status(
    struct api *a, const struct http_call *call, int status)
{
	struct buf body = { 0 };
	struct json_writer w;

	jw_init(&w, &body);
	jw_object(&w);
	jw_ktext(&w, "status", status == 200 ? "ok" : "refusing");
	jw_ktext(&w, "version", a->env.version);
	jw_end(&w);
	net_answer(call->net, call->peer,
	    &(struct http_answer){ .status = status,
	        .type = "application/json",
	        .body = buf_str(&body) });
	buf_done(&body);
}

static void get_status(void *arg, const struct http_call *call)
{
	if (is_our_workspace(arg, call))
		answer_status(arg, call, 200);
}

/* For load balancers: 503 while no new contact would be taken. */
static void get_health(void *arg, const struct http_call *call)
{
	struct api *a = arg;
	struct store_status status;

	store_status(a->env.store, &status);
	answer_status(a, call, status.must_refuse ? 503 : 200);
}

/* ---- the WebSocket of agents ----------------------------------------------- */

/* A page of another site must not speak for whoever looks at it. Programs
 * send no Origin. */
static bool is_own_origin(const struct http_request *rq)
{
	struct str origin = http_field(rq, "Origin");
	struct str host = http_field(rq, "Host");
	size_t at = str_find_str(origin, STR("://"));
	struct str from;

	if (origin.n == 0)
		return true;
	if (at == origin.n)
		return false;
	from = str_from(origin, at + 3);
	return from.n == host.n && host.n > 0 &&
	       strncasecmp(from.p, host.p, host.n) == 0;
}

static void get_agent(void *arg, const struct http_call *call)
{
	struct api *a = arg;

	if (!is_our_workspace(a, call))
		return;
	if (!is_own_origin(call->rq)) {
		answer_problem(call, ERR_DENIED, "not from this origin");
		return;
	}
	if (net_upgrade(call->net, call->peer, call->rq, NULL) == 0)
		session_open(a, call->peer, SESSION_WEBSOCKET);
}

/* ---- rows ------------------------------------------------------------------ */

/* The row was made for one page; the path says which. */
static void get_page(void *arg, const struct http_call *call)
{
	const struct api *a = arg;

	pages_answer(&a->pages, call);
}

static const struct http_row fixed[] = {
	{ "GET", "/healthz", 0, get_health },
	{ "GET", "/v1/{workspace}/status", 0, get_status },
	{ "POST", "/v1/{workspace}/login", LOGIN_BODY_MAX, post_login },
	{ "GET", "/v1/{workspace}/agent", 0, get_agent },
	{ "GET", "/v1/{workspace}/queues", 0, get_queues },
	{ "GET", "/v1/{workspace}/agents", 0, get_agents },
	{ "GET", "/v1/{workspace}/contacts", 0, get_contacts },
	{ "GET", "/v1/{workspace}/contacts/{contact}", 0, get_contact },
	{ "GET", "/v1/{workspace}/contacts/{contact}/why", 0, get_why },
	{ "GET", "/v1/{workspace}/customers/{customer}", 0, get_customer },
};

void http_rows_make(struct api *a)
{
	size_t i;

	a->rows = new_array(struct http_row, countof(fixed) + a->pages.count);
	memcpy(a->rows, fixed, sizeof(fixed));
	a->row_count = countof(fixed);
	for (i = 0; i < a->pages.count; i++)
		a->rows[a->row_count++] = (struct http_row){ .method = "GET",
			.pattern = a->pages.items[i].path,
			.fn = get_page };
}
