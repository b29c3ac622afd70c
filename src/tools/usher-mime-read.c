/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * usher-mime-read.c - a mail that passed the scan, as the facts of it.
 *
 * Entered by usher-mime only, inside its sandbox, after the scan. GMime takes
 * the mail apart; what comes out is cut to size and made valid UTF-8 here.
 * Nothing is executed, opened or written, no archive is looked into.
 */
#include "tools/usher-mime-read.h"

#include <gmime/gmime.h>
#include <string.h>

#include "base/json.h"
#include "base/utf8.h"
#include "tools/usher-mime-text.h"

#define SUBJECT_MAX    512
#define NAME_MAX_BYTES 256
#define ADDRESS_MAX    320
#define ID_MAX         512
#define TO_MAX         50
#define REFERENCES_MAX 50
#define PART_TEXT_MAX  ((size_t)1024 * 1024) /* decoded, before it is cut */
#define DEPTH_MAX      24 /* the scan has stopped deeper ones */

struct attachment {
	char *name;
	char *type;
	size_t size;
};

struct mail {
	struct buf text;
	struct attachment attachments[READ_ATTACHMENTS_MAX];
	size_t attachment_count;
	bool cut;
};

/* A warning of a library would be written to a place that is closed. */
static GLogWriterOutput say_nothing(GLogLevelFlags level,
    const GLogField *fields, gsize field_count, gpointer arg)
{
	(void)level;
	(void)fields;
	(void)field_count;
	(void)arg;
	return G_LOG_WRITER_HANDLED;
}

void mime_read_prepare(void)
{
	g_log_set_writer_func(say_nothing, NULL, NULL);
	g_mime_init();
	text_prepare();
}

/* ---- texts --------------------------------------------------------------------- */

/* Valid UTF-8, one line, at most `most` bytes. */
static void put_line(
    struct json_writer *w, const char *name, const char *text, size_t most)
{
	struct buf clean = { 0 };
	size_t i;

	utf8_repair(str_of(text), &clean);
	for (i = 0; i < clean.len; i++)
		if ((unsigned char)clean.data[i] < ' ' || clean.data[i] == 0x7f)
			clean.data[i] = ' ';
	jw_kstr(w, name, str_trim(utf8_cut(buf_str(&clean), most)));
	buf_done(&clean);
}

/* The decoded bytes of a part. */
static GByteArray *decoded(GMimePart *part)
{
	GMimeDataWrapper *content = g_mime_part_get_content(part);
	GMimeStream *to = g_mime_stream_mem_new();
	GByteArray *bytes;

	if (content != NULL)
		(void)g_mime_data_wrapper_write_to_stream(content, to);
	g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(to), FALSE);
	bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(to));
	g_object_unref(to);
	return bytes;
}

static size_t decoded_size(GMimePart *part)
{
	GMimeDataWrapper *content = g_mime_part_get_content(part);
	GMimeStream *nowhere = g_mime_stream_null_new();
	ssize_t n = 0;

	if (content != NULL)
		n = g_mime_data_wrapper_write_to_stream(content, nowhere);
	g_object_unref(nowhere);
	return n < 0 ? 0 : (size_t)n;
}

/* Line ends become LF; other control characters are nobody's words. */
static void add_text(struct mail *m, struct str text)
{
	if (text.n > 0 && m->text.len > 0)
		buf_add_text(&m->text, "\n\n");
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if (c >= ' ' || c == '\n' || c == '\t')
			buf_add_char(&m->text, (char)c);
	}
}

static void add_part(struct mail *m, GMimePart *part, bool html)
{
	GByteArray *bytes = decoded(part);
	struct str raw = { (const char *)bytes->data, bytes->len };
	struct buf utf8 = { 0 };
	struct buf plain = { 0 };

	if (raw.n > PART_TEXT_MAX) {
		raw.n = PART_TEXT_MAX;
		m->cut = true;
	}
	text_to_utf8(raw,
	    g_mime_object_get_content_type_parameter(
	        GMIME_OBJECT(part), "charset"),
	    &utf8);
	if (html)
		text_of_html(buf_str(&utf8), &plain);
	add_text(m, html ? buf_str(&plain) : buf_str(&utf8));
	buf_done(&plain);
	buf_done(&utf8);
	g_byte_array_free(bytes, TRUE);
}

