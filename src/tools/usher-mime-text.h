/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * usher-mime-text.h - bytes of some charset to UTF-8, HTML to plain text.
 */
#ifndef USHER_TOOLS_USHER_MIME_TEXT_H
#define USHER_TOOLS_USHER_MIME_TEXT_H

#include "base/buf.h"
#include "base/str.h"

/* Opens the converters of the common charsets, and keeps them open: in the
 * sandbox no file can be read any more. */
void text_prepare(void);
/* Appends the bytes as valid UTF-8. `charset` is what the mail says, or NULL;
 * mails lie: what is UTF-8 is read as such, what fits nothing as
 * windows-1252. */
void text_to_utf8(struct str bytes, const char *charset, struct buf *out);
/* Appends what a person would read of it: no tags, scripts or styles. */
void text_of_html(struct str html, struct buf *out);

#endif
