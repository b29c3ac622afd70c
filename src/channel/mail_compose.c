/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mail_compose.c - a reply as the world of mail wants it (RFC 5322, MIME).
 *
 * Entered by mail_send.c and tests. Lines stay under 78 bytes; whatever is not
 * printable ASCII goes out as encoded words (RFC 2047) in headers and as
 * quoted-printable (RFC 2045) in the text, so that no relay has to change it.
 */
#include "channel/mail_compose.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/crypto.h"
#include "base/utf8.h"

#define LINE_MAX_QP 73 /* leaves room for a last "=XX" and the soft break */
#define WORD_BYTES  39 /* of UTF-8 in one encoded word: 52 of base64 */
#define SUBJECT_MAX 512
#define ADDRESS_MAX 254
#define MAC_BYTES   8

bool mail_address_is_good(struct str a)
{
	size_t at = 0;

	if (a.n < 3 || a.n > ADDRESS_MAX)
		return false;
	for (size_t i = 0; i < a.n; i++) {
		unsigned char c = (unsigned char)a.p[i];

		if (c <= ' ' || c >= 0x7f || c == '<' || c == '>' || c == '"' ||
		    c == '(' || c == ')' || c == ',' || c == ';' || c == ':' ||
		    c == '\\')
			return false;
		if (c == '@') {
			if (at != 0)
				return false;
			at = i;
		}
	}
	return at > 0 && at + 1 < a.n && a.p[0] != '-';
}

/* ---- headers ------------------------------------------------------------------ */

static bool is_plain(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c < ' ' || c >= 0x7f)
			return false;
	}
	/* "=?" would be read as an encoded word. */
	return s.n <= 60 && str_find_str(s, STR("=?")) == s.n;
}

/* Control characters, line ends among them, become blanks. */
static void flatten(struct str s, struct buf *out)
{
	struct buf clean = { 0 };

	utf8_repair(s, &clean);
	for (size_t i = 0; i < clean.len; i++) {
		unsigned char c = (unsigned char)clean.data[i];

		buf_add_char(out, c < ' ' || c == 0x7f ? ' ' : (char)c);
	}
	buf_done(&clean);
}

static void add_words(struct str s, struct buf *out)
{
	while (s.n > 0) {
		struct str part = utf8_cut(s, WORD_BYTES);

		buf_add_text(out, "=?UTF-8?B?");
		base64_encode(part, out);
		buf_add_text(out, "?=");
		s = str_from(s, part.n);
		if (s.n > 0)
			buf_add_text(out, "\r\n ");
	}
}

static void add_unstructured(struct str s, struct buf *out)
{
	struct buf flat = { 0 };

	flatten(s, &flat);
	if (is_plain(buf_str(&flat)))
		buf_add_str(out, buf_str(&flat));
	else
		add_words(utf8_cut(buf_str(&flat), SUBJECT_MAX), out);
	buf_done(&flat);
}

static void add_subject(struct str subject, struct buf *out)
{
	struct buf text = { 0 };

	subject = str_trim(subject);
	if (subject.n < 3 || !str_is_nocase(str_sub(subject, 0, 3), "re:"))
		buf_add_text(&text, "Re: ");
	buf_add_str(&text, subject);
	buf_add_text(out, "Subject: ");
	add_unstructured(str_trim(buf_str(&text)), out);
	buf_add_text(out, "\r\n");
	buf_done(&text);
}

static void add_from(const struct mail_reply *m, struct buf *out)
{
	buf_add_text(out, "From: ");
	if (m->from_name.n > 0) {
		add_words(utf8_cut(m->from_name, SUBJECT_MAX), out);
		buf_add_text(out, "\r\n ");
	}
	buf_addf(out, "<%.*s>\r\n", (int)m->from.n, m->from.p);
}

/* RFC 5322 3.3; days and months are never translated. */
static void add_date(msec_t wall, struct buf *out)
{
	static const char days[7][4] = { "Thu", "Fri", "Sat", "Sun", "Mon",
		"Tue", "Wed" }; /* 1970-01-01 was a Thursday */
	static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May",
		"Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	char text[CLOCK_TEXT];
	struct str t;
	uint64_t month = 1;

	clock_format(wall, text); /* 2026-11-22T02:44:31.123Z */
	t = str_of(text);
	if (str_to_u64(str_sub(t, 5, 2), &month) != 0 || month > 12)
		month = 1;
	buf_addf(out, "Date: %s, %.2s %s %.4s %.8s +0000\r\n",
	    days[wall / 86400000 % 7], text + 8, months[month - 1], text,
	    text + 11);
}

/* An id of somebody else: one word, or it is left out. */
static bool id_is_good(struct str id)
{
	if (id.n == 0 || id.n > 512)
		return false;
	for (size_t i = 0; i < id.n; i++) {
		unsigned char c = (unsigned char)id.p[i];

		if (c <= ' ' || c >= 0x7f || c == '<' || c == '>')
			return false;
	}
	return true;
}

