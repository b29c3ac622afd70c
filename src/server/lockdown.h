/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * lockdown.h - what the process gives up before it meets anybody.
 */
#ifndef USHER_SERVER_LOCKDOWN_H
#define USHER_SERVER_LOCKDOWN_H

#include "config/config.h"

/* No core dumps, files for the owner only, all the descriptors we may have. */
void lockdown_process(void);
/* Refuses secret files that other users can read. */
int lockdown_secrets(const struct config *c, struct fault *why) must_check;

#endif
