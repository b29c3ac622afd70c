/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * log.c - the commit point, and the way back from it.
 *
 * The writer's half is entered by one thread (the writer's, or the caller's in
 * inline mode); the readers' half by anybody with a connection of their own.
 * Nothing may be told to anybody before log_writer_put() has returned 0.
 */
#include "store/log.h"

#include <inttypes.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "store/batch.h"

/* Half a MiB at a time between the commits: a big world's checkpoint must not
 * make an agent wait. */
#define PART_BYTES ((size_t)512 * 1024)

static uint64_t u64_of(const struct value *v)
{
	return v->kind == VALUE_INT && v->i >= 0 ? (uint64_t)v->i : 0;
}

/* ---- writer -------------------------------------------------------------- */

struct log_end {
	uint64_t seq;
	uint8_t hash[SHA256_BYTES];
};

static int take_end(void *arg, const struct value *row, unsigned n)
{
	struct log_end *end = arg;

	if (n < 2 || row[1].s.n != SHA256_BYTES)
		return ERR_CORRUPT;
	end->seq = u64_of(&row[0]);
	memcpy(end->hash, row[1].s.p, SHA256_BYTES);
	return 0;
}

int log_writer_init(struct log_writer *w, struct db *db, struct fault *why)
{
	struct log_end end = { 0 };
	int err;

	memset(w, 0, sizeof(*w));
	w->db = db;
	err = log_last(db, &w->last);
	if (err == 0)
		err = db_run(db, STMT_CHAIN_LAST, db_none, take_end, &end);
	if (err != 0)
		return db_fault(db, err, why);
	if (end.seq != w->last)
		return fault_set(why, ERR_CORRUPT,
		    "the log ends with event %" PRIu64
		    " but its chain of hashes with %" PRIu64,
		    w->last, end.seq);
	memcpy(w->hash, end.hash, SHA256_BYTES);
	return 0;
}

void log_writer_done(struct log_writer *w)
{
	checkpoint_free(w->checkpoint);
	chain_done(&w->chain);
	db_close(w->db);
	memset(w, 0, sizeof(*w));
}

void log_writer_take(struct log_writer *w, struct checkpoint *c)
{
	checkpoint_free(w->checkpoint);
	w->checkpoint = c;
}

static int put_row(
    struct log_writer *w, const struct batch *b, const struct batch_row *r)
{
	struct event_row row = {
		.seq = r->seq,
		.epoch = r->epoch,
		.at = r->at,
		.kind = r->kind,
		.version = event_version(r->kind),
		.contact = r->contact,
		.customer = r->customer,
		.agent = r->agent,
		.body = batch_body(b, r),
	};
	int err;

	check(row.seq == w->last + 1);
	err = db_do(w->db, STMT_EVENT_ADD, v_id(row.seq), v_id(row.epoch),
	    v_int(row.at), v_int(row.kind), v_int(row.version),
	    v_id(row.contact), v_id(row.customer), v_id(row.agent),
	    v_blob(row.body));
	if (err == 0 && r->has_payload)
		err = db_do(w->db, STMT_PAYLOAD_ADD, v_id(r->seq),
		    v_blob((struct str){ (const char *)r->salt, SALT_BYTES }),
		    v_blob(batch_payload(b, r)));
	if (err != 0)
		return err;
	chain_add(&w->chain, &row);
	w->last = row.seq;
	return 0;
}

static int put_batches(struct log_writer *w, const struct list *batches)
{
	struct batch *b;
	size_t i;
	int err = 0;

	list_each(b, batches, pending) {
		for (i = 0; err == 0 && i < b->count; i++)
			err = put_row(w, b, &b->rows[i]);
	}
	return err;
}

static int seal(struct log_writer *w, uint64_t first)
{
	chain_end(&w->chain, w->hash);
	return db_do(w->db, STMT_CHAIN_ADD, v_id(w->last), v_id(first),
	    v_blob((struct str){ (const char *)w->hash, SHA256_BYTES }),
	    v_blob(buf_str(&w->chain.marks)));
}

