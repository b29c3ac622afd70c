/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * load.c - config files in, a config or its errors out.
 *
 * The door of the floor. Reads the main file and what it includes, each with
 * a bounded size, hands the statements to the check, and stamps the result
 * with its canonical text and digest. A config is complete or it is not there.
 */
#include <glob.h>
#include <string.h>

#include "base/check.h"
#include "base/crypto.h"
#include "base/mem.h"
#include "config/canon.h"
#include "config/case.h"
#include "config/check.h"
#include "config/files.h"
#include "config/parse.h"

#define FILE_BYTES   1048576  /* of one file */
#define TOTAL_BYTES  33554432 /* of all files, or of a text in memory */
#define FILES_MAX    1000
#define INCLUDE_DEEP 8

struct loader {
	struct arena arena;
	struct config_notes *notes;
	struct source *sources; /* newest first */
	struct statements all;
	size_t bytes;
	unsigned files;
	bool garbled; /* some file's blocks do not close */
	const struct source *chain[INCLUDE_DEEP]; /* being read now */
	unsigned depth;
};

/* Names and texts move into the arena: the tree points into them. */
static struct source *add_source(
    struct loader *l, const char *name, struct str text)
{
	struct source *s = arena_new(&l->arena, sizeof(*s));

	s->name = arena_text(&l->arena, str_of(name));
	s->dir = arena_text(&l->arena, file_dir(name));
	s->text = (struct str){ arena_text(&l->arena, text), text.n };
	s->number = l->files++;
	s->next = l->sources;
	l->sources = s;
	l->bytes += text.n;
	return s;
}

/* `language 1;` begins the main file and may begin any other. */
static void check_language(
    struct loader *l, const struct source *src, const struct statement *first)
{
	struct spot file = { .source = src, .line = 1, .column = 1 };
	const struct item *number;

	if (first != NULL && first->items != NULL &&
	    str_is(first->items->text, "language")) {
		number = first->items->next;
		if (number == NULL || number->kind != ITEM_NUMBER ||
		    number->number == 1)
			return;
		l->garbled = true; /* its words may mean anything */
		note_error(l->notes, &number->spot,
		    "language %.*s is not known here", (int)number->text.n,
		    number->text.p);
		note_hint(l->notes, "this program reads language 1");
	} else if (src->number == 0) {
		note_error(l->notes, first ? &first->spot : &file,
		    "the first statement is not: language 1;");
	}
}

static void load_file(
    struct loader *l, const char *path, const struct spot *from);

/* Told apart by name: a file behind two names is caught by its definitions. */
static bool is_read(struct loader *l, const char *path, const struct spot *from)
{
	const struct source *s;

	for (unsigned i = 0; i < l->depth; i++) {
		if (strcmp(l->chain[i]->name, path) != 0)
			continue;
		note_error(l->notes, from, "%s includes itself", path);
		return true;
	}
	for (s = l->sources; s != NULL; s = s->next) {
		if (strcmp(s->name, path) != 0)
			continue;
		note_error(
		    l->notes, from, "%s is included a second time", path);
		return true;
	}
	return false;
}

/* The glob sorts by name, so the order does not depend on the disk. */
static void load_glob(struct loader *l, const struct item *pattern)
{
	char *path = check_path(pattern);
	glob_t found = { 0 };

	if (glob(path, GLOB_ERR, NULL, &found) != 0) {
		/* A pattern may match nothing; a name must be there. */
		if (strpbrk(path, "*?[") == NULL)
			note_error(l->notes, &pattern->spot,
			    "there is no file \"%s\"", path);
		else
			note_warning(l->notes, &pattern->spot,
			    "no file matches \"%s\"", path);
	}
	for (size_t i = 0; i < found.gl_pathc; i++)
		load_file(l, found.gl_pathv[i], &pattern->spot);
	globfree(&found);
	mem_free(path);
}

static void load_includes(struct loader *l, const struct statements *list)
{
	for (const struct statement *s = list->first; s != NULL; s = s->next) {
		const struct item *pattern = s->items->next;

		if (!str_is(s->items->text, "include") || s->broken)
			continue;
		if (pattern == NULL || pattern->kind != ITEM_STRING) {
			note_error(l->notes, &s->spot,
			    "include is followed by a text");
			note_hint(
			    l->notes, "as in: include \"queues.d/*.conf\";");
		} else if (!pattern->bad) {
			load_glob(l, pattern);
		}
	}
}

static void splice(struct statements *to, const struct statements *from)
{
	if (from->first == NULL)
		return;
	statements_add(to, from->first);
	to->last = from->last;
}

/* Parses a source and, behind it, its includes. */
static void load_source(struct loader *l, struct source *src, bool in_memory)
{
	struct statements own = { NULL, NULL };

	if (!parse_source(&l->arena, src, l->notes, &own))
		l->garbled = true;
	if (!l->garbled || own.first != NULL)
		check_language(l, src, own.first);
	l->chain[l->depth++] = src;
	if (!in_memory)
		load_includes(l, &own);
	l->depth--;
	splice(&l->all, &own);
}

