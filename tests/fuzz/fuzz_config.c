/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz_config.c - any bytes as a config, a `try`, or a time zone file.
 *
 * What is accepted must have a canonical text that reads back as itself, must
 * not differ from itself, and its tests must run. Nothing may leak. Seeds: the
 * samples in etc/ and the files of /usr/share/zoneinfo.
 */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/mem.h"
#include "config/config.h"
#include "config/tzfile.h"

#define TESTS_RUN 8 /* of one input: each is a whole little router */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_rules(const struct config *c)
{
	struct rules *again =
	    config_rules_of_text(NULL, str_of(c->rules->text));
	struct buf diff = { 0 };

	check(again != NULL);
	check(strcmp(again->text, c->rules->text) == 0);
	check(memcmp(again->digest, c->rules->digest, 32) == 0);
	check(again->leaf_count == c->rules->leaf_count);
	config_diff(c->rules, again, &diff);
	check(diff.len == 0);
	buf_done(&diff);
	rules_unref(again);
}

static void try_config(struct str text)
{
	struct config_notes notes = { 0 };
	struct config *c = NULL;
	struct buf shown = { 0 };
	size_t run;
	int rc = config_parse("fuzz", text, &c, &notes);

	check((rc == 0) == (c != NULL));
	check((rc == 0) == (notes.errors == 0));
	config_notes_show(&notes, &shown);
	if (rc == 0) {
		check_rules(c);
		if (c->test_count <= TESTS_RUN)
			(void)!config_run_tests(c, &notes, &run);
	}
	buf_done(&shown);
	config_free(c);
	config_notes_done(&notes);
}

static const char house[] =
    "language 1; skill a, lang.fr; team t { } agent m { team t; skills a 9; }"
    "hours h { zone \"Europe/Paris\"; open mon-fri 09:00-18:00; }"
    "channel chat site { } channel mail help { address \"a@b\"; }"
    "gateway pbx { from 127.0.0.1; } queue q { need a 5+; open h; }"
    "queue general { } route { text has \"x\" and contact.a = \"b\" -> queue q;"
    "otherwise -> queue general; }";

static void try_contact(struct str what)
{
	struct config_notes notes = { 0 };
	struct config *c = NULL;
	struct buf out = { 0 };
	struct fault why;
	struct config_question q = { .at = str_next(&what, '\n'),
		.wall_now = 1795392000000 };

	check(config_parse("house", STR(house), &c, &notes) == 0);
	q.what = what;
	(void)!config_try(c, &q, &out, &why);
	buf_done(&out);
	config_free(c);
	config_notes_done(&notes);
}

static void try_zone(struct str bytes)
{
	struct zone z = { 0 };
	struct fault why;

	if (tzfile_parse(bytes, &z, &why) == 0)
		for (size_t i = 1; i < z.change_count; i++)
			check(z.changes[i].at > z.changes[i - 1].at);
	mem_free(z.changes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, size };
	size_t live = mem_live();

	if (str_starts(text, "TZif"))
		try_zone(text);
	else if (str_starts(text, "try\n"))
		try_contact(str_from(text, 4));
	else
		try_config(text);
	check(mem_live() == live);
	return 0;
}