static int put_events(struct log_writer *w, const struct list *batches)
{
	uint64_t before = w->last;
	int err;

	if (list_is_empty(batches))
		return 0;
	chain_begin(&w->chain, w->hash);
	err = put_batches(w, batches);
	return err != 0 ? err : seal(w, before + 1);
}

static size_t parts_of(const struct checkpoint *c)
{
	return (c->bytes.len + PART_BYTES - 1) / PART_BYTES;
}

struct last_checkpoint {
	int64_t seq, number;
};

static int take_checkpoint(void *arg, const struct value *row, unsigned n)
{
	struct last_checkpoint *last = arg;

	if (n < 2)
		return ERR_CORRUPT;
	last->seq = row[0].i;
	last->number = row[1].i;
	return 0;
}

static int number_checkpoint(struct db *db, struct checkpoint *c)
{
	struct last_checkpoint last = { 0, 0 };
	int err =
	    db_run(db, STMT_CHECKPOINT_LAST, db_none, take_checkpoint, &last);

	c->number = last.number + 1;
	return err;
}

/* The next part; behind the last one the old checkpoints that are no longer
 * kept go. One that a crash left unfinished is told by its missing parts. */
static int put_part(struct log_writer *w)
{
	struct checkpoint *c = w->checkpoint;
	struct str part;
	int err = 0;

	if (c == NULL)
		return 0;
	if (c->part == 0)
		err = number_checkpoint(w->db, c);
	if (err != 0)
		return err;
	part = str_sub(buf_str(&c->bytes), c->part * PART_BYTES, PART_BYTES);
	err = db_do(w->db, STMT_CHECKPOINT_ADD, v_id(c->seq), v_int(c->number),
	    v_id(c->part), v_id(parts_of(c)),
	    v_blob((struct str){ (const char *)c->hash, SHA256_BYTES }),
	    v_blob(part));
	if (err != 0 || ++c->part < parts_of(c))
		return err;
	checkpoint_free(c);
	w->checkpoint = NULL;
	return db_run(w->db, STMT_CHECKPOINT_PRUNE, db_none, NULL, NULL);
}

int log_writer_put(struct log_writer *w, const struct list *batches)
{
	int err = w->db->ops->begin(w->db);

	if (err == 0)
		err = put_events(w, batches);
	if (err == 0)
		err = put_part(w);
	return err != 0 ? err : w->db->ops->commit(w->db);
}

/* ---- checkpoints ---------------------------------------------------------*/

struct checkpoint *checkpoint_new(const struct world *w)
{
	struct checkpoint *c = new_of(struct checkpoint);

	c->seq = w->seq;
	world_encode(w, &c->bytes);
	check(!c->bytes.failed && c->bytes.len > 0);
	sha256(buf_str(&c->bytes), c->hash);
	return c;
}

void checkpoint_free(struct checkpoint *c)
{
	if (c == NULL)
		return;
	buf_done(&c->bytes);
	mem_free(c);
}

struct parts {
	struct buf bytes;
	int64_t seen;
	int64_t wanted;
	uint8_t hash[SHA256_BYTES];
};

static int take_part(void *arg, const struct value *row, unsigned n)
{
	struct parts *p = arg;

	if (n < 4 || row[0].i != p->seen || row[2].s.n != SHA256_BYTES)
		return ERR_CORRUPT;
	p->seen++;
	p->wanted = row[1].i;
	memcpy(p->hash, row[2].s.p, SHA256_BYTES);
	buf_add_str(&p->bytes, row[3].s);
	return 0;
}

static int load_one(
    struct db *log, uint64_t seq, const struct world *like, struct world **out)
{
	uint8_t hash[SHA256_BYTES];
	struct parts p = { 0 };
	int err = db_run(
	    log, STMT_CHECKPOINT_PARTS, db_args(v_id(seq)), take_part, &p);

