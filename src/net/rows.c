/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rows.c - finds the row of a request.
 *
 * Entered by listeners' apps, once for the head and once for the whole
 * request. Tables are walked in order and the first row that fits wins: a
 * hundred rows cost less than the parsing did. Answers only when no row fits.
 */
#include "net/rows.h"

#include "base/check.h"
#include "base/json.h"

/* A body nobody asked for is read up to this size, so that its sender still
 * hears 404 or 405 instead of being cut off. */
#define STRAY_BODY_MAX 4096

#define ALLOW_MAX 128

struct found {
	const struct http_table *table;
	const struct http_row *row;
	struct str params[ROW_PARAMS];
	bool path_known;
};

/* Takes "/segment" off the front. Only called when a '/' stands there. */
static struct str take_segment(struct str *rest)
{
	struct str after = str_from(*rest, 1);
	struct str segment = str_sub(after, 0, str_find(after, '/'));

	*rest = str_from(after, segment.n);
	return segment;
}

static bool is_param(struct str segment)
{
	return segment.n > 2 && segment.p[0] == '{' &&
	       segment.p[segment.n - 1] == '}';
}

/* Fills params with what stands in the braces' places. */
static bool fits(
    const char *pattern, struct str path, struct str params[ROW_PARAMS])
{
	struct str want = str_of(pattern);
	size_t n = 0;

	while (want.n > 0 && path.n > 0) {
		struct str wanted, there;

		if (path.p[0] != '/')
			return false;
		wanted = take_segment(&want);
		there = take_segment(&path);
		if (is_param(wanted)) {
			check(n < ROW_PARAMS);
			if (there.n == 0)
				return false;
			params[n++] = there;
		} else if (!str_eq(wanted, there)) {
			return false;
		}
	}
	return want.n == 0 && path.n == 0;
}

/* HEAD is GET whose answer's body the connection leaves out. */
static bool is_method(const struct http_row *row, struct str method)
{
	return str_is(method, row->method) ||
	       (str_is(method, "HEAD") && str_is(STR("GET"), row->method));
}

static struct found find_row(const struct http_table *tables, size_t count,
    const struct http_request *rq)
{
	struct found f = { NULL, NULL, { STR_NONE }, false };
	size_t t, i;

	for (t = 0; t < count; t++) {
		for (i = 0; i < tables[t].count; i++) {
			const struct http_row *row = &tables[t].rows[i];

			if (!fits(row->pattern, rq->path, f.params))
				continue;
			f.path_known = true;
			if (!is_method(row, rq->method))
				continue;
			f.table = &tables[t];
			f.row = row;
			return f;
		}
	}
	return f;
}

static void add_method(char allow[ALLOW_MAX], const char *method)
{
	size_t used = strlen(allow);

	/* No method's name stands inside another one. */
	if (strstr(allow, method) == NULL)
		snprintf(allow + used, ALLOW_MAX - used, "%s%s",
		    used == 0 ? "" : ", ", method);
}

/* The methods this path knows, as RFC 9110 wants them beside a 405. */
static void list_methods(const struct http_table *tables, size_t count,
    struct str path, char allow[ALLOW_MAX])
{
	struct str params[ROW_PARAMS];
	size_t t, i;

	allow[0] = '\0';
	for (t = 0; t < count; t++)
		for (i = 0; i < tables[t].count; i++)
			if (fits(tables[t].rows[i].pattern, path, params))
				add_method(allow, tables[t].rows[i].method);
}

static void answer_method(struct net *net, struct peer peer, const char *allow)
{
	struct buf body = { 0 };
	struct json_writer w;
	char extra[ALLOW_MAX + 16];

	jw_init(&w, &body);
	jw_object(&w);
	jw_ktext(&w, "type", "about:blank");
	jw_ktext(&w, "title", "Method Not Allowed");
	jw_kint(&w, "status", 405);
	jw_key(&w, "detail");
	jw_textf(&w, "this path answers to %s", allow);
	jw_end(&w);
	snprintf(extra, sizeof(extra), "Allow: %s\r\n", allow);
	net_answer(net, peer,
	    &(struct http_answer){
	        .status = 405,
	        .type = "application/problem+json",
	        .body = buf_str(&body),
	        .extra = extra,
	    });
	buf_done(&body);
}

static void answer_unknown(struct net *net, struct peer peer)
{
	struct buf space = { 0 };
	struct http_answer answer =
	    http_problem(ERR_NOT_FOUND, "nothing is at this path", &space);

	net_answer(net, peer, &answer);
	buf_done(&space);
}

size_t rows_body_limit(const struct http_table *tables, size_t count,
    const struct http_request *head)
{
	struct found f = find_row(tables, count, head);

	return f.row == NULL ? STRAY_BODY_MAX : f.row->body_max;
}

void rows_dispatch(const struct http_table *tables, size_t count,
    struct net *net, struct peer peer, const struct http_request *rq)
{
	struct found f = find_row(tables, count, rq);
	struct http_call call = { .net = net, .peer = peer, .rq = rq };
	char allow[ALLOW_MAX];

	if (f.row != NULL) {
		memcpy(call.params, f.params, sizeof(call.params));
		f.row->fn(f.table->arg, &call);
	} else if (f.path_known) {
		list_methods(tables, count, rq->path, allow);
		answer_method(net, peer, allow);
	} else {
		answer_unknown(net, peer);
	}
}
