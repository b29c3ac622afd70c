/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_net_serve.c - HTTP over a connection: order, keep-alive, time, the end.
 */
#include "net_house.h"

#define GET(target) "GET " target " HTTP/1.1\r\nHost: a\r\n\r\n"

static void answer_at_once(struct house *h, const struct http_request *rq)
{
	char body[100];

	snprintf(body, sizeof(body), "<%.*s>", (int)rq->path.n, rq->path.p);
	house_answer(h, body);
}

static struct house *answering_house(void)
{
	struct house *h = house_new(NET_HTTP, NULL);

	h->on_request = answer_at_once;
	return h;
}

static void leave(struct house *h, struct net_pipe *p)
{
	net_memory_hang_up(p);
	house_free(h);
}

/* The bodies of all answers in `got`, one after another. */
static void assert_bodies(struct net_pipe *p, const char *want)
{
	char *got = house_got(p);
	char *at = got;
	struct buf bodies = { 0 };

	while ((at = strstr(at, "\r\n\r\n")) != NULL) {
		at += 4;
		buf_add(&bodies, at, strcspn(at, "H"));
	}
	assert_string_equal(bodies.len > 0 ? bodies.data : "", want);
	buf_done(&bodies);
	mem_free(got);
}

/* ---- order --------------------------------------------------------------- */

static void pipelined_requests_are_answered_in_order(void **state)
{
	struct house *h = answering_house();
	struct net_pipe *p = house_dial(h);

	(void)state;
	house_say(p, GET("/1") GET("/2") GET("/3"));
	house_heard(h, "GET /1; GET /2; GET /3; ");
	assert_bodies(p, "</1></2></3>");
	leave(h, p);
}

static void the_next_request_waits_for_the_answer(void **state)
{
	struct house *h = house_new(NET_HTTP, NULL);
	struct net_pipe *p = house_dial(h);

	(void)state;
	house_say(p, GET("/1") GET("/2") "GET /3 HT");
	house_heard(h, "GET /1; ");
	house_say(p, "TP/1.1\r\nHost: a\r\n\r\n");
	house_heard(h, "");
	house_answer(h, "<1>");
	assert_bodies(p, "<1>");
	loop_poll(h->loop);
	house_heard(h, "GET /2; ");
	house_answer(h, "<2>");
	house_answer(h, "<twice>"); /* is nobody's answer */
	loop_poll(h->loop);
	house_heard(h, "GET /3; ");
	house_answer(h, "<3>");
	assert_bodies(p, "<2><3>");
	leave(h, p);
}

static void held_answers_keep_their_order(void **state)
{
	struct house *h = answering_house();
	struct net_pipe *p = house_dial(h);

	(void)state;
	net_mark(h->net, 5);
	/* The third is broken: our own refusal must not overtake. */
	house_say(p, GET("/1") GET("/2") "BROKEN\r\n\r\n" GET("/4"));
	house_heard(h, "GET /1; GET /2; ");
	house_gets(p, "");
	net_release(h->net, 5);
	assert_bodies(p,
	    "</1></2>{\"type\":\"about:blank\",\"title\":\"Bad Request\","
	    "\"status\":400}");
	house_heard(h, "gone error; ");
	leave(h, p);
}

static void a_crowd_of_pipelined_requests_takes_turns(void **state)
{
	struct house *h = answering_house();
	struct net_pipe *p = house_dial(h);
	struct buf b = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < 500; i++)
		buf_add_text(&b, GET("/"));
	net_memory_write(p, buf_str(&b));
	assert_true(h->journal.len < 500 * strlen("GET /; "));
	for (i = 0; i < 100; i++) {
		mem_free(house_got(p));
		loop_poll(h->loop);
	}
	assert_int_equal(h->journal.len, 500 * strlen("GET /; "));
	buf_done(&b);
	leave(h, p);
}

static void answer_a_kilo(struct house *h, const struct http_request *rq)
{
	char body[1001];

	(void)rq;
	memset(body, 'x', 1000);
	body[1000] = '\0';
	house_answer(h, body);
}

static void who_does_not_read_answers_is_not_listened_to(void **state)
{
	struct house *h = answering_house();
	struct net_pipe *p = house_dial(h);
	struct buf b = { 0 };
	size_t i, heard;

	(void)state;
	h->on_request = answer_a_kilo;
	for (i = 0; i < 900; i++)
		buf_add_text(&b, GET("/"));
	net_memory_write(p, buf_str(&b));
	for (i = 0; i < 100; i++)
		loop_poll(h->loop);
	/* at most 64 KiB in the pipe and as much behind it */
	heard = h->journal.len / strlen("GET /; ");
	assert_in_range(heard, 50, 130);
	for (i = 0; i < 100; i++) {
		mem_free(house_got(p));
		loop_poll(h->loop);
	}
	assert_int_equal(h->journal.len / strlen("GET /; "), 900);
	buf_done(&b);
	leave(h, p);
}

