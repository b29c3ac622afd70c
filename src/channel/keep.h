/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * keep.h - a small file, there complete or not at all.
 */
#ifndef USHER_CHANNEL_KEEP_H
#define USHER_CHANNEL_KEEP_H

#include "base/err.h"
#include "base/str.h"

/* Writes `path`.new (0600), flushes it and gives it its name, in place of an
 * older one. Waits for the disk: at the start or on a work thread only. */
int keep_file(const char *path, struct str bytes) must_check;

#endif
