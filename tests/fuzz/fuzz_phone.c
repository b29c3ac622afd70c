/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz_phone.c - lines of gateways: any bytes are a line or a named error.
 *
 * What was understood keeps its limits, and whatever was said of a call can be
 * written back as one line of JSON without a line end in it.
 */
#include <stdint.h>
#include <string.h>

#include "base/check.h"
#include "channel/number.h"
#include "channel/phone_wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_line(struct buf *line)
{
	struct json *tree = NULL;

	check(memchr(line->data, '\n', line->len) == NULL);
	check(json_parse(buf_str(line), 0, &tree, NULL) == 0);
	json_free(tree);
	buf_done(line);
}

static void check_understood(const struct phone_line *l)
{
	const struct phone_order order = { .kind = ORDER_CALL_OFFER,
		.id = 7,
		.call = l->call,
		.offer = l->offer,
		.agent = l->address,
		.to = l->to,
		.next_wall = -1 };
	struct buf line = { 0 };
	char number[NUMBER_TEXT];

	check(l->kind < PHONE_LINES && l->call.n <= CALL_ID_MAX);
	check(l->from.n <= 256 && l->to.n <= 256);
	check(json_count(l->attributes) <= ATTRIBUTES_MAX);
	if (number_normalise(l->from, "FR", number))
		check(number[0] == '+' && strlen(number) <= 16);
	phone_put_order(&order, &line);
	check_line(&line);
	phone_put_refused(l->call, ERR_BUSY, "", &line);
	check_line(&line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, size };
	struct phone_hello hello;
	struct phone_line l;
	struct fault why = { 0 };
	struct buf line = { 0 };

	if (phone_hello_parse(text, &hello, &why) == 0)
		phone_hello_done(&hello);
	why = (struct fault){ 0 };
	if (phone_line_parse(text, &l, &why) == 0) {
		check_understood(&l);
		phone_line_done(&l);
		return 0;
	}
	check(why.code < 0 && why.text[0] != '\0');
	phone_put_error(STR_NONE, (struct offer_id){ 0 }, &why, &line);
	check_line(&line);
	return 0;
}
