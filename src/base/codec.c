/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * codec.c - structs to bytes and back.
 *
 * Entered by whoever stores events, inputs and checkpoints. Bytes read are
 * never trusted: lengths are compared with what is there before anything is
 * looked at. One value has one encoding, since the log is hash-chained; so a
 * number that is longer than needed is refused.
 */
#include "base/codec.h"

#include <inttypes.h>
#include <stdbool.h>

#include "base/check.h"
#include "base/crypto.h"
#include "base/id.h"

#define HASH_BYTES     32
#define VARINT_BYTES   10
#define GROUP_BITS     7
#define GROUP_MASK     0x7f
#define MORE           0x80
#define LAST_GROUP_MAX 1 /* of a 64-bit number in 10 groups of 7 bits */
#define SAFE_NUMBER    (UINT64_C(1) << 53)

static const char no_hash[HASH_BYTES];

/* Fields are reached by offset, so by memcpy: no alignment is assumed. */
static const char *at(const void *base, size_t offset)
{
	return (const char *)base + offset;
}

static char *at_mut(void *base, size_t offset)
{
	return (char *)base + offset;
}

static size_t varint(uint64_t v, char dst[VARINT_BYTES])
{
	size_t n = 0;

	while (v > GROUP_MASK) {
		dst[n++] = (char)(v | MORE);
		v >>= GROUP_BITS;
	}
	dst[n++] = (char)v;
	return n;
}

void put_u64(struct buf *out, uint64_t v)
{
	if (v <= GROUP_MASK) {
		buf_add_char(out, (char)v);
		return;
	}
	if (!buf_reserve(out, VARINT_BYTES)) {
		return;
	}
	out->len += varint(v, out->data + out->len);
	out->data[out->len] = '\0';
}

void put_i64(struct buf *out, int64_t v)
{
	put_u64(out, ((uint64_t)v << 1) ^ (v < 0 ? UINT64_MAX : 0));
}

void put_str(struct buf *out, struct str s)
{
	put_u64(out, s.n);
	buf_add_str(out, s);
}

struct reader reader_of(struct str bytes)
{
	return (struct reader){ (const uint8_t *)bytes.p, bytes.n, false };
}

static uint64_t fail(struct reader *r)
{
	r->failed = true;
	r->n = 0;
	return 0;
}

uint64_t get_u64(struct reader *r)
{
	uint64_t v = 0;
	size_t i;

	for (i = 0; i < r->n && i < VARINT_BYTES; i++) {
		uint64_t group = r->p[i] & GROUP_MASK;

		v |= group << (i * GROUP_BITS);
		if ((r->p[i] & MORE) != 0)
			continue;
		if (i > 0 && group == 0)
			return fail(r); /* longer than needed */
		if (i == VARINT_BYTES - 1 && group > LAST_GROUP_MAX)
			return fail(r); /* more than 64 bits */
		r->p += i + 1;
		r->n -= i + 1;
		return v;
	}
	return fail(r);
}

int64_t get_i64(struct reader *r)
{
	uint64_t v = get_u64(r);

	return (int64_t)((v >> 1) ^ (0 - (v & 1)));
}

struct str get_str(struct reader *r)
{
	uint64_t n = get_u64(r);
	struct str s;

	if (n > r->n) {
		fail(r);
		return STR_NONE;
	}
	s = (struct str){ n == 0 ? NULL : (const char *)r->p, (size_t)n };
	if (n > 0)
		r->p += n;
	r->n -= (size_t)n;
	return s;
}

static size_t number_size(enum field_type type)
{
	switch (type) {
	case FIELD_U8:
		return sizeof(uint8_t);
	case FIELD_U16:
		return sizeof(uint16_t);
	case FIELD_U32:
		return sizeof(uint32_t);
	case FIELD_BOOL:
		return sizeof(bool);
	default:
		return sizeof(uint64_t);
	}
}

static uint64_t load(const struct field *f, const void *base)
{
	uint64_t u64;
	uint32_t u32;
	uint16_t u16;

	switch (number_size(f->type)) {
	case 1:
		return *(const uint8_t *)at(base, f->offset);
	case 2:
		memcpy(&u16, at(base, f->offset), sizeof(u16));
		return u16;
	case 4:
		memcpy(&u32, at(base, f->offset), sizeof(u32));
		return u32;
	default:
		memcpy(&u64, at(base, f->offset), sizeof(u64));
		return u64;
	}
}

/* False when v does not fit the field. */
static bool save(const struct field *f, void *base, uint64_t v)
{
	size_t size = number_size(f->type);
	uint64_t max =
	    f->type == FIELD_BOOL ? 1 : UINT64_MAX >> (64 - size * 8);
	uint32_t u32 = (uint32_t)v;
	uint16_t u16 = (uint16_t)v;
	uint8_t u8 = (uint8_t)v;

	if (v > max)
		return false;
	switch (size) {
	case 1:
		memcpy(at_mut(base, f->offset), &u8, size);
		break;
	case 2:
		memcpy(at_mut(base, f->offset), &u16, size);
		break;
	case 4:
		memcpy(at_mut(base, f->offset), &u32, size);
		break;
	default:
		memcpy(at_mut(base, f->offset), &v, size);
	}
	return true;
}

static struct str load_str(const struct field *f, const void *base)
{
	struct str s;

	memcpy(&s, at(base, f->offset), sizeof(s));
	return s;
}

static struct str load_hash(const struct field *f, const void *base)
{
	struct str s = { at(base, f->offset), HASH_BYTES };

	return memcmp(s.p, no_hash, s.n) == 0 ? STR_NONE : s;
}

static uint8_t load_count(const struct field *f, const void *base)
{
	uint8_t n = *(const uint8_t *)at(base, f->count_offset);

	check(n <= f->item_max);
	return n;
}

