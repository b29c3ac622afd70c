/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * files.h - reads whole small files, and nothing that is not one.
 */
#ifndef USHER_CONFIG_FILES_H
#define USHER_CONFIG_FILES_H

#include "base/buf.h"
#include "base/err.h"

/* ERR_IO, or ERR_TOO_LARGE over `most` bytes. Never blocks on a pipe. */
int file_read(const char *path, size_t most, struct buf *out,
    struct fault *why) must_check;
/* "/etc/usher/" of "/etc/usher/usher.conf"; "" of "usher.conf". */
struct str file_dir(const char *path);

#endif