/* ---- parts ----------------------------------------------------------------------- */

static void add_attachment(
    struct mail *m, GMimeObject *o, const char *name, size_t size)
{
	struct attachment *a;

	if (m->attachment_count == READ_ATTACHMENTS_MAX)
		return;
	a = &m->attachments[m->attachment_count++];
	a->name = g_strdup(name == NULL ? "" : name);
	a->type = g_mime_content_type_get_mime_type(
	    g_mime_object_get_content_type(o));
	a->size = size;
}

static bool is_text(GMimeObject *o, const char *subtype)
{
	return GMIME_IS_PART(o) &&
	       g_mime_content_type_is_type(
	           g_mime_object_get_content_type(o), "text", subtype);
}

static bool is_shown(GMimeObject *o)
{
	return (is_text(o, "plain") || is_text(o, "html")) &&
	       !g_mime_part_is_attachment(GMIME_PART(o));
}

/* A form of this alternative that has the text, or NULL. */
static GMimeObject *find_form(
    GMimeMultipart *alternative, const char *subtype, unsigned depth)
{
	int n = g_mime_multipart_get_count(alternative);
	GMimeObject *found = NULL;

	for (int i = 0; i < n && found == NULL; i++) {
		GMimeObject *o = g_mime_multipart_get_part(alternative, i);

		if (is_text(o, subtype) &&
		    !g_mime_part_is_attachment(GMIME_PART(o)))
			found = o;
		else if (GMIME_IS_MULTIPART(o) && depth < DEPTH_MAX)
			found =
			    find_form(GMIME_MULTIPART(o), subtype, depth + 1);
	}
	return found;
}

/* The same said in several forms: plain if there is one, else HTML. */
static void add_form(struct mail *m, GMimeMultipart *parts, unsigned depth)
{
	GMimeObject *form = find_form(parts, "plain", depth);

	if (form == NULL)
		form = find_form(parts, "html", depth);
	if (form != NULL)
		add_part(m, GMIME_PART(form), is_text(form, "html"));
}

static void add_leaf(struct mail *m, GMimeObject *o)
{
	GMimeMessage *inner;

	if (GMIME_IS_MESSAGE_PART(o)) {
		inner = g_mime_message_part_get_message(GMIME_MESSAGE_PART(o));
		add_attachment(m, o,
		    inner == NULL ? NULL : g_mime_message_get_subject(inner),
		    0);
	} else if (is_shown(o)) {
		add_part(m, GMIME_PART(o), is_text(o, "html"));
	} else if (GMIME_IS_PART(o)) {
		add_attachment(m, o, g_mime_part_get_filename(GMIME_PART(o)),
		    decoded_size(GMIME_PART(o)));
	}
}

/* Of an alternative, what is no form of its text is an attachment. */
static void walk(struct mail *m, GMimeObject *o, unsigned depth)
{
	GMimeMultipart *parts;
	bool forms;

	if (o == NULL || depth > DEPTH_MAX)
		return;
	if (!GMIME_IS_MULTIPART(o)) {
		add_leaf(m, o);
		return;
	}
	parts = GMIME_MULTIPART(o);
	forms = g_mime_content_type_is_type(
	    g_mime_object_get_content_type(o), "multipart", "alternative");
	if (forms)
		add_form(m, parts, depth);
	for (int i = 0; i < g_mime_multipart_get_count(parts); i++) {
		GMimeObject *part = g_mime_multipart_get_part(parts, i);

		if (!forms || (GMIME_IS_PART(part) && !is_shown(part)))
			walk(m, part, depth + 1);
	}
}

