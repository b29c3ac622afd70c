/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_base_json.c - the reader: what is refused and why, every limit at
 * limit - 1, limit and limit + 1, and that what is accepted says what it said.
 * Documents lie in blocks of exactly their size.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/check.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/rng.h"

#define DEPTH_MAX  32
#define VALUES_MAX 10000

/* Parses a copy without a terminator; the copy is gone when it returns, so a
 * tree that kept a pointer into the text would be seen. */
static int parse_max(
    struct str text, size_t string_max, struct json **out, struct fault *why)
{
	char *copy = mem_copy(text.p, text.n);
	int err =
	    json_parse((struct str){ copy, text.n }, string_max, out, why);

	mem_free(copy);
	return err;
}

static struct json *parsed(const char *text)
{
	struct json *v = NULL;
	struct fault why = { 0 };

	if (parse_max(str_of(text), 0, &v, &why) != 0)
		fail_msg("%s: %s", text, why.text);
	return v;
}

static void assert_refused(struct str text, int wanted)
{
	struct json *v = NULL;
	struct fault why = { 0 };
	size_t before = mem_live();
	int err = parse_max(text, 0, &v, &why);

	if (err != wanted)
		fail_msg("%d instead of %d for: %.*s", err, wanted, (int)text.n,
		    text.p);
	assert_null(v);
	assert_int_equal(why.code, wanted);
	assert_true(strlen(why.text) > 0);
	assert_int_equal(mem_live(), before);
}

static void assert_rewritten(struct str text, const char *wanted)
{
	struct json *v = NULL;
	struct fault why = { 0 };
	struct buf b = { 0 };
	struct json_writer w;

	if (parse_max(text, 0, &v, &why) != 0)
		fail_msg("%.*s: %s", (int)text.n, text.p, why.text);
	jw_init(&w, &b);
	jw_json(&w, v);
	assert_string_equal(b.data, wanted);
	json_free(v);
	buf_done(&b);
	assert_int_equal(mem_live(), 0);
}

