/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_net_curl.c - requests that leave the house, sent to our own listeners.
 *
 * The other end is a net on the same loop: an HTTP listener that answers and
 * an SMTP server of a dozen lines on a line listener.
 */
#include "net_house.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "net/curl.h"
#include "net/curl_guard.h"

/* The real clock: libcurl knows no other. */
struct room {
	struct loop *loop;
	struct net *net;
	struct net_listener *http, *smtp;
	struct curl_room *curl;
	struct buf journal;
	struct peer peer; /* the last that asked */
	bool in_data;     /* the mail itself is coming */
	int pending;
	struct curl_result last;
	char body[128];
	char text[256];
};

static void on_request(void *arg, struct peer p, const struct http_request *rq)
{
	struct room *r = arg;
	struct http_answer a = { .status = 201, .body = STR("made") };
	char *big;

	r->peer = p;
	buf_addf(&r->journal, "%.*s %.*s [%.*s] %.*s; ", (int)rq->method.n,
	    rq->method.p, (int)rq->target.n, rq->target.p,
	    (int)http_field(rq, "X-Key").n, http_field(rq, "X-Key").p,
	    (int)rq->body.n, rq->body.p);
	if (str_is(rq->path, "/silent"))
		return;
	if (str_is(rq->path, "/moved")) {
		a.status = 302;
		a.extra = "Location: /elsewhere\r\n";
	}
	if (!str_is(rq->path, "/big")) {
		net_answer(r->net, p, &a);
		return;
	}
	big = mem_new(300000);
	a.body = (struct str){ big, 300000 };
	net_answer(r->net, p, &a);
	mem_free(big);
}

static void smtp_open(void *arg, struct peer p)
{
	struct room *r = arg;

	net_send(r->net, p, STR("220 here\r"));
}

/* Just enough of RFC 5321 for one mail. */
static void smtp_line(void *arg, struct peer p, struct str line)
{
	struct room *r = arg;
	bool ends = str_is(line, ".");

	buf_addf(&r->journal, "%.*s; ", (int)line.n, line.p);
	if (r->in_data && !ends)
		return;
	r->in_data = str_is(line, "DATA");
	if (str_starts(line, "RCPT TO:<slow@"))
		return;
	if (r->in_data)
		net_send(r->net, p, STR("354 go on\r"));
	else if (str_starts(line, "RCPT TO:<nobody@"))
		net_send(r->net, p, STR("550 no such box\r"));
	else
		net_send(r->net, p, STR("250 fine\r"));
}

static void on_done(void *arg, const struct curl_result *result)
{
	struct room *r = arg;

	r->last = *result;
	str_copy(r->body, sizeof(r->body), result->body);
	str_copy(r->text, sizeof(r->text), str_of(result->text));
	r->pending--;
}

static struct net_listener *listen_on(struct room *r, enum net_tongue tongue)
{
	struct net_listen how = {
		.address = "127.0.0.1:0",
		.tongue = tongue,
		.class = NET_GATEWAY,
		.app = { .arg = r,
		    .request = on_request,
		    .open = smtp_open,
		    .message = smtp_line },
	};
	struct net_listener *l = NULL;
	struct fault why;

	if (net_listen(r->net, &how, &l, &why) != 0)
		fail_msg("%s", why.text);
	return l;
}

static struct room *room_new(void)
{
	struct room *r = new_of(struct room);

	r->loop = loop_new(clock_system());
	r->net = net_new(r->loop, NULL);
	r->http = listen_on(r, NET_HTTP);
	r->smtp = listen_on(r, NET_LINES);
	r->curl = curl_room_new(r->loop);
	buf_add_text(&r->journal, "");
	return r;
}

static void room_free(struct room *r)
{
	curl_room_free(r->curl);
	net_free(r->net);
	loop_free(r->loop);
	buf_done(&r->journal);
	mem_free(r);
	assert_int_equal(mem_live(), 0);
}

static void stop_when_done(void *arg)
{
	struct room *r = arg;

	if (r->pending == 0)
		loop_stop(r->loop);
}

static void wait_done(struct room *r)
{
	loop_run(r->loop, stop_when_done, r);
}

static int post(struct room *r, const char *url, bool allow_private)
{
	static const char *const fields[] = { "X-Key: k1", NULL };
	struct curl_post p = {
		.url = url,
		.fields = fields,
		.body = STR("{\"a\":1}"),
		.allow_private = allow_private,
	};

	r->pending++;
	return curl_post(r->curl, &p, on_done, r);
}

static void post_to(struct room *r, const char *path)
{
	char url[128];

	snprintf(
	    url, sizeof(url), "http://127.0.0.1:%u%s", net_port(r->http), path);
	assert_int_equal(post(r, url, true), 0);
}

/* ---- webhooks ------------------------------------------------------------ */

