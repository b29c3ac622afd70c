/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ctl_commands.c - what usherctl can do, one row each.
 *
 * The order is the order of the help. Commands and fields are those of
 * doc/protocol.md; a field that is empty here is read by the row's `fit`.
 */
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/check.h"
#include "base/mem.h"
#include "tools/ctl.h"

/* "file" is null: as the config says again. */
static int fit_level(char **args, struct json_writer *w, struct fault *why)
{
	int64_t level;

	jw_key(w, "level");
	if (str_is(str_of(args[2]), "file")) {
		jw_null(w);
		return 0;
	}
	if (str_to_i64(str_of(args[2]), &level) != 0) {
		jw_null(w);
		return fault_set(
		    why, ERR_INVALID, "the level is 0 to 100, or \"file\"");
	}
	jw_int(w, level);
	return 0;
}

/* The server has another current folder than the person who types. */
static int fit_folder(char **args, struct json_writer *w, struct fault *why)
{
	char here[PATH_MAX];

	if (args[0][0] == '/') {
		jw_ktext(w, "dir", args[0]);
		return 0;
	}
	if (getcwd(here, sizeof(here)) == NULL)
		return fault_set(why, ERR_IO, "the current folder has no name");
	jw_key(w, "dir");
	jw_textf(w, "%s/%s", here, args[0]);
	return 0;
}

const struct ctl_command ctl_commands[] = {
	{ .name = "status",
	    .usage = "status",
	    .help = "how the server is doing",
	    .cmd = "status",
	    .show = ctl_show_status },
	{ .name = "queues",
	    .usage = "queues",
	    .help = "who waits where, and how long",
	    .cmd = "queues",
	    .show = ctl_show_queues },
	{ .name = "agents",
	    .usage = "agents",
	    .help = "states, loads, offers",
	    .cmd = "agents",
	    .show = ctl_show_agents },
	{ .name = "contacts",
	    .usage = "contacts [--state STATE] [--queue QUEUE]",
	    .help = "contacts that have not ended",
	    .cmd = "contacts",
	    .params = { { CTL_OPTION, "state" }, { CTL_OPTION, "queue" } },
	    .show = ctl_show_contacts },
	{ .name = "show",
	    .usage = "show CONTACT",
	    .help = "one contact: what was said, what happened",
	    .cmd = "show",
	    .params = { { CTL_TEXT, "contact" } },
	    .show = ctl_show_contact },
	{ .name = "show contact",
	    .cmd = "show",
	    .usage = "show contact CONTACT",
	    .help = "the same",
	    .params = { { CTL_TEXT, "contact" } },
	    .show = ctl_show_contact },
	{ .name = "why",
	    .usage = "why CONTACT",
	    .help = "why this agent, and why not the others",
	    .cmd = "why",
	    .params = { { CTL_TEXT, "contact" } },
	    .show = ctl_show_why },
	{ .name = "why-not",
	    .usage = "why-not CONTACT [AGENT]",
	    .help = "why it is not offered now",
	    .cmd = "why-not",
	    .params = { { CTL_TEXT, "contact" }, { CTL_MAYBE, "agent" } },
	    .show = ctl_show_why_not },
	{ .name = "customer",
	    .usage = "customer ID|PHONE|MAIL",
	    .help = "one timeline over all channels",
	    .cmd = "customer",
	    .params = { { CTL_TEXT, "customer" } },
	    .show = ctl_show_customer,
	    .then = "history" },
	{ .name = "search",
	    .usage = "search WORDS",
	    .help = "what was said about something",
	    .cmd = "lookup",
	    .params = { { CTL_TEXT, "text" } },
	    .show = ctl_show_found },
	{ .name = "overrides",
	    .usage = "overrides",
	    .help = "what wins over the config, and by whom",
	    .cmd = "overrides",
	    .show = ctl_show_overrides },
	{ .name = "queue",
	    .usage = "queue NAME open|closed|file [--until TIME]",
	    .help = "open or close a queue, or as the file says",
	    .cmd = "queue-set",
	    .params = { { CTL_TEXT, "queue" }, { CTL_TEXT, "set" },
	        { CTL_OPTION, "until" } },
	    .show = ctl_show_done },
	{ .name = "skill",
	    .usage = "skill AGENT SKILL LEVEL|file [--until TIME]",
	    .help = "set an agent's skill, or as the file says",
	    .cmd = "skill-set",
	    .params = { { CTL_TEXT, "agent" }, { CTL_TEXT, "skill" },
	        { CTL_TEXT, "" }, { CTL_OPTION, "until" } },
	    .fit = fit_level,
	    .show = ctl_show_done },
	{ .name = "state",
	    .usage = "state AGENT ready|not-ready|offline [--reason TEXT]",
	    .help = "set an agent's state",
	    .cmd = "force-state",
	    .params = { { CTL_TEXT, "agent" }, { CTL_TEXT, "state" },
	        { CTL_OPTION, "reason" } },
	    .show = ctl_show_done },
	{ .name = "move",
	    .usage = "move CONTACT QUEUE",
	    .help = "put a contact into another queue",
	    .cmd = "move",
	    .params = { { CTL_TEXT, "contact" }, { CTL_TEXT, "queue" } },
	    .show = ctl_show_done },
	{ .name = "try",
	    .usage = "try CONTACT [--at TIME]",
	    .help = "where 'chat site \"refund please\"' would go",
	    .cmd = "try",
	    .params = { { CTL_TEXT, "what" }, { CTL_OPTION, "at" } },
	    .show = ctl_show_try },
	{ .name = "reload",
	    .usage = "reload [--dry-run]",
	    .help = "read the config again, or show what would change",
	    .cmd = "reload",
	    .params = { { CTL_FLAG, "dry_run" } },
	    .show = ctl_show_reload },
	{ .name = "people",
	    .usage = "people",
	    .help = "who can sign in",
	    .cmd = "people",
	    .show = ctl_show_people },
	{ .name = "person-add",
	    .usage = "person-add NAME --role ROLE [--password WORD]",
	    .help = "let somebody sign in, or change role or password",
	    .cmd = "person-add",
	    .params = { { CTL_TEXT, "name" }, { CTL_OPTION, "role" },
	        { CTL_OPTION, "password" } },
	    .show = ctl_show_done },
	{ .name = "person-off",
	    .usage = "person-off NAME",
	    .help = "shut the door on somebody",
	    .cmd = "person-off",
	    .params = { { CTL_TEXT, "name" } },
	    .show = ctl_show_done },
	{ .name = "backup",
	    .usage = "backup DIR",
	    .help = "a consistent copy, while running",
	    .cmd = "backup",
	    .params = { { CTL_TEXT, "" } },
	    .fit = fit_folder,
	    .show = ctl_show_done },
	{ .name = "restore",
	    .usage = "restore FROM [DIR]",
	    .help = "put a copy in place of an empty store (offline)",
	    .params = { { CTL_TEXT, "" }, { CTL_MAYBE, "" } },
	    .run = ctl_restore },
	{ .name = "db verify",
	    .usage = "db verify",
	    .help = "recompute the log's hash chain (offline)",
	    .run = ctl_verify },
	{ .name = "db rebuild",
	    .usage = "db rebuild",
	    .help = "make the record anew from the log (offline)",
	    .run = ctl_rebuild },
	{ .name = "help", .usage = "help", .help = "this list" },
};
const size_t ctl_command_count = countof(ctl_commands);
