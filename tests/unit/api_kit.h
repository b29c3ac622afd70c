/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * api_kit.h - a small house around the api: the real router, an inline store,
 * memory pipes for peers, a clock that stands still. For the tests of the api.
 */
#ifndef USHER_TESTS_API_KIT_H
#define USHER_TESTS_API_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/api.h"
#include "base/check.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/work.h"
#include "made_rules.h"
#include "net/loop.h"
#include "net/net.h"
#include "route/route.h"
#include "store/store.h"

struct house {
	char dir[64];
	msec_t mono, wall; /* moved by house_wait() only */
	struct clock clock;
	struct loop *loop;
	struct net *net;
	struct work *work;
	struct store_config store_config;
	struct store *store;
	struct rules *rules;
	struct world *world;
	struct decision decision;
	struct inlet inlet;
	struct api_host host;
	struct api *api;
	struct net_listener *agents, *control, *pages;
	uint64_t next_identifier;
	bool hold;      /* commits are not delivered: nothing may leave */
	bool refuse;    /* the host answers with a fault */
	unsigned typed; /* typing told to the inlet */
	struct contact_id typed_in;
};

/* A house with people maria (agent a0's name is "a0": see below), and rules
 * of made_rules(): agents a0..a5, queues q0..q2, skills s0..s2; every agent
 * takes phone, chat and mail, and needs no skill. */
struct house *house_open(const char *web_dir);
void house_close(struct house *h);
/* Everything posted is committed, delivered and said. */
void house_settle(struct house *h);
/* Stops and starts again from what was committed. */
void house_restart(struct house *h);
void house_wait(struct house *h, msec_t ms); /* and settles */

/* A person of the record, with the password "secret-secret". */
void house_person(struct house *h, const char *name, const char *role);
/* What a customer does. */
struct contact_id house_arrive(
    struct house *h, enum channel channel, const char *phone, const char *text);
void house_say(struct house *h, struct contact_id c, const char *text);
int house_post(struct house *h, struct input *in, const char *payload);

/* A client: a pipe and the lines it has been sent. */
struct client {
	struct house *house;
	struct net_pipe *pipe;
	struct buf in;
	struct json *last; /* the line taken last */
	unsigned next_id;
};
struct client *client_open(struct house *h, struct net_listener *at);
void client_close(struct client *c);
void client_send(struct client *c, const char *fmt, ...) printf_like(2, 3);
/* The next line, parsed; NULL: there is none. Valid until the next call. */
const struct json *client_next(struct client *c);
/* Skips to the next line of this type; fails the test when there is none. */
const struct json *client_expect(struct client *c, const char *type);
/* Lets `type` not be among what has come. Takes everything. */
void client_expect_no(struct client *c, const char *type);
/* Sends {"id":"<n>",...members} and waits for its result. `members` without
 * braces: "\"cmd\":\"ping\"" */
const struct json *client_ask(struct client *c, const char *fmt, ...)
    printf_like(2, 3);
/* The same; must succeed, or fail with this code. */
const struct json *client_ok(struct client *c, const char *fmt, ...)
    printf_like(2, 3);
void client_refused(struct client *c, const char *error, const char *fmt, ...)
    printf_like(3, 4);
/* Signs in with the password of house_person(), takes the snapshot. */
struct client *client_login(struct house *h, const char *name);
bool client_is_closed(struct client *c);

/* Text of a member, "" when it is not there. */
const char *text_of(const struct json *v, const char *name);
#define assert_text(v, name, wanted)                                           \
	assert_string_equal(text_of(v, name), wanted)

#endif
