/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * usher-mime - reads one mail and says what is in it.
 *
 *   usher-mime < raw mail > one JSON object
 *
 * Started by usherd, one process per mail. The mail is read into memory, then
 * the process gives up whatever it could do harm with (files, sockets, other
 * processes), and only then looks at it. A mail that is refused is a verdict
 * and exit 0; doc/mail.md has the form. It never executes or writes anything.
 */
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/check.h"
#include "base/json.h"
#include "tools/usher-mime-read.h"
#include "tools/usher-mime-scan.h"

#define MEMORY_MAX ((rlim_t)512 * 1024 * 1024)
#define CPU_MAX_S  10
#define READ_STEP  ((size_t)256 * 1024)

static bool read_all(struct buf *out)
{
	ssize_t n;

	buf_init(out, SCAN_RAW_MAX + 2 * READ_STEP);
	do {
		/* One byte too many is enough for the scan to refuse it. */
		if (out->len > SCAN_RAW_MAX)
			return true;
		if (!buf_reserve(out, READ_STEP))
			return false;
		n = read(STDIN_FILENO, out->data + out->len, READ_STEP);
		if (n > 0)
			out->len += (size_t)n;
	} while (n > 0 || (n < 0 && errno == EINTR));
	return n == 0;
}

static bool write_all(struct str s)
{
	while (s.n > 0) {
		ssize_t n = write(STDOUT_FILENO, s.p, s.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		s = str_from(s, (size_t)n);
	}
	return true;
}

/* ---- the sandbox ------------------------------------------------------------- */

#if defined(__SANITIZE_ADDRESS__)
/* The sanitizer needs terabytes of addresses and calls of its own. */
static bool lock_up(void)
{
	return true;
}
#else
static bool limit(int what, rlim_t most)
{
	struct rlimit l = { most, most };

	return setrlimit((__rlimit_resource_t)what, &l) == 0;
}

/* What a parser needs: memory, and to say its answer. Asking for files is
 * refused, so that libraries go on without; all else ends the process. */
static bool allow_calls(scmp_filter_ctx ctx)
{
	static const int allowed[] = { SCMP_SYS(brk), SCMP_SYS(munmap),
		SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(futex),
		SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(rt_sigreturn),
		SCMP_SYS(rt_sigprocmask), SCMP_SYS(clock_gettime),
		SCMP_SYS(getrandom), SCMP_SYS(close), SCMP_SYS(sched_yield) };
	static const int refused[] = { SCMP_SYS(open), SCMP_SYS(openat),
		SCMP_SYS(stat), SCMP_SYS(fstat), SCMP_SYS(newfstatat),
		SCMP_SYS(access), SCMP_SYS(readlink), SCMP_SYS(getcwd) };
	bool good = true;

	for (size_t i = 0; i < countof(allowed); i++)
		good = good && seccomp_rule_add(
		                   ctx, SCMP_ACT_ALLOW, allowed[i], 0) == 0;
	for (size_t i = 0; i < countof(refused); i++)
		good = good && seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EACCES),
		                   refused[i], 0) == 0;
	good = good && seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(write), 1,
	                   SCMP_A0(SCMP_CMP_EQ, STDOUT_FILENO)) == 0;
	/* Memory may be had, code may not. */
	good = good && seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
	                   SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) == 0;
	return good && seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mprotect),
	                   1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) == 0;
}

static bool filter_calls(void)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);
	bool good = ctx != NULL && allow_calls(ctx) && seccomp_load(ctx) == 0;

	if (ctx != NULL)
		seccomp_release(ctx);
	return good;
}

static bool lock_up(void)
{
	return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 &&
	       limit(RLIMIT_AS, MEMORY_MAX) && limit(RLIMIT_CPU, CPU_MAX_S) &&
	       limit(RLIMIT_CORE, 0) && limit(RLIMIT_NPROC, 0) &&
	       limit(RLIMIT_NOFILE, 0) && filter_calls();
}
#endif

static void put_verdict(const struct scan_verdict *v, struct buf *out)
{
	struct json_writer w;

	jw_init(&w, out);
	jw_object(&w);
	jw_ktext(&w, "error", v->error);
	jw_ktext(&w, "text", v->text);
	jw_end(&w);
}

int main(void)
{
	struct buf raw = { 0 };
	struct buf out = { 0 };
	struct scan_verdict v;

	mime_read_prepare();
	if (!read_all(&raw) || !lock_up())
		return EXIT_FAILURE;
	v = mime_scan(buf_str(&raw));
	if (v.error != NULL)
		put_verdict(&v, &out);
	else
		mime_read_mail(buf_str(&raw), &out);
	buf_add_char(&out, '\n');
	if (!write_all(buf_str(&out)))
		return EXIT_FAILURE;
	/* No cleaning up: what a library would call then is not allowed. */
	_exit(EXIT_SUCCESS);
}