/* ---- headers ---------------------------------------------------------------------- */

static void put_mailbox(struct json_writer *w, InternetAddress *a)
{
	const char *name = internet_address_get_name(a);

	jw_object(w);
	if (name != NULL && name[0] != '\0')
		put_line(w, "name", name, NAME_MAX_BYTES);
	put_line(w, "address",
	    internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(a)),
	    ADDRESS_MAX);
	jw_end(w);
}

/* The first mailbox of a list, or NULL. */
static InternetAddress *first_mailbox(InternetAddressList *list)
{
	int n = list == NULL ? 0 : internet_address_list_length(list);

	for (int i = 0; i < n; i++) {
		InternetAddress *a = internet_address_list_get_address(list, i);

		if (INTERNET_ADDRESS_IS_MAILBOX(a))
			return a;
	}
	return NULL;
}

static void put_people(struct json_writer *w, GMimeMessage *message)
{
	InternetAddress *from = first_mailbox(g_mime_message_get_from(message));
	InternetAddressList *to = g_mime_message_get_to(message);
	int n = to == NULL ? 0 : internet_address_list_length(to);

	if (from != NULL) {
		jw_key(w, "from");
		put_mailbox(w, from);
	}
	jw_key(w, "to");
	jw_array(w);
	for (int i = 0; i < n && i < TO_MAX; i++) {
		InternetAddress *a = internet_address_list_get_address(to, i);

		if (INTERNET_ADDRESS_IS_MAILBOX(a))
			put_mailbox(w, a);
	}
	jw_end(w);
}

/* GMime keeps Content-* with the body, the rest with the message. */
static const char *header(GMimeMessage *message, const char *name)
{
	GMimeObject *body = g_mime_message_get_mime_part(message);
	const char *said =
	    g_mime_object_get_header(GMIME_OBJECT(message), name);

	if (said == NULL && body != NULL)
		said = g_mime_object_get_header(body, name);
	return said;
}

static void put_ids(struct json_writer *w, GMimeMessage *message)
{
	const char *answers = header(message, "In-Reply-To");
	const char *line = header(message, "References");
	const char *id = g_mime_message_get_message_id(message);
	GMimeReferences *refs;
	int n;
	int i;

	if (id != NULL)
		put_line(w, "message_id", id, ID_MAX);
	refs = g_mime_references_parse(NULL, answers == NULL ? "" : answers);
	if (g_mime_references_length(refs) > 0)
		put_line(w, "in_reply_to",
		    g_mime_references_get_message_id(refs, 0), ID_MAX);
	g_mime_references_free(refs);
	refs = g_mime_references_parse(NULL, line == NULL ? "" : line);
	n = g_mime_references_length(refs);
	jw_key(w, "references");
	jw_array(w);
	for (i = n > REFERENCES_MAX ? n - REFERENCES_MAX : 0; i < n; i++)
		jw_text(w, g_mime_references_get_message_id(refs, i));
	jw_end(w);
	g_mime_references_free(refs);
}

static void put_date(struct json_writer *w, GMimeMessage *message)
{
	GDateTime *said = g_mime_message_get_date(message);
	GDateTime *utc = said == NULL ? NULL : g_date_time_to_utc(said);
	gchar *text;

	if (utc == NULL)
		return;
	text = g_date_time_format(utc, "%Y-%m-%dT%H:%M:%SZ");
	if (text != NULL)
		jw_ktext(w, "date", text);
	g_free(text);
	g_date_time_unref(utc);
}

static void put_language(struct json_writer *w, GMimeMessage *message)
{
	const char *said = header(message, "Content-Language");

	if (said != NULL && g_ascii_isalpha(said[0]) &&
	    g_ascii_isalpha(said[1]) && !g_ascii_isalpha(said[2]))
		jw_kstr(w, "language", (struct str){ said, 2 });
}

