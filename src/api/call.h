/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * call.h - one command being carried out, wherever it came from.
 *
 * Made by the dispatcher or by an HTTP row, finished exactly once by
 * call_end(), call_fail() or call_outcome(), at once or when an answer from
 * store, pool or host is there. It outlives its session: then what it says is
 * said to nobody.
 */
#ifndef USHER_API_CALL_H
#define USHER_API_CALL_H

#include "api/session.h"
#include "base/json.h"
#include "store/store.h"

#define ARGS_BYTES 256

struct command;

enum call_via { CALL_BY_MESSAGE, CALL_BY_HTTP };

struct call {
	struct ask ask;
	struct api *api;
	enum call_via via;
	struct peer peer;
	const struct command *row;
	char id[ID_MAX_BYTES + 1];
	/* Who asks: checked when the command began. */
	enum role role;
	struct agent_id agent;
	char author[NAME_MAX_BYTES + 1];
	char address[64];     /* HTTP: where it came from; else empty */
	int http_status;      /* of success; 0: 200 */
	struct json *message; /* the args' texts lie in it */
	_Alignas(max_align_t) unsigned char args[ARGS_BYTES];
	struct buf out;
	struct json_writer w;
	/* What a command of more than one step keeps. */
	struct buf note;
	void *state; /* freed with the call */
};

struct call *call_new(struct api *a, struct peer p, enum call_via via);

/* Opens the result; the handler adds members and ends it. */
struct json_writer *call_begin(struct call *c);
void call_end(struct call *c);
/* call_begin() and call_end() with nothing between. */
void call_ok(struct call *c);
/* "cmd: sentence", with the code's name. */
void call_fail(struct call *c, int err, const char *fmt, ...) printf_like(3, 4);
void call_fault(struct call *c, const struct fault *why);

/* Its ids, or its refusal. */
void call_outcome(struct call *c, const struct outcome *out);

/* Posts for the caller; false: it was refused and the call is finished. */
bool call_post(
    struct call *c, struct input *in, struct str payload, struct outcome *out);
/* The usual end of a command that posts one input. */
void call_post_end(struct call *c, struct input *in, struct str payload);

/* Asks the record as of now and ends with the answer under `name`; NULL: its
 * members are the result's. */
void call_read(struct call *c, const struct read *what, const char *name);

/* The session it came by; NULL when that has gone, or for HTTP. */
struct session *call_session(const struct call *c);

#endif
