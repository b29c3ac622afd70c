/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * signal.h - what signals mean: TERM and INT stop, HUP reloads, PIPE nothing.
 */
#ifndef USHER_SERVER_SIGNAL_H
#define USHER_SERVER_SIGNAL_H

#include "server/server.h"

void signal_watch(struct server *s);

#endif