static void a_post_arrives_and_its_answer_comes_back(void **state)
{
	struct room *r = room_new();

	(void)state;
	post_to(r, "/hook?x=1");
	assert_int_equal(r->pending, 1); /* never from within curl_post() */
	wait_done(r);
	assert_int_equal(r->last.err, 0);
	assert_int_equal(r->last.status, 201);
	assert_string_equal(r->body, "made");
	assert_string_equal(r->journal.data, "POST /hook?x=1 [k1] {\"a\":1}; ");
	room_free(r);
}

static void many_posts_at_once_all_arrive(void **state)
{
	struct room *r = room_new();
	int i;

	(void)state;
	for (i = 0; i < 30; i++)
		post_to(r, "/x");
	wait_done(r);
	assert_int_equal(
	    r->journal.len, 30 * strlen("POST /x [k1] {\"a\":1}; "));
	room_free(r);
}

static void a_redirect_is_told_not_followed(void **state)
{
	struct room *r = room_new();

	(void)state;
	post_to(r, "/moved");
	wait_done(r);
	assert_int_equal(r->last.err, 0);
	assert_int_equal(r->last.status, 302);
	assert_string_equal(r->journal.data, "POST /moved [k1] {\"a\":1}; ");
	room_free(r);
}

static void of_a_long_answer_64_kib_are_kept(void **state)
{
	struct room *r = room_new();

	(void)state;
	post_to(r, "/big");
	wait_done(r);
	assert_int_equal(r->last.err, 0);
	assert_int_equal(r->last.status, 201);
	assert_int_equal(r->last.body.n, 65536);
	room_free(r);
}

static void private_addresses_are_refused(void **state)
{
	struct room *r = room_new();
	char url[64];

	(void)state;
	snprintf(url, sizeof(url), "http://127.0.0.1:%u/", net_port(r->http));
	assert_int_equal(post(r, url, false), 0);
	wait_done(r);
	assert_int_equal(r->last.err, ERR_DENIED);
	snprintf(url, sizeof(url), "http://localhost:%u/", net_port(r->http));
	assert_int_equal(post(r, url, false), 0);
	wait_done(r);
	assert_int_equal(r->last.err, ERR_DENIED);
	assert_string_equal(r->journal.data, ""); /* nobody was asked */
	room_free(r);
}

static void a_private_connection_is_not_found_again(void **state)
{
	struct room *r = room_new();
	char url[64];

	(void)state;
	snprintf(url, sizeof(url), "http://127.0.0.1:%u/", net_port(r->http));
	assert_int_equal(post(r, url, true), 0);
	wait_done(r);
	assert_int_equal(r->last.err, 0);
	assert_int_equal(post(r, url, false), 0);
	wait_done(r);
	assert_int_equal(r->last.err, ERR_DENIED);
	room_free(r);
}

static void other_protocols_are_refused(void **state)
{
	static const char *const urls[] = { "file:///etc/passwd",
		"ftp://127.0.0.1/", "smtp://127.0.0.1/", "gopher://127.0.0.1/",
		"dict://127.0.0.1/", "http://u:p@127.0.0.1/", "::" };
	struct room *r = room_new();
	size_t i;

	(void)state;
	for (i = 0; i < countof(urls); i++) {
		assert_int_equal(post(r, urls[i], true), 0);
		wait_done(r);
		assert_int_not_equal(r->last.err, 0);
		assert_int_not_equal(r->text[0], '\0');
	}
	room_free(r);
}

static void nobody_there_is_an_error(void **state)
{
	struct room *r = room_new();
	char url[64];

	(void)state;
	snprintf(url, sizeof(url), "http://127.0.0.1:%u/", net_port(r->http));
	net_unlisten(r->http);
	assert_int_equal(post(r, url, true), 0);
	wait_done(r);
	assert_int_equal(r->last.err, ERR_IO);
	assert_int_equal(r->last.status, 0);
	room_free(r);
}

static void stop_when_asked(void *arg)
{
	struct room *r = arg;

	if (r->journal.len > 0)
		loop_stop(r->loop);
}

static void freeing_the_room_drops_what_runs(void **state)
{
	struct room *r = room_new();

	(void)state;
	post_to(r, "/silent");
	loop_run(r->loop, stop_when_asked, r);
	assert_int_equal(r->pending, 1);
	room_free(r); /* and calls nobody */
}

/* ---- mail ---------------------------------------------------------------- */

static void start_mail(struct room *r, const char *to, bool require_tls)
{
	const char *const list[] = { to, NULL };
	char url[64];
	struct curl_mail m = {
		.url = url,
		.from = "desk@acme.example",
		.to = list,
		.message = STR("Subject: hi\r\n\r\nhello\r\n.dot\r\n"),
		.require_tls = require_tls,
		.allow_private = true,
	};

	snprintf(url, sizeof(url), "smtp://127.0.0.1:%u/us.example",
	    net_port(r->smtp));
	r->pending++;
	assert_int_equal(curl_mail(r->curl, &m, on_done, r), 0);
}

static void mail_to(struct room *r, const char *to, bool require_tls)
{
	start_mail(r, to, require_tls);
	wait_done(r);
}

