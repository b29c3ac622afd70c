/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * play.c - plays .scn files and holds what happens against what they tell.
 *
 *   play FILE...       exit 0 when every story goes as told
 *   play --show FILE   the story as it goes now, for writing new ones
 *
 * Each story is played in a process of its own, so that one in which the
 * router stops does not end the others. The form of a story: README.md here.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "act.h"
#include "base/mem.h"
#include "stage.h"
#include "story.h"

/* ---- comparing ------------------------------------------------------------- */

static void show_expected(const struct story *s, const struct beat *b)
{
	size_t i;

	fprintf(stderr, "  expected:\n");
	for (i = 0; i < b->told_count; i++)
		fprintf(stderr, "  %s:%u: > %s\n", s->file, b->told_lines[i],
		    b->told[i]);
	if (b->told_count == 0)
		fprintf(stderr, "      (nothing)\n");
}

static void show_actual(struct str told)
{
	fprintf(stderr, "  happened:\n");
	if (told.n == 0)
		fprintf(stderr, "      (nothing)\n");
	while (told.n > 0) {
		struct str line = str_next(&told, '\n');

		fprintf(stderr, "      > %.*s\n", (int)line.n, line.p);
	}
}

/* Did exactly what is written down happen? */
static bool agrees(
    const struct story *s, const struct beat *b, const struct buf *told)
{
	struct str rest = buf_str(told);
	size_t i;

	for (i = 0; i < b->told_count; i++) {
		if (!str_is(str_next(&rest, '\n'), b->told[i]))
			break;
	}
	if (i == b->told_count && rest.n == 0)
		return true;
	fprintf(stderr, "%s:%u: after \"%s\"\n", s->file, b->line, b->text);
	show_expected(s, b);
	show_actual(buf_str(told));
	return false;
}

/* Returns the exit status; `at` is where the parent looks when we die. */
static int play_story(const char *file, volatile unsigned *at)
{
	struct story s;
	struct stage st;
	bool good = story_read(file, &s);
	size_t i;

	if (!good)
		return 1;
	stage_open(&st, file, s.config);
	for (i = 0; i < s.beat_count && good; i++) {
		*at = s.beats[i].line;
		act(&st, &s.beats[i]);
		good = agrees(&s, &s.beats[i], &st.told);
	}
	stage_close(&st);
	story_done(&s);
	if (good && mem_live() != 0) {
		fprintf(stderr, "%s: something was not given back\n", file);
		good = false;
	}
	return good ? 0 : 1;
}

static bool play_apart(const char *file)
{
	unsigned *at = mmap(NULL, sizeof(*at), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status = 1;
	pid_t child;

	if (at == MAP_FAILED)
		return false;
	fflush(NULL);
	child = fork();
	if (child == 0)
		exit(play_story(file, at));
	if (child < 0 || waitpid(child, &status, 0) != child)
		status = 1;
	if (WIFSIGNALED(status) ||
	    (WIFEXITED(status) && WEXITSTATUS(status) > 2))
		fprintf(stderr, "%s:%u: the router stopped here\n", file, *at);
	munmap(at, sizeof(*at));
	return status == 0;
}

/* ---- showing --------------------------------------------------------------- */

static void show_told(struct str told)
{
	while (told.n > 0) {
		struct str line = str_next(&told, '\n');

		printf("\t> %.*s\n", (int)line.n, line.p);
	}
}

static int show_story(const char *file)
{
	struct story s;
	struct stage st;
	size_t i;

	if (!story_read(file, &s))
		return 1;
	stage_open(&st, file, s.config);
	printf("# %s\n", s.title);
	for (i = 0; i < s.beat_count; i++) {
		printf("%s%s\n", s.beats[i].text,
		    s.beats[i].block == NULL ? "" : " { ... }");
		fflush(stdout);
		act(&st, &s.beats[i]);
		show_told(buf_str(&st.told));
	}
	stage_close(&st);
	story_done(&s);
	return 0;
}

int main(int argc, char **argv)
{
	unsigned passed = 0;
	unsigned failed = 0;
	int i;

	if (argc == 3 && strcmp(argv[1], "--show") == 0)
		return show_story(argv[2]);
	if (argc < 2 || argv[1][0] == '-') {
		fprintf(stderr, "usage: play FILE... | play --show FILE\n");
		return 2;
	}
	for (i = 1; i < argc; i++) {
		if (play_apart(argv[i]))
			passed++;
		else
			failed++;
	}
	printf("%u passed, %u failed\n", passed, failed);
	return failed == 0 ? 0 : 1;
}
