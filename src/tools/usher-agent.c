/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * usher-agent.c - a terminal an agent can work a shift with.
 *
 * One poll loop over the keyboard, the connection and signals. On a terminal
 * it draws a screen; else it reads commands and prints plain lines, so that a
 * script can be an agent. A lost connection comes back by itself.
 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "base/check.h"
#include "base/mem.h"
#include "config.h"
#include "tools/screen.h"
#include "tools/shift.h"
#include "tools/tls_client.h"

enum { GOOD = 0, FAILED = 1, USAGE = 2 };

#define OPEN_MS       10000
#define PING_MS       20000
#define LEAVE_MS      5000
#define RETRY_MAX_MS  15000
#define WAIT_MS       60000
#define LINE_BYTES    (4 * 1024 * 1024)
#define PASSWORD_SIZE 256

struct app {
	struct shift shift;
	struct screen screen;
	struct line_edit edit;
	struct tls_trust trust;
	const char *address;
	struct tls_client *tls;
	struct buf in;     /* of the connection */
	struct buf script; /* of standard input, when that is no terminal */
	char connection[320];
	bool interactive;
	bool ended; /* standard input has ended */
	bool quitting;
	int code;
	int signals;
	unsigned tries;
	msec_t retry_at, ping_at, leave_at;
	char *awaited; /* a script waits for a line with this in it */
	msec_t awaited_until;
};

static msec_t now(void)
{
	return clock_mono(clock_system());
}

/* ---- what the shift says and sends ----------------------------------------- */

static void print_plain(const struct shift_contact *c, const char *text)
{
	const char *p;

	if (c != NULL)
		printf("%s ", c->id);
	for (p = text; *p != '\0'; p++)
		putchar((unsigned char)*p < ' ' || *p == 0x7F ? ' ' : *p);
	putchar('\n');
	fflush(stdout);
}

static void on_say(void *arg, const struct shift_contact *c,
    enum shift_tone tone, const char *text)
{
	struct app *a = arg;

	if (text == NULL)
		return; /* only the view has changed */
	if (!a->interactive)
		print_plain(c, text);
	else if (c == NULL && tone != TONE_OFFER) /* it has its banner */
		screen_say(&a->screen, tone, text, now());
	else if (tone == TONE_CUSTOMER || tone == TONE_OFFER)
		putchar('\a');
	if (a->awaited != NULL && strstr(text, a->awaited) != NULL) {
		mem_free(a->awaited);
		a->awaited = NULL;
	}
}

/* Twice the wait each time, to an end: a whole centre comes back at once. */
static void lose(struct app *a, const char *why)
{
	msec_t wait = (msec_t)1000 << (a->tries < 4 ? a->tries : 4);

	tls_client_close(a->tls);
	a->tls = NULL;
	buf_clear(&a->in);
	shift_disconnected(&a->shift);
	a->tries++;
	a->retry_at = now() + (wait < RETRY_MAX_MS ? wait : RETRY_MAX_MS);
	snprintf(
	    a->connection, sizeof(a->connection), "not connected: %s", why);
	if (!a->interactive && !a->quitting)
		print_plain(NULL, a->connection);
}

static void on_send(void *arg, struct str message)
{
	struct app *a = arg;

	if (a->tls == NULL)
		return; /* it is pending and goes out after the next login */
	if (tls_client_write(a->tls, message) != 0 ||
	    tls_client_write(a->tls, STR("\n")) != 0)
		lose(a, "the server does not read");
}

/* ---- the connection --------------------------------------------------------- */

static void connect_now(struct app *a)
{
	struct fault why = { 0 };
	int err =
	    tls_client_open(a->address, &a->trust, OPEN_MS, &a->tls, &why);

	if (err == ERR_AUTH || err == ERR_INVALID) {
		/* it will not be another certificate in a second */
		snprintf(a->connection, sizeof(a->connection), "%s", why.text);
		a->shift.refused = true;
		return;
	}
	if (err != 0) {
		lose(a, why.text);
		return;
	}
	a->connection[0] = '\0';
	a->ping_at = now() + PING_MS;
	shift_login(&a->shift);
}

static void take_lines(struct app *a)
{
	size_t end;

	while ((end = str_find(buf_str(&a->in), '\n')) < a->in.len) {
		shift_take(&a->shift, str_sub(buf_str(&a->in), 0, end), now());
		if (a->tls == NULL)
			return; /* an answer could not be sent */
		buf_drop(&a->in, end + 1);
		if (a->shift.signed_in)
			a->tries = 0;
	}
	if (a->shift.later)
		lose(a, "the server is busy");
}

/* All there is: TLS may hold decrypted bytes that poll knows nothing of. */
static void read_server(struct app *a)
{
	char bytes[16384];
	ssize_t n = -1;

	while (a->tls != NULL &&
	       (n = tls_client_read(a->tls, bytes, sizeof(bytes))) > 0) {
		buf_add(&a->in, bytes, (size_t)n);
		if (a->in.failed) {
			lose(a, "a frame without end");
			return;
		}
		take_lines(a);
	}
	if (n == 0 && a->tls != NULL)
		lose(a, "the server hung up");
}

