/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ctl.h - usherctl's commands as rows.
 *
 * A row says how a command is written, what it asks the server and how its
 * answer is shown to a person; with --json the answer is printed as it came.
 * Commands with `run` do their work here, without a server.
 */
#ifndef USHER_TOOLS_CTL_H
#define USHER_TOOLS_CTL_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"

enum { CTL_GOOD = 0, CTL_FAILED = 1, CTL_USAGE = 2 };

#define CTL_PARAMS 5

enum ctl_param_kind {
	CTL_END,  /* no more */
	CTL_TEXT, /* a positional argument */
	CTL_NUMBER,
	CTL_MAYBE,  /* a positional argument that may be missing */
	CTL_OPTION, /* --name VALUE */
	CTL_FLAG,   /* --name */
};
struct ctl_param {
	enum ctl_param_kind kind;
	const char *field; /* in the message; options: also their name */
};

struct ctl_options {
	const char *socket;
	const char *config; /* -c, for the commands without a server */
	bool json;
	bool colour;
};

/* Shows the result; false: it says "no", which is exit code 1. */
typedef bool (*ctl_show_fn)(
    const struct json *result, bool colour, struct buf *out);
/* Changes the message before it is sent: for arguments that need reading. */
typedef int (*ctl_fit_fn)(
    char **args, struct json_writer *w, struct fault *why);
typedef int (*ctl_run_fn)(
    const struct ctl_options *how, char **args, struct fault *why);

struct ctl_command {
	const char *name; /* one or two words */
	const char *usage;
	const char *help;
	const char *cmd; /* NULL: `run` does it */
	struct ctl_param params[CTL_PARAMS];
	ctl_fit_fn fit;
	ctl_show_fn show;
	ctl_run_fn run;
	const char *then; /* "history": asked about the customer found first */
};

extern const struct ctl_command ctl_commands[];
extern const size_t ctl_command_count;

/* ctl_show.c */
bool ctl_show_status(const struct json *r, bool colour, struct buf *out);
bool ctl_show_queues(const struct json *r, bool colour, struct buf *out);
bool ctl_show_agents(const struct json *r, bool colour, struct buf *out);
bool ctl_show_contacts(const struct json *r, bool colour, struct buf *out);
bool ctl_show_people(const struct json *r, bool colour, struct buf *out);
bool ctl_show_found(const struct json *r, bool colour, struct buf *out);
bool ctl_show_overrides(const struct json *r, bool colour, struct buf *out);
void ctl_show_verdicts(const struct json *rows, bool colour, struct buf *out);
bool ctl_show_why_not(const struct json *r, bool colour, struct buf *out);
bool ctl_show_done(const struct json *r, bool colour, struct buf *out);

/* ctl_story.c */
bool ctl_show_contact(const struct json *r, bool colour, struct buf *out);
bool ctl_show_customer(const struct json *r, bool colour, struct buf *out);
bool ctl_show_why(const struct json *r, bool colour, struct buf *out);
bool ctl_show_try(const struct json *r, bool colour, struct buf *out);
bool ctl_show_reload(const struct json *r, bool colour, struct buf *out);

/* ctl_offline.c */
int ctl_restore(const struct ctl_options *how, char **args, struct fault *why);
int ctl_rebuild(const struct ctl_options *how, char **args, struct fault *why);
int ctl_verify(const struct ctl_options *how, char **args, struct fault *why);

/* ctl_text.c: pieces of answers as text. */
/* "2026-11-22T02:44:31.123Z" as "2026-11-22 02:44:31"; nothing: "-". */
void ctl_time(struct str time, struct buf *out);
/* 95000 as "1m 35s". */
void ctl_span(int64_t ms, struct buf *out);
/* Text with control characters replaced, cut at `most` columns (0: whole). */
void ctl_plain(struct str text, size_t most, struct buf *out);
/* Any value in one line: texts as they are, lists joined by ", ". */
void ctl_value(const struct json *v, struct buf *out);
/* "name  value" lines, objects inside indented. */
void ctl_object(const struct json *object, unsigned indent, struct buf *out);

#endif
