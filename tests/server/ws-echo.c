/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ws-echo.c - the WebSocket layer with nothing above it.
 *
 * Started by the conformance tests and by test suites of others with a port on
 * the loopback; sends every message back as what it came, text or binary. The
 * limits are wide, because such suites send what usherd would refuse.
 */
#include <signal.h>
#include <stdio.h>

#include "base/log.h"
#include "net/http.h"
#include "net/net.h"

#define MESSAGE_MAX   (16 * 1024 * 1024)
#define FRAGMENTS_MAX (1024 * 1024)
#define BACKLOG_MAX   (64 * 1024 * 1024)

static void on_request(void *arg, struct peer p, const struct http_request *rq)
{
	/* A refused handshake was answered by the layer itself. */
	if (net_upgrade(arg, p, rq, NULL) != 0)
		log_debug("ws-echo", "msg=\"no handshake\"");
}

static void on_text(void *arg, struct peer p, struct str text)
{
	net_send(arg, p, text);
}

static void on_binary(void *arg, struct peer p, struct str bytes)
{
	net_send_binary(arg, p, bytes);
}

static void on_stop(void *arg)
{
	loop_stop(arg);
}

static int serve(struct loop *loop, struct net *net, const char *port)
{
	char address[64];
	struct net_listener *l;
	struct fault why;
	struct net_listen how = {
		.address = address,
		.tongue = NET_HTTP,
		.class = NET_AGENT,
		.message_max = MESSAGE_MAX,
		.fragments_max = FRAGMENTS_MAX,
		.app = { .arg = net,
		    .request = on_request,
		    .message = on_text,
		    .binary = on_binary },
	};

	snprintf(address, sizeof(address), "127.0.0.1:%s", port);
	if (net_listen(net, &how, &l, &why) != 0) {
		log_error("ws-echo", "msg=\"%s\"", why.text);
		return 1;
	}
	printf("%u\n", net_port(l));
	fflush(stdout);
	loop_run(loop, NULL, NULL);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct net_limits limits = {
		.per_address_max = 15000,
		.backlog_max = BACKLOG_MAX,
	};
	struct loop *loop;
	struct net *net;
	int status;

	if (argc != 2) {
		fprintf(stderr, "usage: ws-echo PORT\n");
		return 2;
	}
	loop = loop_new(clock_system());
	net = net_new(loop, &limits);
	loop_on_signal(loop, SIGTERM, on_stop, loop);
	loop_on_signal(loop, SIGINT, on_stop, loop);
	status = serve(loop, net, argv[1]);
	net_free(net);
	loop_free(loop);
	return status;
}
