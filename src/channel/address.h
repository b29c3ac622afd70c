/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * address.h - is this peer one of those the config names?
 *
 * The list holds addresses ("10.0.0.5", "::1"), networks ("10.0.0.0/8") or
 * "unix". An IPv4 address inside IPv6 ("::ffff:10.0.0.5") counts as IPv4.
 */
#ifndef USHER_CHANNEL_ADDRESS_H
#define USHER_CHANNEL_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

/* An empty list lets everybody in. */
bool address_is_listed(
    struct str address, char *const *list, size_t list_count);

#endif
