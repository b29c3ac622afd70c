/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * command.h - the rows of what may be asked: name, roles, fields, handler.
 *
 * The same rows serve agents, usherctl and HTTP. A handler is called with the
 * caller's role checked and the fields read; it owns the call.
 */
#ifndef USHER_API_COMMAND_H
#define USHER_API_COMMAND_H

#include "api/call.h"

#define ROLE_BIT(role) (1u << (role))
#define BY_AGENTS      ROLE_BIT(ROLE_AGENT)
#define BY_ADMINS      ROLE_BIT(ROLE_ADMIN)
#define BY_SUPERVISORS (ROLE_BIT(ROLE_SUPERVISOR) | BY_ADMINS)
#define BY_LEADS       (ROLE_BIT(ROLE_LEAD) | BY_SUPERVISORS)
#define BY_STAFF       (BY_AGENTS | BY_LEADS)
#define BY_AUDITORS    ROLE_BIT(ROLE_AUDITOR)
#define BY_PROGRAMS    (ROLE_BIT(ROLE_INTEGRATOR) | BY_AUDITORS)
#define BY_NOBODY_YET  ROLE_BIT(ROLE_NONE) /* before the login */
#define BY_ANYBODY     (BY_STAFF | BY_PROGRAMS | BY_NOBODY_YET)

enum command_flag {
	COMMAND_CHANGES = 1, /* its result is remembered by id */
	COMMAND_AGENT = 2,   /* the caller must be an agent of the config */
};

/* Every table of fields begins with these two. */
struct command_head {
	struct str id, cmd;
};
#define COMMAND_HEAD(type)                                                     \
	{ "id", WANT_STR, true, offsetof(type, head.id), 1, ID_MAX_BYTES },    \
	{                                                                      \
		"cmd", WANT_STR, true, offsetof(type, head.cmd), 1, 32         \
	}
#define ARG_TEXT(type, member, required, max)                                  \
	{                                                                      \
#member, WANT_STR, required, offsetof(type, member), 0, max    \
	}
#define ARG_NAME(type, member, required)                                       \
	{                                                                      \
#member, WANT_STR, required, offsetof(type, member), 1, 256    \
	}
#define ARG_BOOL(type, member)                                                 \
	{                                                                      \
#member, WANT_BOOL, false, offsetof(type, member), 0, 0        \
	}
#define ARG_INT(type, member, min, max)                                        \
	{                                                                      \
#member, WANT_INT, false, offsetof(type, member), min, max     \
	}
#define ARG_ANY(type, member, required)                                        \
	{                                                                      \
#member, WANT_ANY, required, offsetof(type, member), 0, 0      \
	}

typedef void (*command_fn)(struct call *c, const void *args);
struct command {
	const char *name;
	uint32_t roles;
	unsigned flags;
	const struct json_field *fields;
	command_fn run;
};

struct command_table {
	const struct command *rows;
	size_t count;
};
/* agent_cmds.c, read_cmds.c, lead_cmds.c, admin_cmds.c, login.c */
extern const struct command_table session_commands;
extern const struct command_table agent_commands;
extern const struct command_table read_commands;
extern const struct command_table lead_commands;
extern const struct command_table admin_commands;

/* NULL: no such command. */
const struct command *command_find(struct str name);
/* The i-th of all rows; NULL past the end. */
const struct command *command_at(size_t i);
bool command_is_open_to(const struct command *row, enum role role);

/* One message of a session, as it came. */
void command_message(struct session *s, struct str text);
/* Runs a command for somebody known already (HTTP): c's role, agent and
 * author are set; `text` is the command as JSON. Takes the call. */
void command_run(struct call *c, struct str text);

#endif
