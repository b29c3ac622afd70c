/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * make.c - writes events-v1.bin and events-v1.json, once for ever.
 *
 *   make FOLDER
 *
 * One event of each kind as the bytes this version writes and the JSON it reads
 * out of them, and behind these one EV_INPUT for each kind of input, without
 * JSON. Whatever comes later must read the same from the same bytes
 * (test_model_event.c), so these files are never made again: a new kind goes
 * into files of the next number.
 *
 * A record of the .bin: kind, version, seq, epoch, at (signed), contact,
 * customer, agent as varints, then the body behind its length.
 */
#include <stdio.h>

#include "base/mem.h"
#include "samples.h"

struct making {
	struct buf bytes, json;
	size_t count;
};

static void add(struct making *m, const struct event *e)
{
	struct buf body = { 0 };

	event_encode(e, &body);
	put_u64(&m->bytes, e->kind);
	put_u64(&m->bytes, event_version(e->kind));
	put_u64(&m->bytes, e->seq);
	put_u64(&m->bytes, e->epoch);
	put_i64(&m->bytes, e->at);
	put_u64(&m->bytes, e->contact.v);
	put_u64(&m->bytes, e->customer.v);
	put_u64(&m->bytes, e->agent.v);
	put_str(&m->bytes, buf_str(&body));
	buf_done(&body);
}

static void add_shown(struct making *m, const struct event *e)
{
	struct json_writer w;

	add(m, e);
	buf_add_text(&m->json, m->count++ == 0 ? "[\n" : ",\n");
	jw_init(&w, &m->json);
	event_show(e, &w);
}

static void add_input(struct making *m, enum input_kind kind)
{
	struct buf body = { 0 };
	struct input in;
	struct event e;

	sample_input(kind, &in);
	sample_event(EV_INPUT, &e);
	input_encode(&in, &body);
	e.input.input = (uint8_t)kind;
	e.input.body = buf_str(&body);
	add(m, &e);
	buf_done(&body);
}

static int write_file(
    const char *folder, const char *name, const struct buf *content)
{
	char *path = mem_textf("%s/%s", folder, name);
	FILE *f = fopen(path, "w");
	int rc = 1;

	if (f == NULL ||
	    fwrite(content->data, 1, content->len, f) != content->len)
		perror(path);
	else
		rc = 0;
	if (f != NULL && fclose(f) != 0)
		rc = 1;
	mem_free(path);
	return rc;
}

int main(int argc, char **argv)
{
	struct making m = { 0 };
	struct event e;
	size_t i;
	int rc;

	if (argc != 2) {
		fprintf(stderr, "usage: make FOLDER\n");
		return 2;
	}
	for (i = 0; i < countof(sample_kinds); i++) {
		sample_event(sample_kinds[i], &e);
		add_shown(&m, &e);
	}
	for (i = 0; i < INPUT_KINDS; i++)
		add_input(&m, (enum input_kind)i);
	buf_add_text(&m.json, "\n]\n");
	rc = write_file(argv[1], "events-v1.bin", &m.bytes) |
	     write_file(argv[1], "events-v1.json", &m.json);
	buf_done(&m.bytes);
	buf_done(&m.json);
	return rc;
}
