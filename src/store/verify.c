/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * verify.c - is the log what was once written, to the last byte?
 *
 * Entered with a connection for reading, while the server runs or not. Walks
 * the chain commit by commit, recomputes each hash from the events, and each
 * payload's digest from its salt and body. Stops at the first break and names
 * the event. An emptied payload (erasure) is no break.
 */
#include "store/store_room.h"

#include <inttypes.h>
#include <string.h>

#include "store/migrate.h"

struct verify {
	struct db *db;
	struct fault *why;
	struct chain chain;
	uint8_t hash[SHA256_BYTES]; /* of the commit before */
	uint64_t next;              /* event that must come next */
	uint64_t commits, payloads, erased;
	struct str marks; /* of the commit being walked */
	uint64_t first;   /* its first event */
};

static int broken(struct verify *v, uint64_t seq, const char *what)
{
	return fault_set(
	    v->why, ERR_CORRUPT, "event %" PRIu64 " %s", seq, what);
}

/* The digest an event holds of its payload; NULL: the kind has none. */
static const uint8_t *digest_of(const struct event *e)
{
	switch (e->kind) {
	case EV_CONTACT_ARRIVED:
		return e->arrived.digest;
	case EV_CONTACT_PARSED:
		return e->parsed.digest;
	case EV_MESSAGE_ADDED:
		return e->message.digest;
	case EV_PERSON_SET:
		return e->person.digest;
	default:
		return NULL;
	}
}

static bool is_zero(const uint8_t digest[SHA256_BYTES])
{
	static const uint8_t zero[SHA256_BYTES];

	return memcmp(digest, zero, SHA256_BYTES) == 0;
}

static void payload_digest(const struct payload *p, uint8_t out[SHA256_BYTES])
{
	struct digest *d = digest_new();

	digest_add(d, p->salt, SALT_BYTES);
	digest_add(d, p->body.p, p->body.n);
	digest_end(d, out);
}

static int verify_payload(struct verify *v, const struct event *e)
{
	const uint8_t *digest = digest_of(e);
	uint8_t found[SHA256_BYTES];

	if (digest == NULL || is_zero(digest))
		return 0;
	if (e->payload == NULL)
		return broken(v, e->seq, "has lost its payload");
	if (e->payload->body.n == 0) {
		v->erased++;
		return 0;
	}
	v->payloads++;
	payload_digest(e->payload, found);
	if (!crypto_same(found, digest, SHA256_BYTES))
		return broken(v, e->seq, "has a payload that was changed");
	return 0;
}

/* Was this row changed? Its mark says so at once; without the mark the whole
 * commit would have to be named. */
static bool mark_fits(const struct verify *v, uint64_t seq)
{
	size_t at = (size_t)(seq - v->first) * MARK_BYTES;
	const struct buf *marks = &v->chain.marks;

	return at + MARK_BYTES <= v->marks.n && at + MARK_BYTES <= marks->len &&
	       memcmp(v->marks.p + at, marks->data + at, MARK_BYTES) == 0;
}

static int verify_row(void *arg, const struct event_row *row)
{
	struct verify *v = arg;
	struct event e;
	int err;

	chain_add(&v->chain, row);
	v->next = row->seq + 1;
	if (!mark_fits(v, row->seq))
		return broken(v, row->seq, "was changed");
	err = log_event_of(row, &e);
	if (err == ERR_VERSION)
		return fault_set(v->why, err,
		    "event %" PRIu64 " was written by a newer usher", row->seq);
	if (err != 0)
		return broken(v, row->seq, "cannot be read");
	return verify_payload(v, &e);
}

static int verify_events(struct verify *v, uint64_t last)
{
	struct log_span span = { v->first, (size_t)(last - v->first + 1), 0 };
	int err = log_rows(v->db, &span, verify_row, v);

	if (err != 0 && v->why->code == 0)
		return err == ERR_CORRUPT ? broken(v, v->next, "is missing")
		                          : db_fault(v->db, err, v->why);
	if (err == 0 && v->next != last + 1)
		return broken(v, v->next, "is missing");
	return err;
}

/* One commit: seq of its last event, of its first, hash, marks. */
static int verify_commit(void *arg, const struct value *row, unsigned n)
{
	struct verify *v = arg;
	uint8_t found[SHA256_BYTES];
	int err;

	if (n < 4 || row[2].s.n != SHA256_BYTES || row[0].i < row[1].i ||
	    (uint64_t)row[1].i != v->next)
		return broken(v, v->next, "is not in the chain of hashes");
	v->first = v->next;
	v->marks = row[3].s;
	chain_begin(&v->chain, v->hash);
	err = verify_events(v, (uint64_t)row[0].i);
	chain_end(&v->chain, found);
	if (err != 0)
		return err;
	if (memcmp(found, row[2].s.p, SHA256_BYTES) != 0)
		return fault_set(v->why, ERR_CORRUPT,
		    "events %" PRIu64 " to %" PRIu64
		    " do not fit the chain of hashes",
		    v->first, v->next - 1);
	memcpy(v->hash, found, SHA256_BYTES);
	v->commits++;
	return 0;
}

static int verify_end(struct verify *v)
{
	uint64_t last;
	int err = log_last(v->db, &last);

	if (err != 0)
		return db_fault(v->db, err, v->why);
	if (last >= v->next)
		return broken(v, v->next, "is not in the chain of hashes");
	return 0;
}

int verify_log(struct db *log, struct buf *report, struct fault *why)
{
	struct verify v = { .db = log, .why = why, .next = 1 };
	int err;

	why->code = 0;
	err = db_run(log, STMT_CHAIN_FROM, db_args(v_int(1), v_int(INT64_MAX)),
	    verify_commit, &v);
	if (err != 0 && why->code == 0)
		(void)db_fault(log, err, why);
	if (err == 0)
		err = verify_end(&v);
	chain_done(&v.chain);
	if (err == 0)
		buf_addf(report,
		    "events %" PRIu64 ", commits %" PRIu64 ", payloads %" PRIu64
		    ", erased %" PRIu64 ": the chain holds\n",
		    v.next - 1, v.commits, v.payloads, v.erased);
	else
		buf_addf(report, "%s\n", why->text);
	return err;
}

int store_verify(
    const struct store_config *config, struct buf *report, struct fault *why)
{
	struct db_place place = { config->dir, config->workspace };
	struct fault local;
	struct db *log;
	int err;

	if (why == NULL)
		why = &local;
	err = migrate_read(&sqlite_ops, &place, DB_LOG, &log, why);
	if (err != 0)
		return err;
	err = log->ops->begin(log);
	if (err == 0)
		err = verify_log(log, report, why);
	else
		(void)db_fault(log, err, why);
	log->ops->rollback(log);
	db_close(log);
	return err;
}
