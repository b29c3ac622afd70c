/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * lockdown.c - less than we were given is enough.
 *
 * Entered by main before anything is opened. A core dump would hold every
 * customer's words and every key; a secret that others can read is none.
 */
#include "server/lockdown.h"

#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

void lockdown_process(void)
{
	struct rlimit limit = { 0, 0 };

	(void)umask(077);
	(void)setrlimit(RLIMIT_CORE, &limit);
	/* The limit does not hold where cores go to a pipe; this does. */
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static int check_secret(const char *file, struct fault *why)
{
	struct stat st;

	if (file == NULL)
		return 0;
	if (stat(file, &st) != 0)
		return fault_set(why, ERR_IO, "%s cannot be read: %s", file,
		    strerror(errno));
	if ((st.st_mode & S_IRWXO) != 0)
		return fault_set(why, ERR_DENIED,
		    "%s holds a secret, but everyone may read it: chmod 600",
		    file);
	return 0;
}

int lockdown_secrets(const struct config *c, struct fault *why)
{
	size_t i;
	int err = 0;

	for (i = 0; err == 0 && i < c->setup.listener_count; i++)
		err = check_secret(c->setup.listeners[i].key_file, why);
	for (i = 0; err == 0 && i < c->rules->entrance_count; i++)
		err = check_secret(c->rules->entrances[i].token_file, why);
	return err;
}
