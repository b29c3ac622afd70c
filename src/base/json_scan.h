/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * json_scan.h - the gate in front of the JSON tree.
 *
 * Private to json.c: everything json.h says is refused is refused here, but
 * for duplicate keys and reals that overflow, which the tree builder sees.
 */
#ifndef USHER_BASE_JSON_SCAN_H
#define USHER_BASE_JSON_SCAN_H

#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

/* 0 and the number of values in the text; or ERR_SYNTAX, ERR_TOO_LARGE. */
int json_scan(struct str text, size_t string_max, size_t *out_values,
    struct fault *why) must_check;

#endif
