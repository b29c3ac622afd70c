/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * call.c - how a command ends: a result to a session, an answer over HTTP.
 *
 * Entered by every handler. What a result says was true when it was written
 * and leaves after the commit of what it saw: the net's mark sees to that.
 */
#include "api/call.h"

#include "api/command.h"
#include "base/check.h"
#include "base/mem.h"

/* Under the net's limit for a slow reader: an answer that cannot be sent must
 * not cost its asker the connection. */
#define ANSWER_MAX ((size_t)960 * 1024)

static void call_free(struct call *c)
{
	ask_close(&c->ask);
	json_free(c->message);
	buf_done(&c->out);
	buf_done(&c->note);
	mem_free(c->state);
	mem_free(c);
}

static void drop_call(struct ask *k)
{
	call_free(container_of(k, struct call, ask));
}

struct call *call_new(struct api *a, struct peer p, enum call_via via)
{
	struct call *c = new_of(struct call);

	c->api = a;
	c->peer = p;
	c->via = via;
	buf_init(&c->out, ANSWER_MAX);
	ask_open(a, &c->ask, drop_call);
	return c;
}

struct session *call_session(const struct call *c)
{
	return c->via == CALL_BY_HTTP ? NULL : session_find(c->api, c->peer);
}

/* ---- over a session ------------------------------------------------------- */

/* Over HTTP the status says whether it went well. */
static void begin_result(struct call *c, bool ok)
{
	buf_clear(&c->out);
	jw_init(&c->w, &c->out);
	jw_object(&c->w);
	if (c->via == CALL_BY_HTTP)
		return;
	jw_ktext(&c->w, "type", "result");
	jw_ktext(&c->w, "id", c->id[0] == '\0' ? NULL : c->id);
	jw_kbool(&c->w, "ok", ok);
}

/* Questions are not: to ask again does no harm, and answers are large. */
static bool is_remembered(const struct call *c)
{
	return c->row != NULL && c->row->flags & COMMAND_CHANGES;
}

static void send_result(struct call *c, bool ok)
{
	struct session *s = call_session(c);
	struct str id = str_of(c->id);

	if (s == NULL || s->closing)
		return;
	if (is_remembered(c) && ok)
		answer_finish(s, id, buf_str(&c->out));
	else if (is_remembered(c))
		answer_forget(s, id);
	net_send(c->api->env.net, c->peer, buf_str(&c->out));
}

/* ---- over HTTP ------------------------------------------------------------ */

static void send_answer(struct call *c)
{
	net_answer(c->api->env.net, c->peer,
	    &(struct http_answer){
	        .status = c->http_status == 0 ? 200 : c->http_status,
	        .type = "application/json",
	        .body = buf_str(&c->out),
	    });
}

/* RFC 9110 wants the challenge beside every 401. */
static void send_problem(struct call *c, const struct fault *why)
{
	struct buf space = { 0 };
	struct http_answer answer = http_problem(why->code, why->text, &space);

	if (why->code == ERR_AUTH)
		answer.extra = "WWW-Authenticate: Bearer\r\n";
	net_answer(c->api->env.net, c->peer, &answer);
	buf_done(&space);
}

/* ---- both ----------------------------------------------------------------- */

struct json_writer *call_begin(struct call *c)
{
	begin_result(c, true);
	return &c->w;
}

void call_end(struct call *c)
{
	struct fault large;

	jw_end(&c->w);
	if (c->out.failed) {
		fault_set(&large, ERR_TOO_LARGE, "the answer is too large");
		call_fault(c, &large);
		return;
	}
	if (c->via == CALL_BY_HTTP)
		send_answer(c);
	else
		send_result(c, true);
	call_free(c);
}

void call_ok(struct call *c)
{
	call_begin(c);
	call_end(c);
}

void call_fault(struct call *c, const struct fault *why)
{
	if (c->via == CALL_BY_HTTP) {
		send_problem(c, why);
	} else {
		begin_result(c, false);
		jw_ktext(&c->w, "error", err_name(why->code));
		jw_ktext(&c->w, "text", why->text);
		if (err_retryable(why->code))
			jw_kbool(&c->w, "retry", true);
		jw_end(&c->w);
		send_result(c, false);
	}
	call_free(c);
}

void call_fail(struct call *c, int err, const char *fmt, ...)
{
	struct fault why, said;
	va_list ap;

	va_start(ap, fmt);
	fault_setv(&said, err, fmt, ap);
	va_end(ap);
	if (c->row != NULL && c->via == CALL_BY_MESSAGE)
		fault_set(&why, err, "%s: %s", c->row->name, said.text);
	else
		why = said;
	call_fault(c, &why);
}

bool call_post(
    struct call *c, struct input *in, struct str payload, struct outcome *out)
{
	const struct inlet *inlet = c->api->env.inlet;
	int err = inlet->post(inlet->host, in, payload, out);

	if (err == 0)
		return true;
	call_fail(c, err, "%s",
	    out->why.text[0] == '\0' ? err_text(err) : out->why.text);
	return false;
}

/* The ids the router gave, as far as there are any. */
/* `repeated` tells a client that its key was known: nothing was done anew. */
static void add_outcome(struct json_writer *w, const struct outcome *out)
{
	if (id_is_set(out->contact))
		jw_kid(w, "contact", 'c', out->contact.v);
	if (id_is_set(out->message))
		jw_kid(w, "message", 'm', out->message.v);
	if (id_is_set(out->customer))
		jw_kid(w, "customer", 'p', out->customer.v);
	if (out->repeated)
		jw_kbool(w, "repeated", true);
}

void call_outcome(struct call *c, const struct outcome *out)
{
	if (out->err != 0) {
		call_fail(c, out->err, "%s",
		    out->why.text[0] == '\0' ? err_text(out->err)
		                             : out->why.text);
		return;
	}
	add_outcome(call_begin(c), out);
	call_end(c);
}

void call_post_end(struct call *c, struct input *in, struct str payload)
{
	struct outcome out = { 0 };

	if (call_post(c, in, payload, &out))
		call_outcome(c, &out);
}

/* ---- questions to the record ---------------------------------------------- */

/* The members of a whole object, into one that is open. */
static void add_members(struct json_writer *w, struct str object)
{
	if (object.n > 2)
		jw_raw(w, str_sub(object, 1, object.n - 2));
}

static void on_read(void *arg, int err, struct str json)
{
	struct call *c = arg;
	struct json_writer *w;

	if (err != 0) {
		call_fail(c, err, "%s",
		    err == ERR_NOT_FOUND ? "nothing is known of it"
		                         : err_text(err));
		return;
	}
	w = call_begin(c);
	if (c->note.len > 0) {
		jw_key(w, c->note.data);
		jw_raw(w, json);
	} else {
		add_members(w, json);
	}
	call_end(c);
}

void call_read(struct call *c, const struct read *what, const char *name)
{
	struct read asked = *what;
	int err;

	buf_clear(&c->note);
	if (name != NULL)
		buf_add_text(&c->note, name);
	/* What the caller was told of must be in the answer. */
	asked.seq = api_world(c->api)->seq;
	err = store_read(c->api->env.store, &asked, on_read, c);
	if (err != 0)
		call_fail(c, err, "%s", err_text(err));
}