static bool starts_with(const char *said, const char *word)
{
	return said != NULL &&
	       g_ascii_strncasecmp(said, word, strlen(word)) == 0;
}

/* Written by a machine (RFC 3834 and common practice): nobody waits for an
 * answer, and one may start a loop. */
static bool is_auto(GMimeMessage *message)
{
	static const char *const lists[] = { "List-Id", "List-Unsubscribe",
		"List-Post", "List-Help" };
	const char *said = header(message, "Auto-Submitted");
	const char *precedence = header(message, "Precedence");
	InternetAddress *from = first_mailbox(g_mime_message_get_from(message));
	const char *address = "";

	if (said != NULL && !starts_with(said, "no"))
		return true;
	if (starts_with(precedence, "bulk") ||
	    starts_with(precedence, "list") || starts_with(precedence, "junk"))
		return true;
	for (size_t i = 0; i < G_N_ELEMENTS(lists); i++)
		if (header(message, lists[i]) != NULL)
			return true;
	if (from != NULL)
		address = internet_address_mailbox_get_addr(
		    INTERNET_ADDRESS_MAILBOX(from));
	return starts_with(address, "mailer-daemon@") ||
	       starts_with(address, "no-reply@") ||
	       starts_with(address, "noreply@");
}

static bool is_bounce(GMimeMessage *message)
{
	GMimeObject *o = g_mime_message_get_mime_part(message);
	const char *report;

	if (o == NULL ||
	    !g_mime_content_type_is_type(
	        g_mime_object_get_content_type(o), "multipart", "report"))
		return false;
	report = g_mime_object_get_content_type_parameter(o, "report-type");
	return report != NULL &&
	       g_ascii_strcasecmp(report, "delivery-status") == 0;
}

/* ---- the whole ---------------------------------------------------------------------- */

static void put_text(struct json_writer *w, struct mail *m)
{
	struct str text = utf8_cut(buf_str(&m->text), READ_TEXT_MAX);

	if (text.n < m->text.len)
		m->cut = true;
	while (text.n > 0 && g_ascii_isspace(text.p[text.n - 1]))
		text.n--;
	jw_kstr(w, "text", text);
	if (m->cut)
		jw_kbool(w, "cut", true);
}

static void put_attachments(struct json_writer *w, struct mail *m)
{
	jw_key(w, "attachments");
	jw_array(w);
	for (size_t i = 0; i < m->attachment_count; i++) {
		struct attachment *a = &m->attachments[i];

		jw_object(w);
		put_line(w, "name", a->name, NAME_MAX_BYTES);
		put_line(w, "type", a->type, NAME_MAX_BYTES);
		jw_ku64(w, "size", a->size);
		jw_end(w);
		g_free(a->name);
		g_free(a->type);
	}
	jw_end(w);
}

static void put_mail(struct json_writer *w, GMimeMessage *message)
{
	const char *subject = g_mime_message_get_subject(message);
	struct mail m = { 0 };

	buf_init(&m.text, PART_TEXT_MAX * 4);
	walk(&m, g_mime_message_get_mime_part(message), 0);
	put_people(w, message);
	if (subject != NULL)
		put_line(w, "subject", subject, SUBJECT_MAX);
	put_ids(w, message);
	put_date(w, message);
	put_language(w, message);
	put_text(w, &m);
	put_attachments(w, &m);
	jw_kbool(w, "auto", is_auto(message));
	jw_kbool(w, "bounce", is_bounce(message));
	buf_done(&m.text);
}

void mime_read_mail(struct str raw, struct buf *out)
{
	GMimeStream *stream = g_mime_stream_mem_new_with_buffer(raw.p, raw.n);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
	struct json_writer w;

	jw_init(&w, out);
	jw_object(&w);
	if (message != NULL)
		put_mail(&w, message);
	else
		jw_ktext(&w, "error", "no-mail");
	jw_end(&w);
	if (message != NULL)
		g_object_unref(message);
	g_object_unref(parser);
	g_object_unref(stream);
}
