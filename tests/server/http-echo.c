/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * http-echo.c - the HTTP layer with nothing above it.
 *
 * Started by the conformance tests with a port on the loopback; answers every
 * request with what it was understood to be. Limits are the layer's own, so a
 * test from outside meets what a peer of usherd meets. A certificate and a key
 * behind the port make it speak TLS.
 */
#include <signal.h>
#include <stdio.h>

#include "base/json.h"
#include "base/log.h"
#include "net/http.h"
#include "net/net.h"

#define BODY_MAX (1024 * 1024)

static size_t body_limit(void *arg, const struct http_request *head)
{
	(void)arg;
	(void)head;
	return BODY_MAX;
}

static void on_request(void *arg, struct peer p, const struct http_request *rq)
{
	struct http_answer answer = { .status = 200,
		.type = "application/json" };
	struct buf body = { 0 };
	struct json_writer w;

	jw_init(&w, &body);
	jw_object(&w);
	jw_kstr(&w, "method", rq->method);
	jw_kstr(&w, "target", rq->target);
	jw_kstr(&w, "body", rq->body);
	jw_end(&w);
	answer.body = buf_str(&body);
	net_answer(arg, p, &answer);
	buf_done(&body);
}

static void on_stop(void *arg)
{
	loop_stop(arg);
}

static int serve(struct loop *loop, struct net *net, char **argv)
{
	char address[64];
	struct net_listener *l;
	struct fault why;
	struct net_listen how = {
		.address = address,
		.tongue = NET_HTTP,
		.class = NET_AGENT,
		.cert_file = argv[2],
		.key_file = argv[2] == NULL ? NULL : argv[3],
		.app = { .arg = net,
		    .body_limit = body_limit,
		    .request = on_request },
	};

	snprintf(address, sizeof(address), "127.0.0.1:%s", argv[1]);
	if (net_listen(net, &how, &l, &why) != 0) {
		log_error("http-echo", "msg=\"%s\"", why.text);
		return 1;
	}
	printf("%u\n", net_port(l));
	fflush(stdout);
	loop_run(loop, NULL, NULL);
	return 0;
}

int main(int argc, char **argv)
{
	/* A test opens hundreds of connections from one address. */
	static const struct net_limits limits = { .per_address_max = 15000 };
	struct loop *loop;
	struct net *net;
	int status;

	if (argc != 2 && argc != 4) {
		fprintf(stderr, "usage: http-echo PORT [CERTIFICATE KEY]\n");
		return 2;
	}
	loop = loop_new(clock_system());
	net = net_new(loop, &limits);
	loop_on_signal(loop, SIGTERM, on_stop, loop);
	loop_on_signal(loop, SIGINT, on_stop, loop);
	status = serve(loop, net, argv);
	net_free(net);
	loop_free(loop);
	return status;
}