static void good_documents_say_what_they_said(void **state)
{
	static const char *const cases[][2] = {
		{ "null", "null" },
		{ "true", "true" },
		{ "false", "false" },
		{ "0", "0" },
		{ "-0", "0" },
		{ "42", "42" },
		{ "-42", "-42" },
		{ "9007199254740992", "9007199254740992" },
		{ "-9007199254740992", "-9007199254740992" },
		{ "1.5", "1.5" },
		{ "-0.0", "-0.0" },
		{ "0.1", "0.1" },
		{ "5e3", "5000.0" },
		{ "5E+3", "5000.0" },
		{ "5e-3", "0.005" },
		{ "1e-400", "0.0" },
		{ "1e22", "1e+22" },
		{ "1.7976931348623157e308", "1.7976931348623157e+308" },
		{ "9007199254740993.0", "9007199254740992.0" },
		{ "\"\"", "\"\"" },
		{ "\"a\"", "\"a\"" },
		{ "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
		    "\"\\\"\\\\/\\b\\f\\n\\r\\t\"" },
		{ "\"\\u0041\\u00e9\\u20AC\"", "\"A\xc3\xa9\xe2\x82\xac\"" },
		{ "\"\\ud83d\\ude00\"", "\"\xf0\x9f\x98\x80\"" },
		{ "\"\\uD834\\uDD1E\"", "\"\xf0\x9d\x84\x9e\"" },
		{ "\"\\u0001\\u001f\\u007f\"", "\"\\u0001\\u001f\x7f\"" },
		{ "\"\xef\xbf\xbf\"", "\"\xef\xbf\xbf\"" },
		{ "\"\xe2\x80\xa8\"", "\"\xe2\x80\xa8\"" },
		{ "[]", "[]" },
		{ " [ ] ", "[]" },
		{ "{}", "{}" },
		{ "\t{\r\n}\n", "{}" },
		{ "[1,2,3]", "[1,2,3]" },
		{ "[[],[[]],{}]", "[[],[[]],{}]" },
		{ "{\"a\":1}", "{\"a\":1}" },
		{ "{\"b\":1,\"a\":{\"b\":2}}", "{\"b\":1,\"a\":{\"b\":2}}" },
		{ "{\"\":0}", "{\"\":0}" },
		{ "{ \"a\" : [ 1 , null ] , \"b\" : false }",
		    "{\"a\":[1,null],\"b\":false}" },
		{ "{\"a\\u0062\":1}", "{\"ab\":1}" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < countof(cases); i++)
		assert_rewritten(str_of(cases[i][0]), cases[i][1]);
}

static const char *const bad_documents[] = {
	/* nothing, or not one value */
	"",
	" ",
	"\n\t ",
	"1 2",
	"[] []",
	"{}{}",
	"[]x",
	"null,",
	"\"a\" \"b\"",
	"1,",
	"[],",
	"]",
	"}",
	",",
	":",
	/* words */
	"nul",
	"nulL",
	"True",
	"FALSE",
	"truex",
	"tru",
	"undefined",
	"NaN",
	"Infinity",
	"-Infinity",
	"nan",
	"'a'",
	"a",
	/* numbers */
	"01",
	"-01",
	"00",
	"+1",
	"-",
	"--1",
	"1.",
	".5",
	"-.5",
	"1.e1",
	"1e",
	"1e+",
	"1E-",
	"1e1.5",
	"0x1",
	"1_000",
	"1a",
	"1 .5",
	"-a",
	"0e",
	"\xef\xbc\x91",
	"1e400",
	"-1e999",
	"9007199254740993",
	"-9007199254740993",
	"18446744073709551616",
	"123456789012345678901234567890",
	/* strings */
	"\"",
	"\"a",
	"\"a\\",
	"\"\\\"",
	"\"a\nb\"",
	"\"\t\"",
	"\"\x1f\"",
	"\"\x01\"",
	"\"\\x41\"",
	"\"\\a\"",
	"\"\\'\"",
	"\"\\0\"",
	"\"\\U0041\"",
	"\"\\u\"",
	"\"\\u004\"",
	"\"\\u004",
	"\"\\u00g0\"",
	"\"\\u-041\"",
	"\"\\u0000\"",
	"\"a\\u0000b\"",
	"\"\\ud800\"",
	"\"\\udbff\"",
	"\"\\udc00\"",
	"\"\\udfff\"",
	"\"\\ud800\\ud800\"",
	"\"\\ud800\\u0041\"",
	"\"\\ud800x\"",
	"\"\\ud800\\n\"",
	"\"\\ud800\\u\"",
	"\"\\ude00\\ud83d\"",
	/* UTF-8 */
	"\"\x80\"",
	"\"\xff\"",
	"\"\xc0\x80\"",
	"\"\xed\xa0\x80\"",
	"\"\xf4\x90\x80\x80\"",
	"\"\xe2\x82\"",
	"\"\xc3\"",
	"\xff",
	"\xef\xbb\xbf{}",
	"[\xa0]",
	"\xc2\xa0{}",
	/* arrays */
	"[",
	"[1",
	"[1,",
	"[1,]",
	"[,]",
	"[,1]",
	"[1,,2]",
	"[1 2]",
	"[1;2]",
	"[}",
	"[1}",
	"[\"a\"",
	"[[]",
	"[]]",
	"[1:2]",
	"[\f1]",
	"[/**/]",
	"[1]//",
	"[#]",
	/* objects */
	"{",
	"{\"a\"",
	"{\"a\":",
	"{\"a\":1",
	"{\"a\":1,",
	"{\"a\":1,}",
	"{,}",
	"{\"a\"}",
	"{\"a\" 1}",
	"{\"a\"=1}",
	"{a:1}",
	"{'a':1}",
	"{1:1}",
	"{null:1}",
	"{[]:1}",
	"{\"a\":}",
	"{\"a\"::1}",
	"{\"a\":1 \"b\":2}",
	"{\"a\":1,,\"b\":2}",
	"{]",
	"{\"a\":1]",
	"{\"a\":1}}",
	"{{}}",
	"{\"\\u0000\":1}",
	"{\"\\ud800\":1}",
	/* duplicate keys, however they are spelled */
	"{\"a\":1,\"a\":1}",
	"{\"a\":1,\"b\":2,\"a\":3}",
	"{\"a\":1,\"\\u0061\":2}",
	"{\"\":1,\"\":2}",
	"[{\"x\":{\"y\":1,\"y\":2}}]",
	"{\"\xc3\xa9\":1,\"\\u00e9\":2}",
};

static void bad_documents_are_refused(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < countof(bad_documents); i++)
		assert_refused(str_of(bad_documents[i]), ERR_SYNTAX);
	/* at least as many as the house promises */
	assert_true(countof(bad_documents) >= 60);
}

