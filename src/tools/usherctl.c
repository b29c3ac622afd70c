/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * usherctl.c - the hand on a running server: arguments in, a table out.
 *
 * A command is a row (ctl_commands.c); here stands only what all share: words
 * to a message, the message to the server, the answer to the terminal. Exit
 * codes: 0 good, 1 the server or the command said no, 2 wrong usage.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/check.h"
#include "base/mem.h"
#include "config.h"
#include "tools/client.h"
#include "tools/ctl.h"

#define PATIENCE_MS   ((msec_t)60 * 1000) /* a backup takes its time */
#define ANSWER_STRING ((size_t)32 * 1024 * 1024)
#define ARGS_MAX      16
#define QUESTION      "1" /* the id of what is asked */

static const char *const socket_places[] = {
	"run.d/usher.sock",
	"/run/usher/usher.sock",
};

struct line { /* the command line, sorted out */
	struct ctl_options how;
	const struct ctl_command *command;
	char *args[ARGS_MAX + 1]; /* positional, NULL-ended */
	size_t arg_count;
	char *options[CTL_PARAMS]; /* by the index of their param */
	bool help;
};

static int usage(const char *fmt, const char *word)
{
	fputs("usherctl: ", stderr);
	fprintf(stderr, fmt, word);
	fputs("\nTry \"usherctl help\".\n", stderr);
	return CTL_USAGE;
}

/* The folder of ./run comes before the installed server: whoever stands in a
 * source tree means that one. */
static const char *default_socket(void)
{
	const char *path = getenv("USHER_SOCKET");
	size_t i;

	if (path != NULL && path[0] != '\0')
		return path;
	for (i = 0; i < countof(socket_places); i++)
		if (access(socket_places[i], F_OK) == 0)
			return socket_places[i];
	return socket_places[countof(socket_places) - 1];
}

/* ---- help ----------------------------------------------------------------- */

static void print_help(void)
{
	size_t i;

	puts("usherctl - asks and tells a running usherd\n"
	     "\n"
	     "usage: usherctl [-s SOCKET] [--json] COMMAND [ARGUMENT...]\n");
	for (i = 0; i < ctl_command_count; i++)
		printf("  %-34s %s\n", ctl_commands[i].usage,
		    ctl_commands[i].help);
	puts(
	    "\n"
	    "  -s, --socket PATH   the control socket (default: USHER_SOCKET,\n"
	    "                      run.d/usher.sock, /run/usher/usher.sock)\n"
	    "  -c, --config FILE   the config, for restore and db\n"
	    "      --json          the answer as it came\n"
	    "  -V, --version       the version\n"
	    "  -h, --help          this\n"
	    "\n"
	    "exit: 0 good, 1 refused or failed, 2 usage");
}

/* ---- the command line ------------------------------------------------------ */

/* How many of the words name the command: 2, 1 or 0. */
static unsigned named(const struct ctl_command *c, char **words, size_t count)
{
	struct str rest = str_of(c->name);
	struct str first = str_next(&rest, ' ');

	if (count == 0 || !str_is(first, words[0]))
		return 0;
	if (rest.n == 0)
		return 1;
	return count > 1 && str_is(rest, words[1]) ? 2 : 0;
}

/* The longest name wins: "show contact" before "show". */
static const struct ctl_command *find_command(
    char **words, size_t count, unsigned *out_used)
{
	const struct ctl_command *best = NULL;
	size_t i;

	*out_used = 0;
	for (i = 0; i < ctl_command_count; i++) {
		unsigned n = named(&ctl_commands[i], words, count);

		if (n > *out_used) {
			best = &ctl_commands[i];
			*out_used = n;
		}
	}
	return best;
}

/* At most two slips of the finger away; further off it would be a guess. */
static const char *nearest(const char *word)
{
	const char *best = NULL;
	unsigned distance = 3;
	size_t i;

	for (i = 0; i < ctl_command_count; i++) {
		unsigned d =
		    str_distance(str_of(word), str_of(ctl_commands[i].name), 2);

		if (d < distance) {
			distance = d;
			best = ctl_commands[i].name;
		}
	}
	return best;
}

static int unknown_command(const char *word)
{
	const char *near = nearest(word);

	fprintf(stderr, "usherctl: no command \"%s\"", word);
	if (near != NULL)
		fprintf(stderr, "; is \"%s\" meant?", near);
	fputs("\nTry \"usherctl help\".\n", stderr);
	return CTL_USAGE;
}

/* Options that all commands share. 1: taken, 0: not one of them. */
static int take_common(struct line *l, char **argv, int *at)
{
	struct str word = str_of(argv[*at]);
	const char **value = NULL;

	if (str_is(word, "--json")) {
		l->how.json = true;
		return 1;
	}
	if (str_is(word, "-h") || str_is(word, "--help")) {
		l->help = true;
		return 1;
	}
	if (str_is(word, "-s") || str_is(word, "-S") ||
	    str_is(word, "--socket"))
		value = &l->how.socket;
	else if (str_is(word, "-c") || str_is(word, "--config"))
		value = &l->how.config;
	if (value == NULL)
		return 0;
	if (argv[*at + 1] == NULL)
		return -1;
	*value = argv[++*at];
	return 1;
}

