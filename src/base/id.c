/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * id.c - ids as text.
 *
 * Entered by everything that speaks to peers. One id has one text: leading
 * zeros and 0 itself are refused, so two spellings can never name one thing.
 * What is larger than the store can count to is refused here: nobody behind
 * this door looks again.
 */
#include "base/id.h"

char *id_format(char letter, uint64_t v, char dst[ID_TEXT])
{
	dst[0] = letter;
	dst[1 + str_put_u64(dst + 1, v)] = '\0';
	return dst;
}

int id_parse(char letter, struct str text, uint64_t *out)
{
	uint64_t v;

	if (text.n > 0 && text.p[0] == letter)
		text = str_from(text, 1);
	if (text.n == 0 || text.p[0] == '0')
		return ERR_INVALID;
	if (str_to_u64(text, &v) != 0 || v > INT64_MAX)
		return ERR_INVALID;
	*out = v;
	return 0;
}