static struct str without_brackets(struct str id)
{
	id = str_trim(id);
	if (id.n >= 2 && id.p[0] == '<' && id.p[id.n - 1] == '>')
		return str_sub(id, 1, id.n - 2);
	return id;
}

static void add_thread(const struct mail_reply *m, struct buf *out)
{
	struct str answers = without_brackets(m->answers);

	buf_addf(out, "Message-ID: <%.*s>\r\n", (int)m->id.n, m->id.p);
	if (!id_is_good(answers))
		return;
	buf_addf(out, "In-Reply-To: <%.*s>\r\n", (int)answers.n, answers.p);
	buf_addf(out, "References: <%.*s>\r\n", (int)answers.n, answers.p);
}

/* ---- the text ----------------------------------------------------------------- */

struct quoted {
	struct buf *out;
	size_t column;
};

static void put_quoted(struct quoted *q, char c, bool literal)
{
	static const char hex[] = "0123456789ABCDEF";
	unsigned char u = (unsigned char)c;

	if (q->column >= LINE_MAX_QP) {
		buf_add_text(q->out, "=\r\n");
		q->column = 0;
	}
	if (literal) {
		buf_add_char(q->out, c);
		q->column++;
		return;
	}
	buf_add_char(q->out, '=');
	buf_add_char(q->out, hex[u >> 4]);
	buf_add_char(q->out, hex[u & 15]);
	q->column += 3;
}

/* Blanks at a line's end, a leading dot (SMTP) and "From " (mbox) are written
 * so that nobody touches them on the way. */
static void put_line(struct quoted *q, struct str line)
{
	for (size_t i = 0; i < line.n; i++) {
		unsigned char c = (unsigned char)line.p[i];
		bool blank = c == ' ' || c == '\t';
		bool literal = (c > ' ' && c < 0x7f && c != '=') || blank;

		if (blank && i + 1 == line.n)
			literal = false;
		if (q->column == 0 && (c == '.' || c == 'F'))
			literal = false;
		put_quoted(q, (char)c, literal);
	}
	buf_add_text(q->out, "\r\n");
	q->column = 0;
}

static void add_text(struct str text, struct buf *out)
{
	struct quoted q = { out, 0 };
	struct buf clean = { 0 };
	struct str rest;

	utf8_repair(text, &clean);
	rest = buf_str(&clean);
	while (rest.n > 0) {
		struct str line = str_next(&rest, '\n');

		if (line.n > 0 && line.p[line.n - 1] == '\r')
			line.n--;
		put_line(&q, line);
	}
	buf_done(&clean);
}

int mail_compose(const struct mail_reply *m, struct buf *out)
{
	if (!mail_address_is_good(m->from) || !mail_address_is_good(m->to))
		return ERR_INVALID;
	add_from(m, out);
	buf_addf(out, "To: <%.*s>\r\n", (int)m->to.n, m->to.p);
	add_subject(m->subject, out);
	add_date(m->wall, out);
	add_thread(m, out);
	buf_add_text(out, "MIME-Version: 1.0\r\n"
	                  "Content-Type: text/plain; charset=UTF-8\r\n"
	                  "Content-Transfer-Encoding: quoted-printable\r\n"
	                  "\r\n");
	add_text(m->text, out);
	return out->failed ? ERR_TOO_LARGE : 0;
}

/* ---- ids ------------------------------------------------------------------------ */

static void add_mac(
    const uint8_t *key, uint64_t contact, uint64_t message, struct buf *out)
{
	uint8_t mac[SHA256_BYTES];
	char said[64];

	(void)snprintf(
	    said, sizeof(said), "c.%" PRIu64 ".%" PRIu64, contact, message);
	hmac_sha256(
	    (struct str){ (const char *)key, SHA256_BYTES }, str_of(said), mac);
	hex_encode(mac, MAC_BYTES, out);
}

void mail_id(const uint8_t *key, struct contact_id contact,
    struct message_id message, struct str domain, struct buf *out)
{
	buf_addf(out, "c.%" PRIu64 ".%" PRIu64 ".", contact.v, message.v);
	add_mac(key, contact.v, message.v, out);
	buf_addf(out, "@%.*s", (int)domain.n, domain.p);
}

bool mail_id_read(const uint8_t *key, struct str id, struct contact_id *out)
{
	struct str rest = without_brackets(id);
	struct buf mac = { 0 };
	uint64_t contact;
	uint64_t message;
	bool ours;

	rest = str_sub(rest, 0, str_find(rest, '@'));
	if (!str_is(str_next(&rest, '.'), "c") ||
	    str_to_u64(str_next(&rest, '.'), &contact) != 0 ||
	    str_to_u64(str_next(&rest, '.'), &message) != 0)
		return false;
	add_mac(key, contact, message, &mac);
	ours = rest.n == mac.len && crypto_same(rest.p, mac.data, mac.len);
	buf_done(&mac);
	if (ours)
		out->v = contact;
	return ours;
}