/* Words to positional arguments; what begins with -- is kept for later, when
 * the command is known. */
static int split(struct line *l, char **argv, char **later, size_t *out_later)
{
	int at, taken;

	for (at = 1; argv[at] != NULL; at++) {
		taken = take_common(l, argv, &at);
		if (taken < 0)
			return usage("%s wants a value", argv[at]);
		if (taken > 0)
			continue;
		if (l->arg_count + *out_later == ARGS_MAX)
			return usage("%s: too many arguments", argv[at]);
		if (str_starts(str_of(argv[at]), "--")) {
			later[(*out_later)++] = argv[at];
			if (argv[at + 1] != NULL && argv[at + 1][0] != '-' &&
			    !str_is(str_of(argv[at]), "--dry-run"))
				later[(*out_later)++] = argv[++at];
		} else {
			l->args[l->arg_count++] = argv[at];
		}
	}
	return CTL_GOOD;
}

/* The param an option names, or NULL; "--dry-run" names "dry_run". */
static const struct ctl_param *find_option(
    const struct ctl_command *c, const char *word)
{
	size_t i, at;

	for (i = 0; c->params[i].kind != CTL_END; i++) {
		const char *field = c->params[i].field;

		if (c->params[i].kind != CTL_OPTION &&
		    c->params[i].kind != CTL_FLAG)
			continue;
		for (at = 0; field[at] != '\0'; at++)
			if (word[2 + at] !=
			    (field[at] == '_' ? '-' : field[at]))
				break;
		if (field[at] == '\0' && word[2 + at] == '\0')
			return &c->params[i];
	}
	return NULL;
}

/* Each option must be one of the command's own. */
static int take_options(struct line *l, char **later, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		const struct ctl_param *p = find_option(l->command, later[i]);

		if (p == NULL)
			return usage("%s does not belong there", later[i]);
		if (p->kind == CTL_OPTION && i + 1 == count)
			return usage("%s wants a value", later[i]);
		l->options[p - l->command->params] =
		    p->kind == CTL_OPTION ? later[++i] : later[i];
	}
	return CTL_GOOD;
}

/* The server would refuse it too, but could not name the usage. */
static int check_count(const struct line *l)
{
	size_t least = 0;
	size_t most = 0;
	size_t i;

	for (i = 0; l->command->params[i].kind != CTL_END; i++) {
		enum ctl_param_kind kind = l->command->params[i].kind;

		least += kind == CTL_TEXT || kind == CTL_NUMBER;
		most +=
		    kind == CTL_TEXT || kind == CTL_NUMBER || kind == CTL_MAYBE;
	}
	if (l->arg_count < least || l->arg_count > most)
		return usage("usage: usherctl %s", l->command->usage);
	return CTL_GOOD;
}

static int read_line(struct line *l, char **argv)
{
	char *later[ARGS_MAX + 1];
	size_t later_count = 0;
	unsigned used = 0;
	int code = split(l, argv, later, &later_count);

	if (code != CTL_GOOD || l->help)
		return code;
	if (l->arg_count == 0)
		return usage("%s", "which command?");
	l->command = find_command(l->args, l->arg_count, &used);
	if (l->command == NULL)
		return unknown_command(l->args[0]);
	memmove(l->args, l->args + used,
	    (l->arg_count + 1 - used) * sizeof(l->args[0]));
	l->arg_count -= used;
	code = take_options(l, later, later_count);
	return code != CTL_GOOD ? code : check_count(l);
}

/* ---- the message ----------------------------------------------------------- */

static int add_param(const struct ctl_param *p, const char *value,
    struct json_writer *w, struct fault *why)
{
	int64_t number;

	if (p->kind == CTL_FLAG) {
		jw_kbool(w, p->field, true);
	} else if (p->kind == CTL_NUMBER) {
		if (str_to_i64(str_of(value), &number) != 0)
			return fault_set(
			    why, ERR_INVALID, "%s is no number", value);
		jw_kint(w, p->field, number);
	} else {
		jw_ktext(w, p->field, value);
	}
	return 0;
}

static int make_message(
    const struct line *l, struct buf *out, struct fault *why)
{
	const struct ctl_param *params = l->command->params;
	struct json_writer w;
	size_t i;
	size_t arg = 0;
	int err = 0;

	jw_init(&w, out);
	jw_object(&w);
	jw_ktext(&w, "id", QUESTION);
	jw_ktext(&w, "cmd", l->command->cmd);
	if (l->command->fit != NULL)
		err = l->command->fit((char **)l->args, &w, why);
	for (i = 0; err == 0 && params[i].kind != CTL_END; i++) {
		bool option =
		    params[i].kind == CTL_OPTION || params[i].kind == CTL_FLAG;
		const char *value = option ? l->options[i] : NULL;

		if (!option && arg < l->arg_count)
			value = l->args[arg++];
		if (value != NULL && params[i].field[0] != '\0')
			err = add_param(&params[i], value, &w, why);
	}
	jw_end(&w);
	return err;
}

