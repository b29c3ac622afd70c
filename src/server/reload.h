/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * reload.h - new rules while running: all of them, or none.
 *
 * The files are read, checked and tested on a work thread; the swap is one
 * input on the loop. A refused config changes nothing.
 */
#ifndef USHER_SERVER_RELOAD_H
#define USHER_SERVER_RELOAD_H

#include "server/server.h"

struct reload;

struct reload *reload_new(const char *file);
void reload_free(struct reload *r); /* after the work pool has ended */

/*
 * `done` gets {"ok":..,"dry_run":..,"digest":..,"changes":[..],"notes":[..],
 * "tests":..,"report":".."}, also when the files have errors ("ok":false), or
 * a fault when the reload could not be tried.
 */
void reload_start(struct server *s, bool dry_run, const char *author,
    api_done_fn done, void *arg);

/* Are these the rules of the world? */
bool reload_is_active(const struct server *s, const struct rules *r);
/* Posts INPUT_CONFIG. `r` was read from its canonical text. */
int reload_activate(struct server *s, struct rules *r, const char *author,
    struct fault *why) must_check;

/* rules_source_fn of the owner's world: what has just been parsed is not
 * parsed again. `arg` is the server. */
struct rules *reload_rules(void *arg, struct str text);

#endif