static void nul_bytes_are_refused_everywhere(void **state)
{
	(void)state;
	assert_refused(STR("\0"), ERR_SYNTAX);
	assert_refused(STR("123\0"), ERR_SYNTAX);
	assert_refused(STR("\0"
	                   "123"),
	    ERR_SYNTAX);
	assert_refused(STR("[]\0"), ERR_SYNTAX);
	assert_refused(STR("[1\0]"), ERR_SYNTAX);
	assert_refused(STR("\"a\0b\""), ERR_SYNTAX);
	assert_refused(STR("{\"a\0b\":1}"), ERR_SYNTAX);
	assert_refused(STR("{\"a\":1\0}"), ERR_SYNTAX);
	assert_refused(STR("tru\0"), ERR_SYNTAX);
	assert_refused(STR("\"\\\0\""), ERR_SYNTAX);
}

/* open n, value, close n; n levels deep in all */
static void nest(struct buf *b, const char *open, const char *close, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		buf_add_text(b, open);
	buf_add_text(b, "1");
	for (i = 0; i < n; i++)
		buf_add_text(b, close);
}

static void assert_limit(struct buf *b, bool fits)
{
	struct json *v = NULL;

	if (fits) {
		assert_int_equal(parse_max(buf_str(b), 0, &v, NULL), 0);
		json_free(v);
	} else {
		assert_refused(buf_str(b), ERR_TOO_LARGE);
	}
	buf_done(b);
	assert_int_equal(mem_live(), 0);
}

static void depth_is_limited_to_32(void **state)
{
	struct buf b = { 0 };
	size_t n;

	(void)state;
	for (n = DEPTH_MAX - 1; n <= DEPTH_MAX + 1; n++) {
		nest(&b, "[", "]", n);
		assert_limit(&b, n <= DEPTH_MAX);
		nest(&b, "{\"a\":", "}", n);
		assert_limit(&b, n <= DEPTH_MAX);
	}
	/* never closed: refused for its depth, not for its end */
	for (n = 0; n < 100000; n++)
		buf_add_text(&b, "[");
	assert_limit(&b, false);
	/* width is not depth */
	buf_add_text(&b, "[");
	for (n = 0; n < 100; n++)
		buf_add_text(&b, n == 0 ? "[]" : ",[]");
	buf_add_text(&b, "]");
	assert_limit(&b, true);
}

static void values_are_limited_to_10000(void **state)
{
	struct buf b = { 0 };
	size_t n;
	size_t i;

	(void)state;
	for (n = VALUES_MAX - 1; n <= VALUES_MAX + 1; n++) {
		/* the array itself is a value too */
		buf_add_text(&b, "[0");
		for (i = 2; i < n; i++)
			buf_add_text(&b, ",0");
		buf_add_text(&b, "]");
		assert_limit(&b, n <= VALUES_MAX);
		buf_add_text(&b, "{\"k\":0");
		for (i = 2; i < n; i++)
			buf_addf(&b, ",\"%zu\":0", i);
		buf_add_text(&b, "}");
		assert_limit(&b, n <= VALUES_MAX);
	}
}

/* A string or key that takes n bytes in memory, spelled by `unit`. */
static void add_long(
    struct buf *b, const char *unit, size_t unit_bytes, size_t n)
{
	size_t i;

	buf_add_char(b, '"');
	for (i = 0; i + unit_bytes <= n; i += unit_bytes)
		buf_add_text(b, unit);
	for (; i < n; i++)
		buf_add_char(b, 'x');
	buf_add_char(b, '"');
}

static void strings_are_limited_by_their_bytes_in_memory(void **state)
{
	static const struct {
		const char *unit;
		size_t bytes;
	} units[] = { { "a", 1 }, { "\\n", 1 }, { "\\u0041", 1 },
		{ "\xc3\xa9", 2 }, { "\\u00e9", 2 }, { "\\u20ac", 3 },
		{ "\\ud83d\\ude00", 4 } };
	static const size_t around[] = { JSON_STRING_MAX - 1, JSON_STRING_MAX,
		JSON_STRING_MAX + 1 };
	struct buf b = { 0 };
	size_t i;
	size_t k;

	(void)state;
	for (i = 0; i < countof(units); i++)
		for (k = 0; k < countof(around); k++) {
			bool fits = around[k] <= JSON_STRING_MAX;

			add_long(&b, units[i].unit, units[i].bytes, around[k]);
			assert_limit(&b, fits);
			buf_add_char(&b, '{');
			add_long(&b, units[i].unit, units[i].bytes, around[k]);
			buf_add_text(&b, ":1}");
			assert_limit(&b, fits);
		}
}

