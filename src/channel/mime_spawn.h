/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mime_spawn.h - one process per mail reads it, two at once.
 *
 * usher-mime gets the raw mail as its standard input and says on its standard
 * output, in at most 1 MiB of JSON and 20 s, what is in it. Whatever it says
 * is as hostile as the mail was: it may have been taken over by it.
 */
#ifndef USHER_CHANNEL_MIME_SPAWN_H
#define USHER_CHANNEL_MIME_SPAWN_H

#include "base/buf.h"
#include "base/err.h"
#include "net/loop.h"

#define MIME_AT_ONCE     2
#define MIME_DEADLINE_MS 20000
#define MIME_OUTPUT_MAX  ((size_t)1024 * 1024)

struct mime;
struct mime *mime_new(struct loop *l, const char *helper);
void mime_free(struct mime *m); /* ends the processes, calls nobody */

/* err: ERR_IO it could not be run, ERR_TIMEOUT, ERR_TOO_LARGE. Borrowed. */
typedef void (*mime_done_fn)(void *arg, int err, struct str output);
/* Waits for its turn; `path` is copied. Called back exactly once. */
void mime_read(struct mime *m, const char *path, mime_done_fn done, void *arg);

#endif
