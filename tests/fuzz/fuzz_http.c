/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz_http.c - any bytes as a stream of requests.
 *
 * Beside what the sanitizers see: the same bytes in one piece, one by one and
 * cut in two must end the same way and mean the same; and what is accepted
 * keeps the promises of http.h.
 */
#include "base/check.h"
#include "net/http_parse.h"

#define BODY_MAX     300
#define REQUESTS_MAX 20

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What a stream came to, and a digest of all it meant. */
struct story {
	enum http_step step;
	int status;
	unsigned requests;
	uint64_t digest;
};

static void add(struct story *s, struct str text)
{
	size_t i;

	for (i = 0; i < text.n; i++)
		s->digest = (s->digest ^ (uint8_t)text.p[i]) * 0x100000001b3;
	s->digest = (s->digest ^ 0x100) * 0x100000001b3;
}

static void look_at(struct story *s, const struct http_request *rq)
{
	struct buf value = { 0 };
	size_t i;

	check(rq->method.n > 0 && rq->field_count <= HTTP_FIELDS_MAX);
	check(rq->path.n > 0 && rq->path.p[0] == '/');
	check(memchr(rq->path.p, 0, rq->path.n) == NULL);
	check(rq->body.n <= BODY_MAX);
	add(s, rq->method);
	add(s, rq->target);
	add(s, rq->path);
	add(s, rq->query);
	add(s, rq->body);
	for (i = 0; i < rq->field_count; i++) {
		check(http_is_token(rq->fields[i].name));
		add(s, rq->fields[i].name);
		add(s, rq->fields[i].value);
	}
	http_query(rq, "a", &value);
	add(s, buf_str(&value));
	add(s, http_bearer(rq));
	buf_done(&value);
}

static void feed(struct http_parser *p, struct story *s, struct str in)
{
	while (s->step != HTTP_REFUSED && s->requests < REQUESTS_MAX) {
		s->step = http_parser_feed(p, &in);
		if (s->step == HTTP_HEAD) {
			p->body_max = BODY_MAX;
			continue;
		}
		if (s->step != HTTP_DONE)
			break;
		look_at(s, &p->rq);
		s->requests++;
		http_parser_reset(p);
		if (in.n == 0)
			break;
	}
	if (s->step == HTTP_REFUSED)
		s->status = p->status;
}

/* The first piece has `first` bytes; the others have `rest`. */
static struct story tell(struct str in, size_t first, size_t rest)
{
	struct http_parser p;
	struct story s = { HTTP_MORE, 0, 0, 0xcbf29ce484222325 };
	size_t at = 0, n = first;

	http_parser_init(&p);
	while (at < in.n) {
		feed(&p, &s, str_sub(in, at, n));
		at += n;
		n = rest;
	}
	http_parser_done(&p);
	return s;
}

static void check_same(struct story a, struct story b)
{
	check(a.requests == b.requests);
	check(a.digest == b.digest);
	check(a.status == b.status);
	check((a.step == HTTP_REFUSED) == (b.step == HTTP_REFUSED));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = { (const char *)data, size };
	struct story whole;

	if (size == 0)
		return 0;
	whole = tell(in, size, size);
	check_same(whole, tell(in, 1, 1));
	check_same(whole, tell(in, data[size / 2] % size + 1, size));
	return 0;
}
