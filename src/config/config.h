/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * config.h - files of rules in, an immutable snapshot out, or every error.
 *
 * config_load() reads FILE and its includes, parses (flex + bison), checks
 * everything, and either hands out a complete config or a list of notes; it
 * never stops at the first error. Nothing here touches running state.
 */
#ifndef USHER_CONFIG_CONFIG_H
#define USHER_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "model/rules.h"

enum listener_use {
	LISTENER_PAGES,   /* HTTP: pages, API, chat, WebSocket of agents */
	LISTENER_AGENTS,  /* lines over TLS */
	LISTENER_GATEWAY, /* JSON gateway protocol */
	LISTENER_CONTROL, /* UNIX socket of usherctl */
};

struct config_listener {
	enum listener_use use;
	char *address; /* "0.0.0.0:7443" or a path */
	bool tls;
	char *cert_file, *key_file;
};

/* What the router never sees: where to listen, where to keep things. */
struct config_setup {
	char *data_dir;
	char *web_dir;     /* NULL: the installed one */
	char *mime_helper; /* NULL: the installed one */
	char *log_level;
	struct config_listener *listeners;
	size_t listener_count;
	char **proxies; /* whose word on addresses is believed */
	size_t proxy_count;
};

struct config_note {
	bool is_error; /* else a warning */
	char *file;
	unsigned line, column; /* 1-based; 0: about the whole file */
	char *text;            /* "no queue is called \"biling\"" */
	char *hint;            /* "did you mean \"billing\"?" or NULL */
	char *source;          /* the source line, for the caret; or NULL */
	unsigned width;        /* columns the caret underlines, >= 1 */
};

struct config_notes {
	struct config_note *items;
	size_t count, cap;
	size_t errors;
};
void config_notes_done(struct config_notes *n);
/* "file:line:col: error: text", the line, the caret, the hint. */
void config_notes_show(const struct config_notes *n, struct buf *out);

/* A `test` block, checked and ready to run (see server/try). */
struct config_test {
	char *name;
	char *file;
	unsigned line;
	struct config_case *body; /* opaque here: config/case.h */
};

struct config {
	struct rules *rules;
	struct config_setup setup;
	struct config_test *tests;
	size_t test_count;
};

/* 0, or ERR_INVALID with at least one error in the notes (warnings may stand
 * in the notes in both cases), or ERR_IO when FILE itself cannot be read. */
int config_load(const char *file, struct config **out,
    struct config_notes *notes) must_check;
/* The same for a text in memory (a canonical text from the log, a test);
 * `name` stands for the file; includes are refused. */
int config_parse(const char *name, struct str text, struct config **out,
    struct config_notes *notes) must_check;
void config_free(struct config *c);

/* What would change, a line each: "queue billing: ring 20s -> 15s". */
void config_diff(
    const struct rules *from, const struct rules *to, struct buf *out);

/* rules_source_fn of model/world.h: canonical text -> rules. */
struct rules *config_rules_of_text(void *arg, struct str canonical);

/*
 * Runs every test block of the config on a scratch world; failures become
 * notes at the block's place. Also the engine of `usherctl try`.
 */
int config_run_tests(const struct config *c, struct config_notes *notes,
    size_t *out_run) must_check;

/*
 * `what`: a contact as written in a test block, e.g. chat site "refund
 * please". `at`: "mon 10:00", "2026-12-25 10:00", or "" for `wall_now`.
 * Appends a JSON object {"queue":..,"agent":..,"reasons":[..],...}: which
 * route matched and why the earlier did not, whether it is open, the ladder,
 * the agent who would get it if all agents were ready (or those in `ready`).
 */
struct config_question {
	struct str what;
	struct str at;
	msec_t wall_now;
};
int config_try(const struct config *c, const struct config_question *q,
    struct buf *out, struct fault *why) must_check;

#endif
