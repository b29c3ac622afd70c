/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz_mime_prescan.c - the scan must never see fewer parts than the parser.
 *
 * Any bytes: whatever passes the scan is given to GMime, and the parts that
 * GMime finds are counted. One more than the scan saw, and a mail could be
 * built that passes small and unfolds large. Run with -max_len=4096 and the
 * words of tests/fuzz/mime.dict.
 */
#include <gmime/gmime.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/check.h"
#include "tools/usher-mime-scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Messages inside messages count as parts, as they do in the scan. */
static unsigned count_parts(GMimeObject *o, unsigned depth)
{
	unsigned n = 1;

	check(depth <= 2 * SCAN_DEPTH_MAX);
	if (GMIME_IS_MULTIPART(o)) {
		GMimeMultipart *m = GMIME_MULTIPART(o);

		for (int i = 0; i < g_mime_multipart_get_count(m); i++)
			n += count_parts(
			    g_mime_multipart_get_part(m, i), depth + 1);
	} else if (GMIME_IS_MESSAGE_PART(o)) {
		GMimeMessage *inner =
		    g_mime_message_part_get_message(GMIME_MESSAGE_PART(o));
		GMimeObject *body = NULL;

		if (inner != NULL)
			body = g_mime_message_get_mime_part(inner);
		if (body != NULL)
			n += count_parts(body, depth + 1);
	}
	return n;
}

static void parse(const uint8_t *data, size_t size, unsigned most)
{
	GMimeStream *stream =
	    g_mime_stream_mem_new_with_buffer((const char *)data, size);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
	GMimeObject *body = NULL;

	if (message != NULL)
		body = g_mime_message_get_mime_part(message);
	if (body != NULL)
		check(count_parts(body, 0) <= most);
	if (message != NULL)
		g_object_unref(message);
	g_object_unref(parser);
	g_object_unref(stream);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct scan_verdict v =
	    mime_scan((struct str){ (const char *)data, size });
	static bool ready;

	if (!ready)
		g_mime_init();
	ready = true;
	if (v.error == NULL)
		parse(data, size, v.parts);
	return 0;
}
