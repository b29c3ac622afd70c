/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * line.h - the tongue of messages that end in LF.
 */
#ifndef USHER_NET_LINE_H
#define USHER_NET_LINE_H

#include "net/link.h"

extern const struct tongue line_tongue;

#endif
