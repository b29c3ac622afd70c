/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * migrate.h - databases of any age, opened at today's version or refused.
 */
#ifndef USHER_STORE_MIGRATE_H
#define USHER_STORE_MIGRATE_H

#include "store/store_ops.h"

/* Opens for writing; makes or upgrades what must be. ERR_VERSION: newer, or
 * not made by usher. */
int migrate_open(const struct db_ops *ops, const struct db_place *place,
    enum db_file file, struct db **out, struct fault *why) must_check;
/* Opens for reading what has exactly this version. */
int migrate_read(const struct db_ops *ops, const struct db_place *place,
    enum db_file file, struct db **out, struct fault *why) must_check;

#endif
