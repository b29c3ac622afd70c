/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * main.c - the command line of usherd.
 *
 * Entered by the shell or a service manager. Exit codes: 0 good, 1 the config
 * has errors or the server could not start, 2 wrong usage or a file that
 * cannot be read. Never becomes a daemon by itself: that is the manager's job.
 */
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "server/init.h"
#include "server/lockdown.h"
#include "server/server.h"
#include "server/signal.h"

enum { GOOD = 0, FAILED = 1, USAGE = 2 };

enum mode { MODE_SERVE, MODE_CHECK, MODE_MERGED, MODE_INIT };

struct options {
	enum mode mode;
	const char *file;
	const char *dir; /* of --init */
	int ready_fd;
};

static const char help_text[] =
    "usherd - routes chats, mails and calls to the right person\n"
    "\n"
    "usage: usherd -c FILE        serve by the rules in FILE\n"
    "       usherd -c FILE -t     check FILE, run its test blocks, and exit\n"
    "       usherd -c FILE -T     print FILE with its includes, as understood\n"
    "       usherd --init DIR     make a first config, certificate and admin\n"
    "\n"
    "  -c, --config FILE    the config (includes are read beside it)\n"
    "  -t, --check          exit 0: good, 1: errors (all are shown)\n"
    "  -T, --merged         print the merged config; secrets stay references\n"
    "      --init DIR       DIR is made; it must be absent or empty\n"
    "      --ready-fd N     write \"ready\" to descriptor N once serving\n"
    "  -V, --version        print the version\n"
    "  -h, --help           print this\n"
    "\n"
    "signals: HUP reloads the config, TERM and INT stop.\n"
    "exit:    0 good, 1 config errors or failed start, 2 usage or unreadable\n";

static int usage(const char *complaint)
{
	if (complaint != NULL)
		fprintf(stderr, "usherd: %s\n", complaint);
	fprintf(stderr, "Try \"usherd --help\".\n");
	return USAGE;
}

static void show_notes(const struct config_notes *notes)
{
	struct buf text = { 0 };

	config_notes_show(notes, &text);
	if (text.len > 0)
		fwrite(text.data, 1, text.len, stderr);
	buf_done(&text);
}

/* What would keep the server from starting, although the config is right. */
static bool has_open_secret(const char *file, const struct config *c)
{
	struct fault why = { 0 };

	if (lockdown_secrets(c, &why) != ERR_DENIED)
		return false;
	fprintf(stderr, "%s: error: %s\n", file, why.text);
	return true;
}

/* Reads the config and shows what there is to say; an exit code. */
static int load(const char *file, struct config **out, bool with_tests)
{
	struct config_notes notes = { 0 };
	size_t tests = 0;
	int code = GOOD;
	int err;

	err = config_load(file, out, &notes);
	if (err == 0 && with_tests)
		err = config_run_tests(*out, &notes, &tests);
	show_notes(&notes);
	if (err == ERR_IO) {
		if (notes.errors == 0)
			fprintf(stderr, "usherd: %s cannot be read\n", file);
		code = USAGE;
	} else if (err != 0) {
		fprintf(stderr, "usherd: %s has %zu error%s\n", file,
		    notes.errors, notes.errors == 1 ? "" : "s");
		code = FAILED;
	} else if (with_tests && has_open_secret(file, *out)) {
		code = FAILED;
	} else if (with_tests) {
		printf("%s is good: %zu queues, %zu agents, %zu routes, "
		       "%zu tests passed\n",
		    file, (*out)->rules->queue_count,
		    (*out)->rules->agent_count, (*out)->rules->route_count,
		    tests);
	}
	config_notes_done(&notes);
	return code;
}

static int check_config(const char *file)
{
	struct config *c = NULL;
	int code = load(file, &c, true);

	config_free(c);
	return code;
}

static int print_merged(const char *file)
{
	struct config *c = NULL;
	int code = load(file, &c, false);

	if (code == GOOD)
		fputs(c->rules->text, stdout);
	config_free(c);
	return code;
}

static int serve(const struct options *o)
{
	struct server_config how = { .file = o->file };
	char file[PATH_MAX];
	struct server *s = NULL;
	enum log_level level;
	struct fault why = { 0 };
	int code;

	/* Files in the config are named from its folder: with its full name the
	 * log says the same wherever we were started. */
	if (realpath(o->file, file) != NULL)
		how.file = file;
	code = load(how.file, &how.config, false);
	if (code != GOOD) {
		config_free(how.config);
		return code;
	}
	if (log_parse_level(how.config->setup.log_level, &level))
		log_set_level(level);
	if (server_new(&how, &s, &why) != 0) {
		fprintf(stderr, "usherd: cannot start: %s\n", why.text);
		return FAILED;
	}
	s->ready_fd = o->ready_fd;
	signal_watch(s);
	server_run(s);
	server_free(s);
	log_info("server", "msg=stopped");
	return GOOD;
}

static bool read_descriptor(const char *text, int *out)
{
	uint64_t v;

	if (str_to_u64(str_of(text), &v) != 0 || v > 1023)
		return false;
	*out = (int)v;
	return true;
}

enum long_only { OPTION_INIT = 256, OPTION_READY_FD };

static const struct option long_options[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "check", no_argument, NULL, 't' },
	{ "merged", no_argument, NULL, 'T' },
	{ "version", no_argument, NULL, 'V' },
	{ "help", no_argument, NULL, 'h' },
	{ "init", required_argument, NULL, OPTION_INIT },
	{ "ready-fd", required_argument, NULL, OPTION_READY_FD },
	{ NULL, 0, NULL, 0 },
};

/* An exit code, or -1: go on with what was asked. */
static int read_option(int option, struct options *o)
{
	switch (option) {
	case 'c':
		o->file = optarg;
		return -1;
	case 't':
		o->mode = MODE_CHECK;
		return -1;
	case 'T':
		o->mode = MODE_MERGED;
		return -1;
	case OPTION_INIT:
		o->mode = MODE_INIT;
		o->dir = optarg;
		return -1;
	case OPTION_READY_FD:
		if (!read_descriptor(optarg, &o->ready_fd))
			return usage("--ready-fd wants a descriptor's number");
		return -1;
	case 'V':
		printf("usherd %s\n", server_version());
		return GOOD;
	case 'h':
		fputs(help_text, stdout);
		return GOOD;
	default:
		return usage(NULL);
	}
}

int main(int argc, char **argv)
{
	struct options o = { .mode = MODE_SERVE, .ready_fd = -1 };
	int option;
	int code;

	while ((option = getopt_long(
	            argc, argv, "c:tTVh", long_options, NULL)) != -1) {
		code = read_option(option, &o);
		if (code >= 0)
			return code;
	}
	if (optind < argc)
		return usage("there is an argument too many");
	if (o.file == NULL && o.mode != MODE_INIT)
		return usage("which config? (-c FILE)");
	lockdown_process();
	switch (o.mode) {
	case MODE_CHECK:
		return check_config(o.file);
	case MODE_MERGED:
		return print_merged(o.file);
	case MODE_INIT:
		return init_folder(o.dir) == 0 ? GOOD : FAILED;
	default:
		return serve(&o);
	}
}
