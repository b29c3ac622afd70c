/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tzfile.h - time zones from the system's own files (RFC 9636).
 *
 * The C library's TZ is global to the process and not safe with threads, so
 * zones are read into plain tables here: every change from 1970 to 2100.
 */
#ifndef USHER_CONFIG_TZFILE_H
#define USHER_CONFIG_TZFILE_H

#include "base/err.h"
#include "config/notes.h"
#include "model/hours.h"

#define TZFILE_DIR   "/usr/share/zoneinfo/"
#define TZFILE_BYTES 262144

/* Finds the zone by name ("Europe/Paris"); `out` owns its parts. */
int tzfile_load(
    struct str name, struct zone *out, struct fault *why) must_check;
/* The bytes of a file, however hostile. */
int tzfile_parse(
    struct str bytes, struct zone *out, struct fault *why) must_check;
/* Hints at the zone whose name is closest. */
void tzfile_suggest(struct config_notes *notes, struct str name);

#endif
