/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz_json.c - any bytes into the JSON reader.
 *
 * Whatever it accepts must be written and read again, to the same text: so a
 * value that the scanner and the tree builder see differently is found too.
 * Whatever it refuses must leave a sentence and no memory behind.
 */
#include "base/check.h"
#include "base/json.h"
#include "base/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_to(struct buf *out, const struct json *v)
{
	struct json_writer w;

	jw_init(&w, out);
	jw_json(&w, v);
	check(!out->failed && w.depth == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, size };
	struct fault why = { 0 };
	struct buf once = { 0 };
	struct buf twice = { 0 };
	struct json *v = NULL;
	struct json *again = NULL;
	int err = json_parse(text, 0, &v, &why);

	if (err != 0) {
		check(v == NULL && why.code == err && why.text[0] != '\0');
		/* memory is never short here: it would be a wrong excuse */
		check(err == ERR_SYNTAX || err == ERR_TOO_LARGE);
		goto out;
	}
	write_to(&once, v);
	check(json_parse(buf_str(&once), 0, &again, &why) == 0);
	write_to(&twice, again);
	check(str_eq(buf_str(&once), buf_str(&twice)));
out:
	json_free(v);
	json_free(again);
	buf_done(&once);
	buf_done(&twice);
	check(mem_live() == 0);
	return 0;
}