static void the_caller_may_set_the_string_limit(void **state)
{
	struct json *v = NULL;
	struct fault why;

	(void)state;
	assert_int_equal(parse_max(STR("\"1234\""), 5, &v, NULL), 0);
	json_free(v);
	assert_int_equal(parse_max(STR("\"12345\""), 5, &v, NULL), 0);
	json_free(v);
	assert_int_equal(
	    parse_max(STR("[\"123456\"]"), 5, &v, &why), ERR_TOO_LARGE);
	assert_string_equal(why.text, "JSON: string too long at byte 8");
}

static void faults_name_the_byte(void **state)
{
	struct json *v = NULL;
	struct fault why;

	(void)state;
	assert_int_equal(parse_max(STR("[1,x]"), 0, &v, &why), ERR_SYNTAX);
	assert_string_equal(why.text, "JSON: bad number at byte 3");
	assert_int_equal(parse_max(STR("[\"\xff\"]"), 0, &v, &why), ERR_SYNTAX);
	assert_string_equal(why.text, "JSON: not UTF-8 at byte 2");
	assert_int_equal(
	    parse_max(STR("{\"a\":1,\"a\":2}"), 0, &v, &why), ERR_SYNTAX);
	assert_non_null(strstr(why.text, "the same key twice"));
}

/* Each allocation fails once: an error, no leak, no crash. */
static void every_lack_of_memory_is_an_error(void **state)
{
	static const char text[] =
	    "{\"a\":[1,2.5,\"x\",{\"b\":null}],\"c\":{\"d\":\"e\\n\"}}";
	struct json *v = NULL;
	struct fault why;
	size_t n;
	int err;

	(void)state;
	for (n = 1;; n++) {
		mem_fail_after(n);
		err = json_parse(STR(text), 0, &v, &why);
		mem_fail_after(0);
		if (err == 0)
			break;
		assert_int_equal(err, ERR_MEMORY);
		assert_int_equal(mem_live(), 0);
	}
	assert_true(n > 10);
	json_free(v);
	assert_int_equal(mem_live(), 0);
}

static void looking_at_the_wrong_type_gives_the_default(void **state)
{
	struct json *v = parsed("{\"s\":\"x\",\"i\":-7,\"b\":true,\"n\":null,"
	                        "\"r\":1.5,\"a\":[1,[2]],\"o\":{}}");

	(void)state;
	assert_int_equal(json_type(v), JSON_OBJECT);
	assert_int_equal(json_count(v), 7);
	assert_true(str_is(json_str(json_get(v, "s")), "x"));
	assert_int_equal(json_int(json_get(v, "i"), 1), -7);
	assert_true(json_bool(json_get(v, "b"), false));
	assert_int_equal(json_type(json_get(v, "n")), JSON_NULL);
	assert_int_equal(json_type(json_get(v, "r")), JSON_REAL);
	assert_int_equal(json_type(json_get(v, "a")), JSON_ARRAY);
	assert_int_equal(json_count(json_get(v, "a")), 2);
	assert_int_equal(json_int(json_at(json_get(v, "a"), 0), 9), 1);
	assert_int_equal(
	    json_int(json_at(json_at(json_get(v, "a"), 1), 0), 9), 2);

	assert_null(json_get(v, "x"));
	assert_null(json_get(NULL, "x"));
	assert_null(json_get(json_get(v, "a"), "0"));
	assert_null(json_at(json_get(v, "a"), 2));
	assert_null(json_at(v, 0));
	assert_null(json_at(NULL, 0));
	assert_int_equal(json_count(json_get(v, "s")), 0);
	assert_int_equal(json_count(NULL), 0);
	assert_null(json_str(json_get(v, "i")).p);
	assert_null(json_str(NULL).p);
	assert_int_equal(json_int(json_get(v, "s"), 5), 5);
	assert_int_equal(json_int(json_get(v, "r"), 5), 5);
	assert_int_equal(json_int(NULL, 5), 5);
	assert_true(json_bool(json_get(v, "i"), true));
	assert_false(json_bool(NULL, false));
	json_free(v);
	json_free(NULL);
	assert_int_equal(mem_live(), 0);
}

