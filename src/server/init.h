/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * init.h - `usherd --init DIR`: from nothing to a server that starts.
 */
#ifndef USHER_SERVER_INIT_H
#define USHER_SERVER_INIT_H

#include "base/err.h"

/* Makes DIR with a config, a certificate, a data folder and an admin, and
 * prints what to do next; complaints go to stderr. */
int init_folder(const char *dir) must_check;

#endif