/* ---- the answer ------------------------------------------------------------ */

static int fail(const struct fault *why, const char *hint)
{
	fprintf(stderr, "usherctl: %s\n", why->text);
	if (hint != NULL)
		fprintf(stderr, "%s\n", hint);
	return CTL_FAILED;
}

/* With --json a refusal is printed as it came as well: scripts read it. */
static int show_answer(
    const struct line *l, const struct json *answer, struct str text)
{
	struct buf out = { 0 };
	struct fault why = { 0 };
	bool good = true;

	if (l->how.json) {
		printf("%.*s\n", (int)text.n, text.p);
		good = json_bool(json_get(answer, "ok"), false);
	} else if (!json_bool(json_get(answer, "ok"), false) &&
	           json_get(answer, "error") != NULL) {
		struct str said = json_str(json_get(answer, "text"));

		fault_set(&why, ERR_INVALID, "%.*s", (int)said.n, said.p);
		return fail(&why, NULL);
	} else {
		good = l->command->show(answer, l->how.colour, &out);
		fwrite(out.data, 1, out.len, stdout);
	}
	buf_done(&out);
	return good ? CTL_GOOD : CTL_FAILED;
}

/* The answer to our question; lines that are not it are passed over. */
static int await_answer(struct client *c, struct str *out_text,
    struct json **out, struct fault *why)
{
	struct json *answer = NULL;
	int err;

	for (;;) {
		err = client_line(c, PATIENCE_MS, out_text, why);
		if (err == 0)
			err =
			    json_parse(*out_text, ANSWER_STRING, &answer, why);
		if (err != 0)
			return err;
		if (str_is(json_str(json_get(answer, "id")), QUESTION))
			break;
		json_free(answer);
	}
	*out = answer;
	return 0;
}

static int question(struct client *c, struct str message, struct str *out_text,
    struct json **out, struct fault *why)
{
	int err = client_send(c, message, why);

	return err != 0 ? err : await_answer(c, out_text, out, why);
}

/* {"customer":{"customer":"p1",...}} leads to the history of p1. */
static void make_second(
    const struct line *l, const struct json *first, struct buf *out)
{
	const struct json *found = json_get(first, "customer");
	struct json_writer w;

	jw_init(&w, out);
	jw_object(&w);
	jw_ktext(&w, "id", QUESTION);
	jw_ktext(&w, "cmd", l->command->then);
	jw_kstr(&w, "customer", json_str(json_get(found, "customer")));
	jw_end(&w);
}

static int converse(const struct line *l, struct client *c, struct str message,
    struct fault *why)
{
	struct json *answer = NULL;
	struct buf second = { 0 };
	struct str text;
	int code = CTL_FAILED;
	int err = question(c, message, &text, &answer, why);

	if (err == 0 && l->command->then != NULL &&
	    json_bool(json_get(answer, "ok"), false)) {
		make_second(l, answer, &second);
		json_free(answer);
		answer = NULL;
		err = question(c, buf_str(&second), &text, &answer, why);
	}
	if (err == 0)
		code = show_answer(l, answer, text);
	else
		fail(why, NULL);
	json_free(answer);
	buf_done(&second);
	return code;
}

static int ask(const struct line *l)
{
	struct client *c = NULL;
	struct buf message = { 0 };
	struct fault why = { 0 };
	int code;

	if (make_message(l, &message, &why) != 0)
		code = usage("%s", why.text);
	else if (client_open(l->how.socket, &c, &why) != 0)
		code =
		    fail(&why, "Is usherd running? Another socket: -s PATH.");
	else
		code = converse(l, c, buf_str(&message), &why);
	client_close(c);
	buf_done(&message);
	return code;
}

static int run_here(const struct line *l)
{
	struct fault why = { 0 };

	if (l->command->run(&l->how, (char **)l->args, &why) != 0)
		return fail(&why, NULL);
	return CTL_GOOD;
}

int main(int argc, char **argv)
{
	struct line l = { 0 };
	int code;

	if (argc == 2 && (str_is(str_of(argv[1]), "-V") ||
	                     str_is(str_of(argv[1]), "--version"))) {
		puts("usherctl " PACKAGE_VERSION);
		return CTL_GOOD;
	}
	l.how.colour = isatty(STDOUT_FILENO) && getenv("NO_COLOR") == NULL;
	code = read_line(&l, argv);
	if (code != CTL_GOOD)
		return code;
	if (l.help || (l.command->cmd == NULL && l.command->run == NULL)) {
		print_help();
		return CTL_GOOD;
	}
	if (l.how.socket == NULL)
		l.how.socket = default_socket();
	return l.command->cmd == NULL ? run_here(&l) : ask(&l);
}