static void members_come_in_text_order(void **state)
{
	static const char *const names[] = { "z", "a", "m", "b" };
	struct json *v = parsed("{\"z\":0,\"a\":1,\"m\":2,\"b\":3}");
	const struct json *member = NULL;
	struct str name;
	size_t i;

	(void)state;
	for (i = 0; i < countof(names); i++) {
		assert_true(json_member(v, i, &name, &member));
		assert_true(str_is(name, names[i]));
		assert_int_equal(json_int(member, 9), i);
	}
	assert_false(json_member(v, i, &name, &member));
	assert_false(json_member(member, 0, &name, &member));
	assert_false(json_member(NULL, 0, &name, &member));
	json_free(v);
}

struct offer {
	struct str contact;
	int64_t seconds;
	bool urgent;
	const struct json *extra;
	struct str note;
};

static const struct json_field offer_fields[] = {
	{ "contact", WANT_STR, true, offsetof(struct offer, contact), 1, 10 },
	{ "seconds", WANT_INT, true, offsetof(struct offer, seconds), -5, 60 },
	{ "urgent", WANT_BOOL, false, offsetof(struct offer, urgent), 0, 0 },
	{ "extra", WANT_ANY, false, offsetof(struct offer, extra), 0, 0 },
	{ "note", WANT_STR, false, offsetof(struct offer, note), 0, 0 },
	JSON_FIELD_END,
};

static void take_fills_a_struct_by_its_table(void **state)
{
	struct json *v = parsed("{\"seconds\":60,\"contact\":\"c42\","
	                        "\"urgent\":true,\"extra\":[1],\"note\":\"\"}");
	struct offer o = { 0 };

	(void)state;
	assert_int_equal(json_take(v, offer_fields, &o, NULL), 0);
	assert_true(str_is(o.contact, "c42"));
	assert_int_equal(o.seconds, 60);
	assert_true(o.urgent);
	assert_int_equal(json_count(o.extra), 1);
	assert_int_equal(o.note.n, 0);
	json_free(v);
}

static void take_leaves_absent_fields_alone(void **state)
{
	struct json *v = parsed("{\"seconds\":0,\"contact\":\"c\"}");
	struct offer o = { .urgent = true, .note = STR("default") };

	(void)state;
	assert_int_equal(json_take(v, offer_fields, &o, NULL), 0);
	assert_true(o.urgent);
	assert_true(str_is(o.note, "default"));
	json_free(v);
}

static void take_refuses_by_name_and_touches_nothing(void **state)
{
	static const struct {
		const char *text;
		int err;
		const char *why;
	} cases[] = {
		{ "[]", ERR_INVALID, "an object is wanted" },
		{ "null", ERR_INVALID, "an object is wanted" },
		{ "{}", ERR_INVALID, "\"contact\" is missing" },
		{ "{\"contact\":\"c\"}", ERR_INVALID,
		    "\"seconds\" is missing" },
		{ "{\"contact\":\"c\",\"seconds\":\"1\"}", ERR_INVALID,
		    "\"seconds\" must be an integer" },
		{ "{\"contact\":\"c\",\"seconds\":1.0}", ERR_INVALID,
		    "\"seconds\" must be an integer" },
		{ "{\"contact\":\"c\",\"seconds\":61}", ERR_INVALID,
		    "\"seconds\" must be from -5 to 60" },
		{ "{\"contact\":\"c\",\"seconds\":-6}", ERR_INVALID,
		    "\"seconds\" must be from -5 to 60" },
		{ "{\"contact\":\"\",\"seconds\":1}", ERR_INVALID,
		    "\"contact\" must have 1 to 10 bytes" },
		{ "{\"contact\":\"12345678901\",\"seconds\":1}", ERR_INVALID,
		    "\"contact\" must have 1 to 10 bytes" },
		{ "{\"contact\":null,\"seconds\":1}", ERR_INVALID,
		    "\"contact\" must be a string" },
		{ "{\"contact\":\"c\",\"seconds\":1,\"urgent\":1}", ERR_INVALID,
		    "\"urgent\" must be true or false" },
		{ "{\"contact\":\"c\",\"seconds\":1,\"colour\":1}", ERR_UNKNOWN,
		    "unknown field \"colour\"" },
		{ "{\"contact\":\"c\",\"secnods\":1}", ERR_UNKNOWN,
		    "unknown field \"secnods\"; is \"seconds\" meant?" },
		{ "{\"a\\nb\":1}", ERR_UNKNOWN, "unknown field" },
		{ "{\"\":1}", ERR_UNKNOWN, "unknown field" },
	};
	struct offer untouched = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < countof(cases); i++) {
		struct json *v = parsed(cases[i].text);
		struct fault why = { 0 };
		struct offer o = { 0 };

		assert_int_equal(
		    json_take(v, offer_fields, &o, &why), cases[i].err);
		assert_string_equal(why.text, cases[i].why);
		assert_memory_equal(&o, &untouched, sizeof(o));
		json_free(v);
	}
	assert_int_equal(
	    json_take(NULL, offer_fields, &untouched, NULL), ERR_INVALID);
}