	if (err == 0 && (p.seen != p.wanted || p.bytes.failed))
		err = ERR_CORRUPT;
	if (err != 0)
		goto out;
	sha256(buf_str(&p.bytes), hash);
	err = crypto_same(hash, p.hash, SHA256_BYTES) ? 0 : ERR_CORRUPT;
	if (err == 0)
		err = world_decode(buf_str(&p.bytes), like->rules_source,
		    like->rules_arg, out);
	if (err == 0 && (*out)->seq != seq) {
		world_free(*out);
		err = ERR_CORRUPT;
	}
out:
	buf_done(&p.bytes);
	return err;
}

static int take_seq(void *arg, const struct value *row, unsigned n)
{
	uint64_t *out = arg;

	*out = n > 0 ? u64_of(&row[0]) : 0;
	return 0;
}

int checkpoint_load(
    struct db *log, const struct world *like, uint64_t most, struct world **out)
{
	uint64_t seq;
	int err;

	*out = NULL;
	for (;; most = seq - 1) {
		seq = 0;
		err = db_run(log, STMT_CHECKPOINT_BEFORE, db_args(v_id(most)),
		    take_seq, &seq);
		if (err != 0 || seq == 0)
			return err;
		err = load_one(log, seq, like, out);
		if (err == 0)
			return 0;
		*out = NULL;
		log_warn("store",
		    "msg=\"checkpoint not usable, trying the one before\" "
		    "seq=%" PRIu64 " error=%s",
		    seq, err_name(err));
	}
}

/* ---- readers ------------------------------------------------------------- */

struct row_walk {
	struct log_span *span;
	event_row_fn fn;
	void *arg;
};

static void take_columns(const struct value *v, struct event_row *row)
{
	row->seq = u64_of(&v[0]);
	row->epoch = u64_of(&v[1]);
	row->at = v[2].i;
	row->kind = (unsigned)u64_of(&v[3]);
	row->version = (unsigned)u64_of(&v[4]);
	row->contact = u64_of(&v[5]);
	row->customer = u64_of(&v[6]);
	row->agent = u64_of(&v[7]);
	row->body = v[8].s;
	row->has_payload = v[9].kind == VALUE_BLOB && v[9].s.n == SALT_BYTES;
	if (row->has_payload) {
		memcpy(row->payload.salt, v[9].s.p, SALT_BYTES);
		row->payload.body = v[10].s;
	}
}

static int take_row(void *arg, const struct value *v, unsigned n)
{
	struct row_walk *walk = arg;
	struct event_row row = { 0 };

	if (n < 11)
		return ERR_CORRUPT;
	take_columns(v, &row);
	if (row.seq != ++walk->span->at)
		return ERR_CORRUPT;
	return walk->fn(walk->arg, &row);
}

int log_rows(struct db *log, struct log_span *span, event_row_fn fn, void *arg)
{
	struct row_walk walk = { span, fn, arg };

	span->at = span->from - 1;
	return db_run(log, STMT_EVENTS_FROM,
	    db_args(v_id(span->from), v_id(span->most)), take_row, &walk);
}

int log_event_of(const struct event_row *row, struct event *out)
{
	memset(out, 0, sizeof(*out));
	out->seq = row->seq;
	out->epoch = row->epoch;
	out->at = row->at;
	out->kind = (enum event_kind)row->kind;
	out->contact.v = row->contact;
	out->customer.v = row->customer;
	out->agent.v = row->agent;
	out->payload = row->has_payload ? &row->payload : NULL;
	return event_decode(out, row->version, row->body);
}

struct event_walk {
	log_event_fn fn;
	void *arg;
};

static int take_event(void *arg, const struct event_row *row)
{
	struct event_walk *walk = arg;
	struct event e;
	int err = log_event_of(row, &e);

	return err != 0 ? err : walk->fn(walk->arg, &e);
}

int log_events(
    struct db *log, struct log_span *span, log_event_fn fn, void *arg)
{
	struct event_walk walk = { fn, arg };

	return log_rows(log, span, take_event, &walk);
}

int log_last(struct db *log, uint64_t *out)
{
	int64_t last;
	int err = db_number(log, STMT_EVENTS_LAST, 0, &last);

	*out = (uint64_t)last;
	return err;
}
