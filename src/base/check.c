/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * check.c - the end of a process that has lost its mind.
 *
 * Entered by a failed check() from anywhere. Uses neither the heap nor the
 * log, since either may be what is broken.
 */
#include "base/check.h"

#include <stdarg.h>

void die(const char *fmt, ...)
{
	va_list ap;

	fputs("impossible: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	fflush(stderr);
	abort();
}
