/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_base_mem.c - the door to the heap: counting, failing, growing; and what
 * becomes of an impossible state.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"
#include "base/mem.h"

static void new_memory_is_zeroed_and_counted(void **state)
{
	size_t before = mem_live();
	unsigned char *p = mem_new(100);
	size_t i;

	(void)state;
	assert_int_equal(mem_live(), before + 1);
	for (i = 0; i < 100; i++)
		assert_int_equal(p[i], 0);
	mem_free(p);
	assert_int_equal(mem_live(), before);
	mem_free(NULL);
	assert_int_equal(mem_live(), before);
}

static void no_bytes_are_still_a_block(void **state)
{
	void *p = mem_new(0);
	void *q = mem_try(0);

	(void)state;
	assert_non_null(p);
	assert_non_null(q);
	p = mem_resize(p, 0);
	assert_non_null(p);
	assert_int_equal(mem_live(), 2);
	mem_free(p);
	mem_free(q);
}

static void resize_counts_a_block_once(void **state)
{
	char *p = mem_resize(NULL, 4);

	(void)state;
	assert_int_equal(mem_live(), 1);
	memcpy(p, "abc", 4);
	p = mem_resize(p, 3000);
	assert_string_equal(p, "abc");
	assert_int_equal(mem_live(), 1);
	p = mem_try_resize(p, 2);
	assert_memory_equal(p, "ab", 2);
	mem_free(p);
	assert_int_equal(mem_live(), 0);
}

static void the_hook_fails_the_nth_try_and_only_that(void **state)
{
	void *a;
	void *b;

	(void)state;
	mem_fail_after(2);
	a = mem_try(8);
	assert_non_null(a);
	b = mem_new(8); /* mem_new() is not counted */
	assert_null(mem_try_resize(b, 16));
	b = mem_try_resize(b, 16);
	assert_non_null(b);
	mem_fail_after(0);
	mem_free(a);
	mem_free(b);
	assert_int_equal(mem_live(), 0);
}

static void copies_are_whole(void **state)
{
	char *a = mem_text("hello");
	char *b = mem_text_n("hello", 4);
	char *c = mem_copy("hello", 6);
	char *d = mem_textf("%s-%d", a, 42);
	char *e = mem_text_n(NULL, 0);

	(void)state;
	assert_string_equal(a, "hello");
	assert_string_equal(b, "hell");
	assert_string_equal(c, "hello");
	assert_string_equal(d, "hello-42");
	assert_string_equal(e, "");
	mem_free(a);
	mem_free(b);
	mem_free(c);
	mem_free(d);
	mem_free(e);
	assert_int_equal(mem_live(), 0);
}

static void room_grows_only_when_full(void **state)
{
	uint32_t *array = NULL;
	uint32_t *before;
	size_t cap = 0;
	size_t i;

	(void)state;
	for (i = 0; i < 1000; i++) {
		mem_room(&array, i, &cap, sizeof(*array));
		assert_true(cap > i);
		array[i] = (uint32_t)i;
	}
	for (i = 0; i < 1000; i++)
		assert_int_equal(array[i], i);
	before = array;
	mem_room(&array, cap - 1, &cap, sizeof(*array));
	assert_ptr_equal(array, before);
	mem_free(array);
}

/* Runs `act` in a child; true when it ended by abort(). */
static bool dies(void (*act)(void))
{
	int status = 0;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		struct rlimit none = { 0, 0 };

		setrlimit(RLIMIT_CORE, &none);
		signal(SIGABRT, SIG_DFL);
		assert_non_null(freopen("/dev/null", "w", stderr));
		act();
		_exit(0);
	}
	assert_true(waitpid(pid, &status, 0) == pid);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void break_a_check(void)
{
	check(1 + 1 == 3);
}

static void hold_a_check(void)
{
	check(1 + 1 == 2);
}

static void outgrow_everything(void)
{
	void *p = NULL;
	size_t cap = SIZE_MAX / 8;

	mem_room(&p, cap, &cap, 16);
}

static void a_broken_check_aborts(void **state)
{
	(void)state;
	assert_true(dies(break_a_check));
	assert_false(dies(hold_a_check));
	assert_true(dies(outgrow_everything));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_memory_is_zeroed_and_counted),
		cmocka_unit_test(no_bytes_are_still_a_block),
		cmocka_unit_test(resize_counts_a_block_once),
		cmocka_unit_test(the_hook_fails_the_nth_try_and_only_that),
		cmocka_unit_test(copies_are_whole),
		cmocka_unit_test(room_grows_only_when_full),
		cmocka_unit_test(a_broken_check_aborts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