/*
 * Each element stands behind its length, so that an element's table may grow
 * at its end too. The length is not known before; nearly always it takes the
 * one byte that was left for it.
 */
static void encode_item(
    const struct field *fields, const void *from, struct buf *out)
{
	char head[VARINT_BYTES];
	size_t start = out->len;
	size_t head_len;
	size_t len;

	buf_add_char(out, 0);
	encode(fields, from, out);
	if (out->failed)
		return;
	len = out->len - start - 1;
	head_len = varint(len, head);
	if (head_len > 1) {
		buf_add(out, head, head_len - 1);
		if (out->failed)
			return;
		memmove(
		    out->data + start + head_len, out->data + start + 1, len);
	}
	memcpy(out->data + start, head, head_len);
}

static void encode_list(
    const struct field *f, const void *from, struct buf *out)
{
	uint8_t n = load_count(f, from);
	uint8_t i;

	put_u64(out, n);
	for (i = 0; i < n; i++)
		encode_item(
		    f->item, at(from, f->offset + i * f->item_size), out);
}

void encode(const struct field *fields, const void *from, struct buf *out)
{
	const struct field *f;

	for (f = fields; f->name != NULL; f++) {
		switch (f->type) {
		case FIELD_I64:
			put_i64(out, (int64_t)load(f, from));
			break;
		case FIELD_HASH:
			put_str(out, load_hash(f, from));
			break;
		case FIELD_STR:
			put_str(out, load_str(f, from));
			break;
		case FIELD_LIST:
			encode_list(f, from, out);
			break;
		default:
			put_u64(out, load(f, from));
		}
	}
}

static bool decode_hash(const struct field *f, struct reader *r, void *to)
{
	struct str s = get_str(r);

	if (s.n != 0 && (s.n != HASH_BYTES || memcmp(s.p, no_hash, s.n) == 0))
		return false;
	if (s.n != 0)
		memcpy(at_mut(to, f->offset), s.p, s.n);
	return true;
}

static bool decode_list(const struct field *f, struct reader *r, void *to)
{
	uint64_t n = get_u64(r);
	uint8_t count = (uint8_t)n;
	uint64_t i;

	if (n > f->item_max || n > UINT8_MAX)
		return false;
	for (i = 0; i < n; i++) {
		struct reader item = reader_of(get_str(r));

		if (decode(f->item, &item,
		        at_mut(to, f->offset + i * f->item_size)) != 0 ||
		    item.n != 0)
			return false;
	}
	memcpy(at_mut(to, f->count_offset), &count, sizeof(count));
	return true;
}

static bool decode_field(const struct field *f, struct reader *r, void *to)
{
	struct str s;

	switch (f->type) {
	case FIELD_I64:
		return save(f, to, (uint64_t)get_i64(r));
	case FIELD_HASH:
		return decode_hash(f, r, to);
	case FIELD_STR:
		s = get_str(r);
		memcpy(at_mut(to, f->offset), &s, sizeof(s));
		return true;
	case FIELD_LIST:
		return decode_list(f, r, to);
	default:
		return save(f, to, get_u64(r));
	}
}

int decode(const struct field *fields, struct reader *r, void *to)
{
	const struct field *f;
	bool good = !r->failed;

	for (f = fields; good && f->name != NULL && r->n > 0; f++)
		good = decode_field(f, r, to) && !r->failed;
	if (!good) {
		fail(r);
		return ERR_CORRUPT;
	}
	return 0;
}

static void show_list(
    const struct field *f, const void *from, struct json_writer *w)
{
	uint8_t n = load_count(f, from);
	uint8_t i;

	if (n == 0)
		return;
	jw_key(w, f->name);
	jw_array(w);
	for (i = 0; i < n; i++) {
		jw_object(w);
		fields_show(f->item, at(from, f->offset + i * f->item_size), w);
		jw_end(w);
	}
	jw_end(w);
}

static void show_hash(
    const struct field *f, const void *from, struct json_writer *w)
{
	struct str hash = load_hash(f, from);
	struct buf hex = { 0 };

	if (hash.n == 0)
		return;
	hex_encode((const uint8_t *)hash.p, hash.n, &hex);
	jw_kstr(w, f->name, buf_str(&hex));
	buf_done(&hex);
}

/* A digest of 64 bits is no JSON number: json.h reads none beyond 2^53. */
static void show_big(const struct field *f, uint64_t v, struct json_writer *w)
{
	jw_key(w, f->name);
	jw_textf(w, "%" PRIu64, v);
}

static void show_number(
    const struct field *f, uint64_t v, struct json_writer *w)
{
	if (v == 0)
		return;
	if (f->type == FIELD_ID)
		jw_kid(w, f->name, f->letter, v);
	else if (f->type == FIELD_BOOL)
		jw_kbool(w, f->name, true);
	else if (f->type == FIELD_I64)
		jw_kint(w, f->name, (int64_t)v);
	else if (f->show != NULL)
		jw_ktext(w, f->name, f->show((unsigned)v));
	else if (v <= SAFE_NUMBER)
		jw_ku64(w, f->name, v);
	else
		show_big(f, v, w);
}

void fields_show(
    const struct field *fields, const void *from, struct json_writer *w)
{
	const struct field *f;

	for (f = fields; f->name != NULL; f++) {
		if (f->type == FIELD_LIST)
			show_list(f, from, w);
		else if (f->type == FIELD_HASH)
			show_hash(f, from, w);
		else if (f->type != FIELD_STR)
			show_number(f, load(f, from), w);
		else if (load_str(f, from).n > 0)
			jw_kstr(w, f->name, load_str(f, from));
	}
}