static int read_text(
    struct loader *l, const char *path, struct buf *text, struct fault *why)
{
	if (l->files == FILES_MAX || l->bytes > TOTAL_BYTES - FILE_BYTES)
		return fault_set(
		    why, ERR_TOO_LARGE, "too many or too large files");
	return file_read(path, FILE_BYTES, text, why);
}

static void load_file(
    struct loader *l, const char *path, const struct spot *from)
{
	struct buf text = { 0 };
	struct fault why = { 0 };

	if (is_read(l, path, from))
		return;
	if (l->depth == INCLUDE_DEEP)
		note_error(l->notes, from, "includes are nested too deep");
	else if (read_text(l, path, &text, &why) != 0)
		note_error(l->notes, from, "%s", why.text);
	else
		load_source(l, add_source(l, path, buf_str(&text)), false);
	buf_done(&text);
}

static void set_defaults(struct config *c, const struct source *main_file)
{
	struct rules *r = c->rules;

	if (r->workspace == NULL)
		r->workspace = mem_text("main");
	if (r->language == NULL)
		r->language = mem_text("en");
	if (c->setup.data_dir == NULL)
		c->setup.data_dir = mem_textf("%sdata", main_file->dir);
	if (c->setup.log_level == NULL)
		c->setup.log_level = mem_text("info");
}

/* The canonical text and its digest: the version of this config. */
static void stamp(struct rules *r)
{
	struct buf text = { 0 };

	canon_rules(r, &text);
	sha256(buf_str(&text), r->digest);
	r->text = buf_take(&text);
}

/* The list is newest first: the last one was the first. */
static const struct source *main_source(const struct loader *l)
{
	const struct source *s = l->sources;

	while (s->next != NULL)
		s = s->next;
	return s;
}

/* From all statements to a config; frees the loader's tree. */
static int finish(struct loader *l, bool in_memory, struct config **out)
{
	struct config *c = new_of(struct config);
	struct check k = { .arena = &l->arena,
		.notes = l->notes,
		.config = c,
		.main = main_source(l),
		.in_memory = in_memory };

	c->rules = rules_new();
	k.rules = c->rules;
	if (!l->garbled)
		check_all(&k, &l->all);
	set_defaults(c, k.main);
	if (l->notes->errors == 0)
		stamp(c->rules);
	arena_done(&l->arena);
	notes_sort(l->notes);
	if (l->notes->errors > 0) {
		config_free(c);
		return ERR_INVALID;
	}
	*out = c;
	return 0;
}

int config_load(
    const char *file, struct config **out, struct config_notes *notes)
{
	struct loader l = { .notes = notes };
	struct buf text = { 0 };
	struct fault why = { 0 };
	int rc = read_text(&l, file, &text, &why);

	if (rc != 0) {
		note_error(notes, NULL, "%s", why.text);
		buf_done(&text);
		return rc == ERR_TOO_LARGE ? ERR_INVALID : ERR_IO;
	}
	load_source(&l, add_source(&l, file, buf_str(&text)), false);
	buf_done(&text);
	return finish(&l, false, out);
}

int config_parse(const char *name, struct str text, struct config **out,
    struct config_notes *notes)
{
	struct loader l = { .notes = notes };
	struct source *src;

	if (text.n > TOTAL_BYTES) {
		note_error(notes, NULL, "this text is too large");
		return ERR_INVALID;
	}
	src = add_source(&l, name, text);
	src->dir = "";
	load_source(&l, src, true);
	for (const struct statement *s = l.all.first; s; s = s->next)
		if (str_is(s->items->text, "include"))
			note_error(notes, &s->spot, "nothing is included here");
	return finish(&l, true, out);
}

static void setup_done(struct config_setup *s)
{
	for (size_t i = 0; i < s->listener_count; i++) {
		mem_free(s->listeners[i].address);
		mem_free(s->listeners[i].cert_file);
		mem_free(s->listeners[i].key_file);
	}
	for (size_t i = 0; i < s->proxy_count; i++)
		mem_free(s->proxies[i]);
	mem_free(s->listeners);
	mem_free(s->proxies);
	mem_free(s->data_dir);
	mem_free(s->web_dir);
	mem_free(s->mime_helper);
	mem_free(s->log_level);
}

void config_free(struct config *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->test_count; i++) {
		mem_free(c->tests[i].name);
		mem_free(c->tests[i].file);
		case_free(c->tests[i].body);
	}
	mem_free(c->tests);
	setup_done(&c->setup);
	rules_unref(c->rules);
	mem_free(c);
}

struct rules *config_rules_of_text(void *arg, struct str canonical)
{
	struct config_notes notes = { 0 };
	struct config *c = NULL;
	struct rules *rules = NULL;

	(void)arg;
	if (config_parse("config", canonical, &c, &notes) == 0) {
		rules = rules_ref(c->rules);
		config_free(c);
	}
	config_notes_done(&notes);
	return rules;
}