/* ... and what he sends on stays with him, until there is room for it. */
static void what_nobody_takes_is_not_read(void **state)
{
	struct house *h = house_new(NET_HTTP, NULL);
	struct net_pipe *p = house_dial(h);
	struct buf b = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < 900; i++)
		buf_addf(
		    &b, "GET / HTTP/1.1\r\nHost: a\r\nX: %0200d\r\n\r\n", 1);
	assert_true(b.len > 150000);
	net_memory_write(p, buf_str(&b));
	for (i = 0; i < 10; i++)
		loop_poll(h->loop);
	house_heard(h, "GET /; ");
	assert_in_range(house_stats(h).bytes_in, 65536, 2 * 65536);
	house_answer(h, "<first>");
	net_memory_hang_up(p);
	loop_poll(h->loop);
	house_heard(h, "gone error; "); /* nobody took the answer */
	buf_done(&b);
	house_free(h);
}

static void what_was_not_read_is_read_later(void **state)
{
	struct house *h = house_new(NET_HTTP, NULL);
	struct net_pipe *p = house_dial(h);
	struct buf b = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < 9; i++)
		buf_addf(&b,
		    "POST / HTTP/1.1\r\nHost: a\r\n"
		    "Content-Length: 20000\r\n\r\n%20000d",
		    1);
	h->body_max = 20000;
	net_memory_write(p, buf_str(&b));
	h->on_request = answer_at_once;
	house_answer(h, "<first>");
	for (i = 0; i < 20; i++)
		loop_poll(h->loop);
	assert_int_equal(house_stats(h).bytes_in, b.len);
	assert_bodies(p, "<first></></></></></></></></>");
	buf_done(&b);
	leave(h, p);
}

/* ---- keeping alive ------------------------------------------------------- */

static void close_is_kept_as_a_promise(void **state)
{
	struct house *h = answering_house();
	struct net_pipe *p = house_dial(h);

	(void)state;
	house_say(
	    p, "GET /1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" GET(
	           "/2"));
	house_heard(h, "GET /1; gone us; ");
	house_gets_with(p, "\r\nConnection: close\r\n");
	assert_true(net_memory_is_closed(p));
	leave(h, p);
}

