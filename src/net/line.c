/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * line.c - one message per line.
 *
 * Entered by link.c. A line is UTF-8, ends in LF and may have a CR before it;
 * empty ones are skipped. A line that is too long or no text gets one line
 * saying so and the end: behind it nobody knows where a message begins.
 */
#include "net/line.h"

#include "base/utf8.h"
#include "net/gate.h"
#include "net/listen.h"

static void refuse(struct link *k, int err, const char *detail)
{
	struct buf *out = gate_begin(k, GATE_NOW);

	link_net(k)->stats.framing_errors++;
	buf_addf(out, "{\"error\":\"%s\",\"detail\":\"%s\"}\n", err_name(err),
	    detail);
	k->why = err == ERR_TOO_LARGE ? NET_GONE_LIMIT : NET_GONE_ERROR;
	gate_end(k, out, true);
}

static void deliver(struct link *k, struct str line)
{
	const struct net_app *app = link_app(k);

	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	if (line.n > k->listener->bounds.message_max) {
		refuse(k, ERR_TOO_LARGE, "the line is too long");
	} else if (!utf8_valid(line)) {
		refuse(k, ERR_SYNTAX, "the line is not UTF-8");
	} else if (line.n > 0) {
		k->spoken = true;
		if (app->message != NULL)
			app->message(app->arg, k->self, line);
	}
}

/* Of a line whose end has not come, the last byte may be its CR. */
static bool is_too_long(const struct link *k, struct str part)
{
	size_t most = k->listener->bounds.message_max;

	return part.n > most + 1 ||
	       (part.n > most && part.p[part.n - 1] != '\r');
}

/* `scanned` keeps a line that comes byte by byte from being searched from its
 * start each time. */
static void line_take(struct link *k, struct str *in)
{
	size_t at;

	while (in->n > 0 && !k->dying) {
		if (k->said_all) {
			*in = STR_NONE;
			return;
		}
		at = str_find(str_from(*in, k->as.line.scanned), '\n') +
		     k->as.line.scanned;
		if (at == in->n) {
			k->as.line.scanned = at;
			if (is_too_long(k, *in))
				refuse(
				    k, ERR_TOO_LARGE, "the line is too long");
			if (!k->said_all)
				return;
			continue;
		}
		if (!link_spend(k))
			return;
		k->as.line.scanned = 0;
		deliver(k, str_sub(*in, 0, at));
		*in = str_from(*in, at + 1);
	}
}

static void line_on_end(struct link *k)
{
	link_kill(k, NET_GONE_PEER);
}

/* Lines have no ping: the kernel's keep-alive and the floor above see to
 * peers that vanish. */
static msec_t line_due(const struct link *k)
{
	if (k->spoken || k->trusted || k->said_all)
		return LINK_NEVER;
	return k->since + k->listener->first_message;
}

static void line_on_due(struct link *k)
{
	link_end(k, NET_GONE_TIMEOUT);
}

static void line_done(struct link *k)
{
	(void)k;
}

/* A line break within a message would end it; in JSON it is a blank. */
static void line_write(struct buf *out, struct str text, bool binary)
{
	struct str part;

	(void)binary;
	for (;;) {
		part = str_next(&text, '\n');
		buf_add_str(out, part);
		if (text.n == 0)
			break;
		buf_add_char(out, ' ');
	}
	buf_add_char(out, '\n');
}

const struct tongue line_tongue = {
	.take = line_take,
	.on_end = line_on_end,
	.due = line_due,
	.on_due = line_on_due,
	.done = line_done,
	.write = line_write,
};
