/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * signal.c - signals, heard in the loop.
 *
 * The handlers proper belong to net/loop; here is only what follows. A second
 * TERM changes nothing: stopping is bounded in time by itself.
 */
#include "server/signal.h"

#include <signal.h>

#include "base/log.h"
#include "server/reload.h"

static void on_stop(void *arg)
{
	server_stop(arg);
}

/* Who sent the signal reads the log; there is nobody else to tell. */
static void on_reloaded(void *arg, struct str json, const struct fault *fault)
{
	(void)arg;
	(void)json;
	if (fault != NULL)
		log_error("reload", "msg=refused why=\"%s\"", fault->text);
}

static void on_reload(void *arg)
{
	struct server *s = arg;

	reload_start(s, false, "signal", on_reloaded, NULL);
}

void signal_watch(struct server *s)
{
	(void)signal(SIGPIPE, SIG_IGN);
	loop_on_signal(s->loop, SIGTERM, on_stop, s);
	loop_on_signal(s->loop, SIGINT, on_stop, s);
	loop_on_signal(s->loop, SIGHUP, on_reload, s);
}