static void a_mail_is_handed_over(void **state)
{
	struct room *r = room_new();

	(void)state;
	mail_to(r, "ana@customer.example", false);
	assert_int_equal(r->last.err, 0);
	assert_int_equal(r->last.status, 250);
	assert_non_null(strstr(r->journal.data,
	    "MAIL FROM:<desk@acme.example>; RCPT TO:<ana@customer.example>; "
	    "DATA; Subject: hi; hello; ..dot; .; "));
	room_free(r);
}

static void a_refused_recipient_is_told_with_its_code(void **state)
{
	struct room *r = room_new();

	(void)state;
	mail_to(r, "nobody@customer.example", false);
	assert_int_equal(r->last.err, ERR_IO);
	assert_int_equal(r->last.status, 550);
	room_free(r);
}

static void no_mail_goes_without_tls_that_is_required(void **state)
{
	struct room *r = room_new();

	(void)state;
	mail_to(r, "ana@customer.example", true);
	assert_int_not_equal(r->last.err, 0);
	assert_null(strstr(r->journal.data, "MAIL FROM"));
	room_free(r);
}

static void stop_at_recipient(void *arg)
{
	struct room *r = arg;

	if (strstr(r->journal.data, "RCPT") != NULL)
		loop_stop(r->loop);
}

static void the_end_does_not_wait_for_a_slow_mail_server(void **state)
{
	struct room *r = room_new();
	msec_t before;
	int i;

	(void)state;
	for (i = 0; i < 10; i++) /* more than are sent at once */
		start_mail(r, "slow@customer.example", false);
	loop_run(r->loop, stop_at_recipient, r);
	before = clock_mono(clock_system());
	room_free(r);
	assert_in_range(clock_mono(clock_system()) - before, 0, 5000);
}

/* ---- the guard ----------------------------------------------------------- */

static bool is_public(const char *text)
{
	struct sockaddr_storage room = { .ss_family = AF_UNIX };
	struct sockaddr_in *v4 = (void *)&room;
	struct sockaddr_in6 *v6 = (void *)&room;

	if (inet_pton(AF_INET, text, &v4->sin_addr) == 1)
		room.ss_family = AF_INET;
	else if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1)
		room.ss_family = AF_INET6;
	return curl_guard_is_public((void *)&room);
}

static void the_guard_knows_the_special_ranges(void **state)
{
	static const char *const open[] = { "1.1.1.1", "9.255.255.255",
		"11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
		"128.0.0.1", "169.253.255.255", "169.255.0.0", "172.15.255.255",
		"172.32.0.0", "192.0.1.0", "192.167.255.255", "192.169.0.0",
		"198.17.255.255", "198.20.0.0", "223.255.255.255",
		"2606:4700::1111", "2a00::1", "2001:4860::8888", "2003::1" };
	static const char *const shut[] = { "0.0.0.0", "0.255.255.255",
		"10.0.0.1", "10.255.255.255", "100.64.0.0", "100.127.255.255",
		"127.0.0.1", "127.255.255.255", "169.254.169.254", "172.16.0.1",
		"172.31.255.255", "192.0.0.1", "192.0.2.1", "192.88.99.1",
		"192.168.0.1", "198.18.0.1", "198.19.255.255", "198.51.100.1",
		"203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1",
		"255.255.255.255", "::", "::1", "::10.0.0.1", "::ffff:10.0.0.1",
		"::ffff:1.1.1.1", "64:ff9b::1.1.1.1", "64:ff9b:1::1", "100::1",
		"2001::1", "2001:db8::1", "2002:0a00:1::", "3fff::1", "fc00::1",
		"fd00::1", "fe80::1", "fec0::1", "ff02::1", "4000::1",
		"not an address" };
	size_t i;

	(void)state;
	for (i = 0; i < countof(open); i++) {
		if (!is_public(open[i]))
			fail_msg("%s is public", open[i]);
	}
	for (i = 0; i < countof(shut); i++) {
		if (is_public(shut[i]))
			fail_msg("%s is not public", shut[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_post_arrives_and_its_answer_comes_back),
		cmocka_unit_test(many_posts_at_once_all_arrive),
		cmocka_unit_test(a_redirect_is_told_not_followed),
		cmocka_unit_test(of_a_long_answer_64_kib_are_kept),
		cmocka_unit_test(private_addresses_are_refused),
		cmocka_unit_test(a_private_connection_is_not_found_again),
		cmocka_unit_test(other_protocols_are_refused),
		cmocka_unit_test(nobody_there_is_an_error),
		cmocka_unit_test(freeing_the_room_drops_what_runs),
		cmocka_unit_test(a_mail_is_handed_over),
		cmocka_unit_test(a_refused_recipient_is_told_with_its_code),
		cmocka_unit_test(no_mail_goes_without_tls_that_is_required),
		cmocka_unit_test(the_end_does_not_wait_for_a_slow_mail_server),
		cmocka_unit_test(the_guard_knows_the_special_ranges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