static void random_value(struct json_writer *w, struct rng *r, unsigned depth)
{
	unsigned n = (unsigned)rng_below(r, 5);
	char key[8] = "k";

	switch (rng_below(r, depth < 6 ? 8 : 6)) {
	case 0:
		jw_null(w);
		break;
	case 1:
		jw_bool(w, n > 2);
		break;
	case 2:
		jw_int(w, (int64_t)(rng_next(r) >> 11) - (INT64_C(1) << 52));
		break;
	case 3:
		jw_textf(w, "%u\t\"\\\xc3\xa9", n);
		break;
	case 4:
		jw_u64(w, rng_below(r, 100));
		break;
	case 5:
		jw_raw(w, STR("0.25"));
		break;
	case 6:
		jw_array(w);
		while (n-- > 0)
			random_value(w, r, depth + 1);
		jw_end(w);
		break;
	default:
		jw_object(w);
		while (n-- > 0) {
			key[1] = (char)('a' + n);
			jw_key(w, key);
			random_value(w, r, depth + 1);
		}
		jw_end(w);
	}
}

static void random_documents_come_back_byte_for_byte(void **state)
{
	struct rng r;
	int round;

	(void)state;
	rng_seed(&r, 13);
	for (round = 0; round < 2000; round++) {
		struct buf text = { 0 };
		struct buf again = { 0 };
		struct json *v = NULL;
		struct json_writer w;

		jw_init(&w, &text);
		random_value(&w, &r, 0);
		assert_int_equal(parse_max(buf_str(&text), 0, &v, NULL), 0);
		jw_init(&w, &again);
		jw_json(&w, v);
		assert_string_equal(text.data, again.data);
		json_free(v);
		buf_done(&text);
		buf_done(&again);
	}
	assert_int_equal(mem_live(), 0);
}

/* Every prefix and every single damaged byte of a document. */
static void damaged_documents_do_no_harm(void **state)
{
	static const char text[] =
	    "{\"a\":[1,-2.5e3,\"x\\u00e9\\ud83d\\ude00\","
	    "true,null],\"b\\n\":{\"c\":\"\xc3\xa9\"}}";
	size_t at;
	unsigned c;

	(void)state;
	for (at = 0; at + 1 < sizeof(text); at++)
		assert_refused((struct str){ text, at }, ERR_SYNTAX);
	for (at = 0; at + 1 < sizeof(text); at++)
		for (c = 0; c < 256; c += 3) {
			char damaged[sizeof(text)];
			struct str s = { damaged, sizeof(text) - 1 };
			struct json *v = NULL;

			memcpy(damaged, text, sizeof(text));
			damaged[at] = (char)c;
			if (parse_max(s, 0, &v, NULL) == 0)
				json_free(v);
		}
	assert_int_equal(mem_live(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_documents_say_what_they_said),
		cmocka_unit_test(bad_documents_are_refused),
		cmocka_unit_test(nul_bytes_are_refused_everywhere),
		cmocka_unit_test(depth_is_limited_to_32),
		cmocka_unit_test(values_are_limited_to_10000),
		cmocka_unit_test(strings_are_limited_by_their_bytes_in_memory),
		cmocka_unit_test(the_caller_may_set_the_string_limit),
		cmocka_unit_test(faults_name_the_byte),
		cmocka_unit_test(every_lack_of_memory_is_an_error),
		cmocka_unit_test(looking_at_the_wrong_type_gives_the_default),
		cmocka_unit_test(members_come_in_text_order),
		cmocka_unit_test(take_fills_a_struct_by_its_table),
		cmocka_unit_test(take_leaves_absent_fields_alone),
		cmocka_unit_test(take_refuses_by_name_and_touches_nothing),
		cmocka_unit_test(random_documents_come_back_byte_for_byte),
		cmocka_unit_test(damaged_documents_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