static void http_1_0_closes_unless_asked_not_to(void **state)
{
	struct house *h = answering_house();
	struct net_pipe *p = house_dial(h);

	(void)state;
	house_say(p, "GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
	house_gets_with(p, "\r\nConnection: keep-alive\r\n");
	assert_false(net_memory_is_closed(p));
	house_say(p, "GET /2 HTTP/1.0\r\n\r\n");
	house_gets_with(p, "\r\nConnection: close\r\n");
	assert_true(net_memory_is_closed(p));
	leave(h, p);
}

static void a_connection_carries_a_thousand_requests(void **state)
{
	struct house *h = answering_house();
	struct net_pipe *p = house_dial(h);
	int i;

	(void)state;
	for (i = 1; i < 1000; i++) {
		house_say(p, GET("/"));
		mem_free(house_got(p));
	}
	assert_false(net_memory_is_closed(p));
	house_say(p, GET("/"));
	house_gets_with(p, "\r\nConnection: close\r\n");
	assert_true(net_memory_is_closed(p));
	leave(h, p);
}

static void head_has_the_length_but_no_body(void **state)
{
	struct house *h = answering_house();
	struct net_pipe *p = house_dial(h);
	char *got;

	(void)state;
	house_say(p, "HEAD /abc HTTP/1.1\r\nHost: a\r\n\r\n");
	got = house_got(p);
	assert_non_null(strstr(got, "\r\nContent-Length: 6\r\n"));
	assert_null(strstr(got, "</abc>"));
	mem_free(got);
	house_say(p, GET("/d"));
	assert_bodies(p, "</d>");
	leave(h, p);
}

static void a_peer_may_shut_its_side_before_the_answer(void **state)
{
	struct house *h = house_new(NET_HTTP, NULL);
	struct net_pipe *p = house_dial(h);

	(void)state;
	house_say(p, GET("/1") GET("/2"));
	house_heard(h, "GET /1; ");
	/* In memory hanging up shuts both sides: so only the story counts. */
	net_memory_hang_up(p);
	loop_poll(h->loop);
	house_heard(h, "");
	house_answer(h, "<1>");
	loop_poll(h->loop);
	house_heard(h, "GET /2; gone error; ");
	house_free(h);
}

/* ---- bodies -------------------------------------------------------------- */

static void the_app_limits_the_body(void **state)
{
	struct house *h = answering_house();
	struct net_pipe *p = house_dial(h);

	(void)state;
	h->body_max = 4;
	house_say(p, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n"
	             "abcd");
	house_heard(h, "POST / abcd; ");
	mem_free(house_got(p));
	house_say(p, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n");
	house_gets_with(p, "HTTP/1.1 413 Content Too Large\r\n");
	house_heard(h, "gone error; ");
	leave(h, p);
}

static void zero_means_no_body(void **state)
{
	struct house *h = answering_house();
	struct net_pipe *p = house_dial(h);

	(void)state;
	h->body_max = 0;
	house_say(p, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
	house_heard(h, "POST /; ");
	mem_free(house_got(p));
	house_say(p, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n");
	house_gets_with(p, "HTTP/1.1 413 ");
	leave(h, p);
}

static void who_waits_for_continue_gets_it(void **state)
{
	struct house *h = answering_house();
	struct net_pipe *p = house_dial(h);

	(void)state;
	house_say(p, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n"
	             "Expect: 100-continue\r\n\r\n");
	house_gets(p, "HTTP/1.1 100 Continue\r\n\r\n");
	house_heard(h, "");
	house_say(p, "ab");
	house_heard(h, "POST / ab; ");
	house_gets_with(p, "HTTP/1.1 200 OK\r\n");
	/* a body that is there wants no word; too much is said at once */
	house_say(p, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n"
	             "Expect: 100-continue\r\n\r\nc");
	house_gets(p, "");
	house_say(p, "d");
	house_gets_with(p, "HTTP/1.1 200 OK\r\n");
	house_say(p, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2000\r\n"
	             "Expect: 100-continue\r\n\r\n");
	house_gets_with(p, "HTTP/1.1 413 ");
	leave(h, p);
}

static void a_big_answer_is_not_a_backlog(void **state)
{
	struct house *h = house_new(NET_HTTP, NULL);
	struct net_pipe *p = house_dial(h);
	size_t size = 3 * 1024 * 1024;
	struct http_answer a = { .status = 200 };
	char *body = mem_new(size);
	char *got;

	(void)state;
	memset(body, 'x', size);
	house_say(p, GET("/"));
	a.body = (struct str){ body, size };
	net_answer(h->net, h->peer, &a);
	loop_poll(h->loop);
	got = house_got(p);
	assert_int_equal(strlen(strstr(got, "\r\n\r\n")), size + 4);
	mem_free(got);
	mem_free(body);
	assert_true(net_is_there(h->net, h->peer));
	leave(h, p);
}

/* ---- refusals ------------------------------------------------------------ */

static void after_a_refusal_nothing_is_read(void **state)
{
	struct house *h = answering_house();
	struct net_pipe *p = house_dial(h);

	(void)state;
	house_say(p, "GET / HTTP/1.1\r\n\r\n" GET("/smuggled"));
	house_gets_with(p, "HTTP/1.1 400 Bad Request\r\n");
	assert_true(net_memory_is_closed(p));
	house_say(p, GET("/more"));
	loop_poll(h->loop);
	house_heard(h, ""); /* upstairs never knew it */
	assert_int_equal(house_stats(h).framing_errors, 1);
	leave(h, p);
}

static void a_house_without_an_app_says_not_found(void **state)
{
	struct house *h = house_new(NET_HTTP, NULL);
	struct net_listen how = { .address = "memory:", .tongue = NET_HTTP };
	struct net_listener *l;
	struct net_pipe *p;

	(void)state;
	assert_int_equal(net_listen(h->net, &how, &l, NULL), 0);
	p = net_memory_dial(l, "10.0.0.5");
	house_say(p, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n"
	             "abc");
	house_gets_with(p, "HTTP/1.1 404 Not Found\r\n");
	leave(h, p);
}

/* ---- time ---------------------------------------------------------------- */

static void an_idle_connection_is_closed(void **state)
{
	struct house *h = answering_house();
	struct net_pipe *p = house_dial(h);

	(void)state;
	house_wait(h, 29999);
	house_say(p, GET("/"));
	mem_free(house_got(p));
	house_wait(h, 29999);
	assert_false(net_memory_is_closed(p));
	house_wait(h, 1);
	assert_true(net_memory_is_closed(p));
	house_gets(p, ""); /* nothing was asked, nothing is said */
	house_heard(h, "GET /; gone timeout; ");
	leave(h, p);
}

static void a_head_must_come_in_time(void **state)
{
	struct house *h = answering_house();
	struct net_pipe *p = house_dial(h);
	int i;

	(void)state;
	house_wait(h, 20000); /* counts from the first byte */
	house_say(p, "GET / HTTP/1.1\r\nHost: a\r\n");
	for (i = 0; i < 9; i++) { /* and dripping does not help */
		house_wait(h, 1000);
		house_say(p, "X: y\r\n");
	}
	house_wait(h, 999);
	house_gets(p, "");
	house_wait(h, 1);
	house_gets_with(p, "HTTP/1.1 408 Request Timeout\r\n");
	assert_true(net_memory_is_closed(p));
	leave(h, p);
}

static void a_body_must_keep_a_pace(void **state)
{
	struct house *h = answering_house();
	struct net_pipe *p = house_dial(h);
	char kilo[1025];
	int i;

	(void)state;
	h->body_max = 1000000;
	memset(kilo, 'x', 1024);
	kilo[1024] = '\0';
	house_say(p, "POST / HTTP/1.1\r\nHost: a\r\n"
	             "Content-Length: 100000\r\n\r\n");
	/* 1 KiB a second is just enough, for as long as it takes */
	for (i = 0; i < 50; i++) {
		house_wait(h, 1000);
		house_say(p, kilo);
	}
	house_gets(p, "");
	house_wait(h, 9999);
	house_gets(p, "");
	house_wait(h, 1);
	house_gets_with(p, "HTTP/1.1 408 ");
	leave(h, p);
}

static void an_answer_may_take_its_time(void **state)
{
	struct house *h = house_new(NET_HTTP, NULL);
	struct net_pipe *p = house_dial(h);

	(void)state;
	house_say(p, GET("/poll"));
	house_wait(h, 3600000);
	house_answer(h, "<late>");
	assert_bodies(p, "<late>");
	house_wait(h, 29999);
	assert_false(net_memory_is_closed(p));
	leave(h, p);
}

/* ---- memory -------------------------------------------------------------- */

static void running_out_of_memory_costs_one_peer(void **state)
{
	struct house *h;
	struct net_pipe *p, *q;
	size_t n;

	(void)state;
	for (n = 1; n < 40; n++) {
		h = answering_house();
		p = house_dial(h);
		mem_fail_after(n);
		net_mark(h->net, 5);
		house_say(p, "POST /a%20b HTTP/1.1\r\nHost: a\r\n");
		house_say(p, "Content-Length: 4\r\n\r\nab");
		house_say(p, "cd" GET("/2"));
		net_release(h->net, 5);
		loop_poll(h->loop);
		mem_fail_after(0);
		q = house_dial(h);
		house_say(q, GET("/3"));
		assert_bodies(q, "</3>");
		net_memory_hang_up(p);
		net_memory_hang_up(q);
		house_free(h);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pipelined_requests_are_answered_in_order),
		cmocka_unit_test(the_next_request_waits_for_the_answer),
		cmocka_unit_test(held_answers_keep_their_order),
		cmocka_unit_test(a_crowd_of_pipelined_requests_takes_turns),
		cmocka_unit_test(who_does_not_read_answers_is_not_listened_to),
		cmocka_unit_test(what_nobody_takes_is_not_read),
		cmocka_unit_test(what_was_not_read_is_read_later),
		cmocka_unit_test(close_is_kept_as_a_promise),
		cmocka_unit_test(http_1_0_closes_unless_asked_not_to),
		cmocka_unit_test(a_connection_carries_a_thousand_requests),
		cmocka_unit_test(head_has_the_length_but_no_body),
		cmocka_unit_test(a_peer_may_shut_its_side_before_the_answer),
		cmocka_unit_test(the_app_limits_the_body),
		cmocka_unit_test(zero_means_no_body),
		cmocka_unit_test(who_waits_for_continue_gets_it),
		cmocka_unit_test(a_big_answer_is_not_a_backlog),
		cmocka_unit_test(after_a_refusal_nothing_is_read),
		cmocka_unit_test(a_house_without_an_app_says_not_found),
		cmocka_unit_test(an_idle_connection_is_closed),
		cmocka_unit_test(a_head_must_come_in_time),
		cmocka_unit_test(a_body_must_keep_a_pace),
		cmocka_unit_test(an_answer_may_take_its_time),
		cmocka_unit_test(running_out_of_memory_costs_one_peer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
