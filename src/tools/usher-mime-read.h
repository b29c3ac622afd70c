/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * usher-mime-read.h - a mail that passed the scan, as the facts of it.
 */
#ifndef USHER_TOOLS_USHER_MIME_READ_H
#define USHER_TOOLS_USHER_MIME_READ_H

#include "base/buf.h"
#include "base/str.h"

/* What an agent gets to read of a mail; the whole mail is kept beside. With
 * escapes it still fits one line of any protocol of ours. */
#define READ_TEXT_MAX        ((size_t)30000)
#define READ_ATTACHMENTS_MAX 100

void mime_read_prepare(void);
/* Appends one JSON object (doc/mail.md). */
void mime_read_mail(struct str raw, struct buf *out);

#endif