/* ---- the keyboard ------------------------------------------------------------ */

/* Signs out and waits for it: a client that just vanishes would keep its
 * contacts waiting for the grace. */
static void quit(struct app *a)
{
	if (a->quitting)
		return;
	a->quitting = true;
	a->leave_at = now() + LEAVE_MS;
	if (a->shift.signed_in)
		shift_ask(&a->shift, "logout", NULL);
}

static void next_contact(struct app *a)
{
	if (a->shift.contact_count > 0)
		shift_select(
		    &a->shift, (a->shift.current + 1) % a->shift.contact_count);
}

static void on_key(struct app *a, char byte)
{
	int page = (int)a->screen.rows / 2;

	switch (line_feed(&a->edit, byte)) {
	case LINE_DONE:
		a->screen.scrolled = 0;
		if (!shift_typed(&a->shift, buf_str(&a->edit.text)))
			quit(a);
		line_clear(&a->edit);
		break;
	case LINE_END:
		quit(a);
		break;
	case LINE_REDRAW:
		fputs("\033[2J", stdout);
		break;
	case LINE_PAGE_UP:
		screen_scroll(&a->screen, page);
		break;
	case LINE_PAGE_DOWN:
		screen_scroll(&a->screen, -page);
		break;
	case LINE_NEXT:
		next_contact(a);
		break;
	case LINE_NOTHING:
		break;
	}
}

/* One line of a script; "/wait TEXT" holds the rest back until a line that
 * holds TEXT was printed. */
static void run_script_line(struct app *a, struct str line)
{
	line = str_trim(line);
	if (str_starts(line, "/wait ")) {
		line = str_from(line, 6);
		a->awaited = mem_text_n(line.p, line.n);
		a->awaited_until = now() + WAIT_MS;
	} else if (!shift_typed(&a->shift, line)) {
		quit(a);
	}
}

static void run_script(struct app *a)
{
	size_t end;

	while (a->shift.signed_in && a->awaited == NULL && !a->quitting) {
		end = str_find(buf_str(&a->script), '\n');
		if (end == a->script.len)
			break;
		run_script_line(a, str_sub(buf_str(&a->script), 0, end));
		buf_drop(&a->script, end + 1);
	}
	if (a->ended && a->shift.signed_in && a->awaited == NULL &&
	    a->script.len == 0 && a->shift.pending_count == 0)
		quit(a);
}

static void read_keyboard(struct app *a)
{
	char bytes[4096];
	ssize_t n = read(STDIN_FILENO, bytes, sizeof(bytes));
	ssize_t i;

	if (n < 0 && errno == EINTR)
		return;
	if (n <= 0) {
		a->ended = true;
		if (a->interactive)
			quit(a);
		else if (a->script.len > 0)
			buf_add_char(&a->script, '\n');
		return;
	}
	if (!a->interactive)
		buf_add(&a->script, bytes, (size_t)n);
	for (i = 0; a->interactive && i < n; i++)
		on_key(a, bytes[i]);
}

/* ---- the loop ---------------------------------------------------------------- */

