/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ctl_offline.c - care for a store whose server is stopped.
 *
 * The store takes its folder's lock, so a running server is never disturbed:
 * it is refused by name instead.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "config/config.h"
#include "route/route.h"
#include "store/store.h"
#include "tools/ctl.h"

/* Where a store lies, and whose workspace it holds. */
struct home {
	char *dir;
	char *workspace;
};

static void home_done(struct home *p)
{
	mem_free(p->dir);
	mem_free(p->workspace);
}

static const char *config_file(const struct ctl_options *how)
{
	if (how->config != NULL)
		return how->config;
	return access("usher.conf", F_OK) == 0 ? "usher.conf"
	                                       : "/etc/usher/usher.conf";
}

static int find_home(
    const struct ctl_options *how, struct home *out, struct fault *why)
{
	struct config_notes notes = { 0 };
	struct config *config = NULL;
	const char *file = config_file(how);
	int err = config_load(file, &config, &notes);

	config_notes_done(&notes);
	if (err != 0)
		return fault_set(why, err,
		    "%s is not understood (usherd -t says why); another file: "
		    "-c FILE",
		    file);
	out->dir = mem_text(config->setup.data_dir);
	out->workspace = mem_text(config->rules->workspace);
	config_free(config);
	return 0;
}

static struct store_config store_of(const struct home *p)
{
	return (struct store_config){
		.dir = p->dir,
		.workspace = p->workspace,
		.rules_source = config_rules_of_text,
		.apply = apply,
		.inline_threads = true,
	};
}

typedef int (*care_fn)(
    const struct store_config *config, struct buf *report, struct fault *why);

static int care(const struct ctl_options *how, care_fn fn, struct fault *why)
{
	struct home p = { 0 };
	struct buf report = { 0 };
	struct store_config config;
	int err = find_home(how, &p, why);

	if (err == 0) {
		config = store_of(&p);
		err = fn(&config, &report, why);
		fwrite(report.data, 1, report.len, stdout);
		if (report.len > 0 && report.data[report.len - 1] != '\n')
			putchar('\n');
	}
	buf_done(&report);
	home_done(&p);
	return err;
}

int ctl_rebuild(const struct ctl_options *how, char **args, struct fault *why)
{
	(void)args;
	return care(how, store_rebuild, why);
}

int ctl_verify(const struct ctl_options *how, char **args, struct fault *why)
{
	(void)args;
	return care(how, store_verify, why);
}

int ctl_restore(const struct ctl_options *how, char **args, struct fault *why)
{
	struct home p = { 0 };
	int err = 0;

	if (args[1] != NULL)
		p.dir = mem_text(args[1]);
	else
		err = find_home(how, &p, why);
	if (err == 0)
		err = store_restore(args[0], p.dir, why);
	if (err == 0)
		printf("restored %s into %s\n", args[0], p.dir);
	home_done(&p);
	return err;
}
