/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * reader.h - questions to the record, answers as JSON.
 *
 * Entered by a reader thread with its own connections (or by the loop in
 * inline mode); each question sees one snapshot of the record.
 */
#ifndef USHER_STORE_READER_H
#define USHER_STORE_READER_H

#include "base/buf.h"
#include "store/store.h"
#include "store/store_ops.h"

struct desk { /* where a reader works */
	struct db *log;
	struct db *record;
};

/* 0, ERR_NOT_FOUND, ERR_INVALID (the question), or what the engine says. */
int reader_answer(
    struct desk *d, const struct read *what, struct buf *out) must_check;

#endif
