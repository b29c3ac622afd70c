/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_net_rows.c - which row a request finds, and what it hears when none
 * fits. Requests come over memory pipes, as bytes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/check.h"
#include "net/rows.h"

struct house {
	struct loop *loop;
	struct net *net;
	struct net_listener *listener;
	struct net_pipe *pipe;
	struct buf out;
	const char *hit; /* the row that was called */
	char params[3][32];
};

static void take_params(struct house *h, const struct http_call *call)
{
	size_t i;

	for (i = 0; i < 3; i++)
		str_copy(h->params[i], sizeof(h->params[i]), call->params[i]);
	net_answer(call->net, call->peer,
	    &(struct http_answer){
	        .status = 200, .type = "text/plain", .body = call->rq->body });
}

#define ROW_FN(name)                                                           \
	static void row_##name(void *arg, const struct http_call *call)        \
	{                                                                      \
		struct house *h = arg;                                         \
                                                                               \
		h->hit = #name;                                                \
		take_params(h, call);                                          \
	}
ROW_FN(root)
ROW_FN(fixed)
ROW_FN(one)
ROW_FN(two)
ROW_FN(put)
ROW_FN(other)

static const struct http_row first_rows[] = {
	{ "GET", "/", 0, row_root },
	{ "GET", "/v1/{workspace}/chats/status", 0, row_fixed },
	{ "GET", "/v1/{workspace}/chats/{id}", 0, row_one },
	{ "POST", "/v1/{workspace}/chats/{id}", 10, row_put },
	{ "GET", "/v1/{workspace}/chats/{id}/parts/{part}", 0, row_two },
};
static const struct http_row second_rows[] = {
	{ "DELETE", "/v1/{workspace}/chats/{id}", 0, row_other },
	{ "GET", "/v1/main/chats/c9", 0, row_other },
};

static size_t tables(struct house *h, struct http_table out[2])
{
	out[0] = (struct http_table){ first_rows, countof(first_rows), h };
	out[1] = (struct http_table){ second_rows, countof(second_rows), h };
	return 2;
}

static size_t on_limit(void *arg, const struct http_request *head)
{
	struct http_table t[2];

	return rows_body_limit(t, tables(arg, t), head);
}

static void on_request(void *arg, struct peer p, const struct http_request *rq)
{
	struct house *h = arg;
	struct http_table t[2];

	rows_dispatch(t, tables(h, t), h->net, p, rq);
}

static int open_house(void **state)
{
	struct house *h = test_calloc(1, sizeof(*h));
	struct net_listen how = { .address = "memory:",
		.tongue = NET_HTTP,
		.app = {
		    .arg = h, .body_limit = on_limit, .request = on_request } };
	struct fault why;

	h->loop = loop_new(clock_system());
	h->net = net_new(h->loop, NULL);
	assert_int_equal(net_listen(h->net, &how, &h->listener, &why), 0);
	h->pipe = net_memory_dial(h->listener, "10.0.0.1");
	*state = h;
	return 0;
}

static int close_house(void **state)
{
	struct house *h = *state;

	net_memory_hang_up(h->pipe);
	loop_poll(h->loop);
	net_free(h->net);
	loop_free(h->loop);
	buf_done(&h->out);
	test_free(h);
	return 0;
}

/* Sends a request and takes what comes back, as text. */
static const char *ask(struct house *h, const char *line, const char *body)
{
	struct buf rq = { 0 };

	buf_addf(&rq, "%s HTTP/1.1\r\nHost: a.example\r\n", line);
	if (body[0] != '\0')
		buf_addf(&rq, "Content-Length: %zu\r\n", strlen(body));
	buf_addf(&rq, "\r\n%s", body);
	buf_clear(&h->out);
	h->hit = "none";
	net_memory_write(h->pipe, buf_str(&rq));
	loop_poll(h->loop);
	loop_poll(h->loop);
	net_memory_read(h->pipe, &h->out);
	buf_done(&rq);
	assert_true(h->out.len > 0);
	return h->out.data;
}

static void assert_has(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("\"%s\" is not in:\n%s", part, text);
}

static void a_row_is_found_by_its_path(void **state)
{
	struct house *h = *state;

	assert_has(ask(h, "GET /", ""), "200 OK");
	assert_string_equal(h->hit, "root");
	ask(h, "GET /v1/main/chats/c7", "");
	assert_string_equal(h->hit, "one");
}

static void params_come_in_the_order_of_the_pattern(void **state)
{
	struct house *h = *state;

	ask(h, "GET /v1/main/chats/c7/parts/12", "");
	assert_string_equal(h->hit, "two");
	assert_string_equal(h->params[0], "main");
	assert_string_equal(h->params[1], "c7");
	assert_string_equal(h->params[2], "12");
}

