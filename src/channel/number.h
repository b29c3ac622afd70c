/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * number.h - telephone numbers as people and switches write them, to E.164.
 *
 * "+33 1 55 50 10 10", "tel:+33-1-55501010", "0033155501010" and, at a French
 * gateway, "01 55 50 10 10" are one number: "+33155501010". What is not
 * clearly a whole number of a country (short codes, extensions, SIP addresses,
 * "anonymous") is left as it was written.
 */
#ifndef USHER_CHANNEL_NUMBER_H
#define USHER_CHANNEL_NUMBER_H

#include <stdbool.h>

#include "base/str.h"

#define NUMBER_DIGITS_MAX 15 /* of E.164 */
#define NUMBER_TEXT       (NUMBER_DIGITS_MAX + 2)

/*
 * Writes "+" and digits into dst and returns true, or returns false and leaves
 * dst alone. `country` is two capital letters, or empty when not known; then
 * only numbers that carry their country are read.
 */
bool number_normalise(
    struct str raw, const char *country, char dst[NUMBER_TEXT]);
/* A caller who does not show a number: "", "anonymous", "unknown", ... */
bool number_is_withheld(struct str raw);

#endif