static void on_signal(struct app *a)
{
	struct signalfd_siginfo info;

	if (read(a->signals, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGWINCH)
		screen_resize(&a->screen);
	else
		quit(a);
}

static void on_time(struct app *a)
{
	msec_t t = now();

	if (a->tls == NULL && !a->shift.refused && !a->quitting &&
	    t >= a->retry_at)
		connect_now(a);
	if (a->tls != NULL && t >= a->ping_at) {
		a->ping_at = t + PING_MS;
		shift_ping(&a->shift);
	}
	if (a->awaited != NULL && t >= a->awaited_until) {
		fprintf(
		    stderr, "usher-agent: \"%s\" did not come\n", a->awaited);
		a->code = FAILED;
		mem_free(a->awaited);
		a->awaited = NULL;
		quit(a);
	}
}

/* The server closes the line after a logout; if it does not, time does. */
static bool is_over(const struct app *a)
{
	if (a->shift.refused)
		return true;
	return a->quitting && (a->tls == NULL || now() >= a->leave_at);
}

static void wait_for_something(struct app *a)
{
	/* a script is not read before it may be obeyed */
	bool listens =
	    !a->ended &&
	    (a->interactive || (a->shift.signed_in && a->awaited == NULL));
	struct pollfd p[3] = {
		{ a->signals, POLLIN, 0 },
		{ listens ? STDIN_FILENO : -1, POLLIN, 0 },
		{ a->tls == NULL ? -1 : tls_client_fd(a->tls), POLLIN, 0 },
	};
	int wait = a->interactive ? 500 : 200;

	if (poll(p, countof(p), wait) <= 0)
		return;
	if (p[0].revents != 0)
		on_signal(a);
	if (p[1].revents != 0)
		read_keyboard(a);
	if (p[2].revents != 0)
		read_server(a);
}

static void draw(struct app *a)
{
	screen_expire(&a->screen, now());
	screen_draw(&a->screen, &a->shift, &a->edit,
	    a->connection[0] == '\0' ? NULL : a->connection, now());
}

static void run(struct app *a)
{
	while (!is_over(a)) {
		on_time(a);
		if (a->interactive)
			draw(a);
		else
			run_script(a);
		wait_for_something(a);
	}
	if (a->shift.refused && !a->quitting)
		a->code = FAILED;
}

/* ---- the beginning ------------------------------------------------------------ */

static const char help_text[] =
    "usher-agent - take contacts on a terminal\n"
    "\n"
    "usage: usher-agent [--ca FILE | --pin SHA256 | --insecure] "
    "NAME@HOST:PORT\n"
    "\n"
    "      --ca FILE              believe these authorities, not the system's\n"
    "      --pin SHA256           believe this certificate only\n"
    "      --insecure             believe anybody\n"
    "      --password-file FILE   its first line; else USHER_PASSWORD, else\n"
    "                             you are asked\n"
    "  -V, --version              the version\n"
    "  -h, --help                 this\n"
    "\n"
    "On a terminal: /help lists the commands. Else commands are read from\n"
    "standard input, and \"/wait TEXT\" waits until a line holds TEXT.\n"
    "exit: 0 good, 1 refused, 2 usage\n";

static int usage(const char *complaint)
{
	fprintf(stderr, "usher-agent: %s\nTry \"usher-agent --help\".\n",
	    complaint);
	return USAGE;
}

/* Reads a line without showing it. */
static bool ask_password(char *dst, size_t size)
{
	struct termios shown, hidden;
	bool got;

	if (tcgetattr(STDIN_FILENO, &shown) != 0)
		return false;
	hidden = shown;
	hidden.c_lflag &= ~(tcflag_t)ECHO;
	fputs("Password: ", stderr);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
	got = fgets(dst, (int)size, stdin) != NULL;
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
	fputc('\n', stderr);
	return got;
}

static bool read_password(const char *file, char *dst, size_t size)
{
	const char *given = getenv("USHER_PASSWORD");
	FILE *f;
	bool got;

	if (file == NULL && given != NULL)
		return str_copy(dst, size, str_of(given));
	if (file == NULL)
		return ask_password(dst, size);
	f = fopen(file, "re");
	got = f != NULL && fgets(dst, (int)size, f) != NULL;
	if (f != NULL)
		fclose(f);
	return got;
}

static int watch_signals(void)
{
	sigset_t set;

	/* a server that went away is an error of the write, not our end */
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGWINCH);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

static int work(struct app *a, const char *name, const char *password)
{
	shift_init(&a->shift, name, password);
	a->shift.say = on_say;
	a->shift.send = on_send;
	a->shift.arg = a;
	buf_init(&a->in, LINE_BYTES);
	line_init(&a->edit);
	a->signals = watch_signals();
	a->interactive = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) &&
	                 screen_open(&a->screen) == 0;
	if (a->trust.insecure)
		on_say(a, NULL, TONE_PROBLEM,
		    "the server's certificate is not checked");
	run(a);
	tls_client_close(a->tls);
	screen_close(&a->screen);
	line_done(&a->edit);
	buf_done(&a->in);
	buf_done(&a->script);
	shift_done(&a->shift);
	mem_free(a->awaited);
	close(a->signals);
	if (a->code != GOOD && a->connection[0] != '\0')
		fprintf(stderr, "usher-agent: %s\n", a->connection);
	return a->code;
}

struct arguments {
	const char *password_file;
	bool done; /* it was --help or --version */
};

/* An exit code. */
static int read_options(
    struct app *a, struct arguments *out, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "ca", required_argument, NULL, 'c' },
		{ "pin", required_argument, NULL, 'p' },
		{ "insecure", no_argument, NULL, 'i' },
		{ "password-file", required_argument, NULL, 'f' },
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "Vh", longs, NULL)) != -1) {
		out->done = option == 'V' || option == 'h';
		if (option == 'c')
			a->trust.ca_file = optarg;
		else if (option == 'p')
			a->trust.pin = optarg;
		else if (option == 'i')
			a->trust.insecure = true;
		else if (option == 'f')
			out->password_file = optarg;
		else if (option == 'V')
			puts("usher-agent " PACKAGE_VERSION);
		else if (option == 'h')
			fputs(help_text, stdout);
		else
			return USAGE;
	}
	return GOOD;
}

int main(int argc, char **argv)
{
	struct app a = { 0 };
	struct arguments given = { 0 };
	char password[PASSWORD_SIZE];
	char *name;
	size_t at;
	int code = read_options(&a, &given, argc, argv);

	if (code != GOOD || given.done)
		return code;
	if (optind + 1 != argc)
		return usage("who, and where? NAME@HOST:PORT");
	at = str_find(str_of(argv[optind]), '@');
	if (argv[optind][at] == '\0')
		return usage("want NAME@HOST:PORT");
	if (!read_password(given.password_file, password, sizeof(password)))
		return usage("no password");
	password[strcspn(password, "\r\n")] = '\0';
	name = mem_text_n(argv[optind], at);
	a.address = argv[optind] + at + 1;
	code = work(&a, name, password);
	mem_free(name);
	return code;
}