static void params_are_decoded_once(void **state)
{
	struct house *h = *state;

	ask(h, "GET /v1/main/chats/a%20b%2541", "");
	assert_string_equal(h->params[1], "a b%41");
}

static void the_query_is_no_part_of_the_path(void **state)
{
	struct house *h = *state;

	ask(h, "GET /v1/main/chats/c7?x=/y/z", "");
	assert_string_equal(h->hit, "one");
	assert_string_equal(h->params[1], "c7");
}

static void the_first_row_that_fits_wins(void **state)
{
	struct house *h = *state;

	ask(h, "GET /v1/main/chats/status", "");
	assert_string_equal(h->hit, "fixed");
	ask(h, "GET /v1/main/chats/c9", "");
	assert_string_equal(h->hit, "one");
}

static void a_later_table_is_reached(void **state)
{
	struct house *h = *state;

	ask(h, "DELETE /v1/main/chats/c7", "");
	assert_string_equal(h->hit, "other");
}

static void an_empty_segment_is_no_param(void **state)
{
	struct house *h = *state;

	assert_has(ask(h, "GET /v1/main/chats/", ""), " 404 ");
	assert_has(ask(h, "GET /v1//chats/c7", ""), " 404 ");
	assert_string_equal(h->hit, "none");
}

static void a_longer_or_shorter_path_is_unknown(void **state)
{
	struct house *h = *state;

	assert_has(ask(h, "GET /v1/main/chats", ""), " 404 ");
	assert_has(ask(h, "GET /v1/main/chats/c7/parts", ""), " 404 ");
	assert_has(ask(h, "GET /v1/main/chats/c7/parts/1/", ""), " 404 ");
	assert_has(ask(h, "GET /v1/main/chats/c7/parts/1/2", ""), " 404 ");
}

static void an_unknown_path_is_404_as_problem_json(void **state)
{
	struct house *h = *state;
	const char *text = ask(h, "GET /nowhere", "");

	assert_has(text, "404 Not Found");
	assert_has(text, "application/problem+json");
	assert_has(text, "\"status\":404");
}

static void a_known_path_with_another_method_is_405_with_allow(void **state)
{
	struct house *h = *state;
	const char *text = ask(h, "PUT /v1/main/chats/c7", "");

	assert_has(text, "405 Method Not Allowed");
	assert_has(text, "Allow: GET, POST, DELETE\r\n");
	assert_has(text, "application/problem+json");
	assert_has(text, "\"status\":405");
	assert_string_equal(h->hit, "none");
}

static void head_is_get_without_a_body(void **state)
{
	struct house *h = *state;
	const char *text = ask(h, "HEAD /v1/main/chats/c7", "");

	assert_string_equal(h->hit, "one");
	assert_has(text, "200 OK");
	assert_string_equal(strstr(text, "\r\n\r\n"), "\r\n\r\n");
}

static void head_does_not_stand_for_post(void **state)
{
	struct house *h = *state;
	struct http_request rq = { .method = STR("HEAD"),
		.path = STR("/v1/main/chats/c7") };
	struct http_table t[2];

	tables(h, t);
	assert_int_equal(rows_body_limit(t, 2, &rq), 0);
	rq.method = STR("POST");
	assert_int_equal(rows_body_limit(t, 2, &rq), 10);
}

static void a_body_up_to_the_rows_limit_is_taken(void **state)
{
	struct house *h = *state;

	assert_has(ask(h, "POST /v1/main/chats/c7", "0123456789"), "200 OK");
	assert_string_equal(h->hit, "put");
}

static void a_body_over_the_rows_limit_is_refused(void **state)
{
	struct house *h = *state;

	assert_has(ask(h, "POST /v1/main/chats/c7", "0123456789a"), " 413 ");
	assert_string_equal(h->hit, "none");
}

static void a_small_body_to_nowhere_still_hears_404(void **state)
{
	struct house *h = *state;

	assert_has(ask(h, "POST /nowhere", "hello"), " 404 ");
	assert_has(ask(h, "PUT /v1/main/chats/c7", "hello"), " 405 ");
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, open_house, close_house)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_row_is_found_by_its_path),
		CASE(params_come_in_the_order_of_the_pattern),
		CASE(params_are_decoded_once),
		CASE(the_query_is_no_part_of_the_path),
		CASE(the_first_row_that_fits_wins),
		CASE(a_later_table_is_reached),
		CASE(an_empty_segment_is_no_param),
		CASE(a_longer_or_shorter_path_is_unknown),
		CASE(an_unknown_path_is_404_as_problem_json),
		CASE(a_known_path_with_another_method_is_405_with_allow),
		CASE(head_is_get_without_a_body),
		CASE(head_does_not_stand_for_post),
		CASE(a_body_up_to_the_rows_limit_is_taken),
		CASE(a_body_over_the_rows_limit_is_refused),
		CASE(a_small_body_to_nowhere_still_hears_404),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
