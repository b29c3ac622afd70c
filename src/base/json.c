/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * json.c - the tree of a JSON text.
 *
 * Entered with bytes straight from peers. The scanner has refused everything
 * strange before jansson sees a byte; jansson's tree is then laid out as one
 * block of nodes of ours, so that every look at it is cheap and nothing
 * outside this file ever sees a json_t.
 */
#include "base/json.h"

#include "base/check.h"
#include "base/json_scan.h"
#include "base/mem.h"
#include "base/rng.h"

/* The library has words that are ours too; inside this file its own get
 * another first name. */
#define json_type   jansson_type
#define JSON_OBJECT JANSSON_OBJECT
#define JSON_ARRAY  JANSSON_ARRAY
#define JSON_STRING JANSSON_STRING
#define JSON_REAL   JANSSON_REAL
#define JSON_NULL   JANSSON_NULL
#include <jansson.h>
#undef json_type
#undef JSON_OBJECT
#undef JSON_ARRAY
#undef JSON_STRING
#undef JSON_REAL
#undef JSON_NULL

#define NAME_SHOWN_MAX 40
#define TYPO_MAX       2

struct json {
	enum json_type type;
	uint32_t count;  /* elements or members */
	struct str name; /* of a member */
	union {
		json_t *raw; /* while the tree is laid out */
		const struct json *items;
		struct str text;
		int64_t number;
		double real;
		bool truth;
	} as;
};

/* The root is the first node; texts are borrowed from jansson's tree. */
struct json_doc {
	json_t *tree;
	size_t used;
	struct json nodes[];
};

/* Set when memory was refused: jansson does not always say that it was. */
static _Thread_local bool out_of_memory;

static void *take_memory(size_t bytes)
{
	void *p = mem_try(bytes);

	out_of_memory = out_of_memory || p == NULL;
	return p;
}

/* Once, before there are threads. The seed keeps peers from choosing keys that
 * clash in jansson's tables, and jansson from looking for chance by itself. */
__attribute__((constructor)) static void prepare_jansson(void)
{
	size_t seed;

	rng_bytes(&seed, sizeof(seed));
	json_set_alloc_funcs(take_memory, mem_free);
	json_object_seed(seed | 1);
}

static struct json *take_nodes(struct json_doc *doc, size_t n)
{
	struct json *first = &doc->nodes[doc->used];

	doc->used += n;
	return first;
}

static void expand_array(struct json_doc *doc, struct json *v, json_t *raw)
{
	size_t n = json_array_size(raw);
	struct json *items = take_nodes(doc, n);
	size_t i;

	for (i = 0; i < n; i++)
		items[i].as.raw = json_array_get(raw, i);
	v->type = JSON_ARRAY;
	v->count = (uint32_t)n;
	v->as.items = items;
}

static void expand_object(struct json_doc *doc, struct json *v, json_t *raw)
{
	size_t n = json_object_size(raw);
	struct json *items = take_nodes(doc, n);
	void *member = json_object_iter(raw);
	size_t i;

	for (i = 0; i < n; i++) {
		items[i].name = str_of(json_object_iter_key(member));
		items[i].as.raw = json_object_iter_value(member);
		member = json_object_iter_next(raw, member);
	}
	v->type = JSON_OBJECT;
	v->count = (uint32_t)n;
	v->as.items = items;
}

/* Turns the node's raw value into ours; its children are queued behind all
 * nodes there are, with raw values. */
static void expand(struct json_doc *doc, struct json *v)
{
	json_t *raw = v->as.raw;

	switch (json_typeof(raw)) {
	case JANSSON_OBJECT:
		expand_object(doc, v, raw);
		break;
	case JANSSON_ARRAY:
		expand_array(doc, v, raw);
		break;
	case JANSSON_STRING:
		v->type = JSON_STRING;
		v->as.text.n = json_string_length(raw);
		v->as.text.p = json_string_value(raw);
		break;
	case JSON_INTEGER:
		v->type = JSON_INT;
		v->as.number = json_integer_value(raw);
		break;
	case JANSSON_REAL:
		v->type = JSON_REAL;
		v->as.real = json_real_value(raw);
		break;
	case JANSSON_NULL:
		v->type = JSON_NULL;
		break;
	default:
		v->type = JSON_BOOL;
		v->as.truth = json_typeof(raw) == JSON_TRUE;
	}
}

/* What the scanner let through fails only for these reasons. */
static int explain(const json_error_t *error, struct fault *why)
{
	if (out_of_memory)
		return fault_set(why, ERR_MEMORY, "JSON: out of memory");
	switch (json_error_code(error)) {
	case json_error_duplicate_key:
		return fault_set(why, ERR_SYNTAX,
		    "JSON: the same key twice before byte %d", error->position);
	case json_error_numeric_overflow:
		return fault_set(why, ERR_SYNTAX,
		    "JSON: number too large before byte %d", error->position);
	default:
		return fault_set(why, ERR_SYNTAX, "JSON: %s", error->text);
	}
}

int json_parse(
    struct str text, size_t string_max, struct json **out, struct fault *why)
{
	struct json_doc *doc;
	json_error_t error;
	size_t values = 0;
	size_t i;
	int err;

	if (string_max == 0)
		string_max = JSON_STRING_MAX;
	err = json_scan(text, string_max, &values, why);
	if (err != 0)
		return err;
	doc = mem_try(sizeof(*doc) + values * sizeof(doc->nodes[0]));
	if (doc == NULL)
		return fault_set(why, ERR_MEMORY, "JSON: out of memory");
	out_of_memory = false;
	doc->tree = json_loadb(
	    text.p, text.n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	if (doc->tree == NULL) {
		mem_free(doc);
		return explain(&error, why);
	}
	take_nodes(doc, 1)->as.raw = doc->tree;
	for (i = 0; i < doc->used; i++)
		expand(doc, &doc->nodes[i]);
	check(doc->used == values);
	*out = doc->nodes;
	return 0;
}

void json_free(struct json *root)
{
	struct json_doc *doc;

	if (root == NULL)
		return;
	doc = container_of(root, struct json_doc, nodes);
	json_decref(doc->tree);
	mem_free(doc);
}

enum json_type json_type(const struct json *v)
{
	return v->type;
}

static bool is_type(const struct json *v, enum json_type type)
{
	return v != NULL && v->type == type;
}

const struct json *json_get(const struct json *v, const char *name)
{
	struct str wanted = str_of(name);
	size_t i;

	if (!is_type(v, JSON_OBJECT))
		return NULL;
	for (i = 0; i < v->count; i++)
		if (str_eq(v->as.items[i].name, wanted))
			return &v->as.items[i];
	return NULL;
}

const struct json *json_at(const struct json *v, size_t i)
{
	if (!is_type(v, JSON_ARRAY) || i >= v->count)
		return NULL;
	return &v->as.items[i];
}

size_t json_count(const struct json *v)
{
	return v == NULL ? 0 : v->count;
}

bool json_member(
    const struct json *v, size_t i, struct str *name, const struct json **out)
{
	if (!is_type(v, JSON_OBJECT) || i >= v->count)
		return false;
	*name = v->as.items[i].name;
	*out = &v->as.items[i];
	return true;
}

struct str json_str(const struct json *v)
{
	return is_type(v, JSON_STRING) ? v->as.text : STR_NONE;
}

int64_t json_int(const struct json *v, int64_t fallback)
{
	return is_type(v, JSON_INT) ? v->as.number : fallback;
}

bool json_bool(const struct json *v, bool fallback)
{
	return is_type(v, JSON_BOOL) ? v->as.truth : fallback;
}

/*
 * Reading by a table. Everything is checked before anything is written, so a
 * refused object leaves the struct as it was.
 */
static const struct json_field *find_field(
    const struct json_field *fields, struct str name)
{
	const struct json_field *f;

	for (f = fields; f->name != NULL; f++)
		if (str_is(name, f->name))
			return f;
	return NULL;
}

/* A peer chose the name: only a harmless one is repeated to anybody. */
static bool is_showable(struct str name)
{
	size_t i;

	for (i = 0; i < name.n; i++) {
		unsigned char c = (unsigned char)name.p[i];

		if (c <= ' ' || c >= 0x7f || c == '"' || c == '\\')
			return false;
	}
	return name.n > 0 && name.n <= NAME_SHOWN_MAX;
}

static int unknown_field(
    const struct json_field *fields, struct str name, struct fault *why)
{
	const struct json_field *f;

	if (!is_showable(name))
		return fault_set(why, ERR_UNKNOWN, "unknown field");
	for (f = fields; f->name != NULL; f++)
		if (str_distance(name, str_of(f->name), TYPO_MAX) <= TYPO_MAX)
			return fault_set(why, ERR_UNKNOWN,
			    "unknown field \"%.*s\"; is \"%s\" meant?",
			    (int)name.n, name.p, f->name);
	return fault_set(
	    why, ERR_UNKNOWN, "unknown field \"%.*s\"", (int)name.n, name.p);
}

/* 0 to 0 means that the table sets no limit. */
static bool is_outside(const struct json_field *f, int64_t v)
{
	return (f->min != 0 || f->max != 0) && (v < f->min || v > f->max);
}

static int check_str(
    const struct json_field *f, const struct json *v, struct fault *why)
{
	if (v->type != JSON_STRING)
		return fault_set(
		    why, ERR_INVALID, "\"%s\" must be a string", f->name);
	if (is_outside(f, (int64_t)v->as.text.n))
		return fault_set(why, ERR_INVALID,
		    "\"%s\" must have %lld to %lld bytes", f->name,
		    (long long)f->min, (long long)f->max);
	return 0;
}

static int check_int(
    const struct json_field *f, const struct json *v, struct fault *why)
{
	if (v->type != JSON_INT)
		return fault_set(
		    why, ERR_INVALID, "\"%s\" must be an integer", f->name);
	if (is_outside(f, v->as.number))
		return fault_set(why, ERR_INVALID,
		    "\"%s\" must be from %lld to %lld", f->name,
		    (long long)f->min, (long long)f->max);
	return 0;
}

static int check_value(
    const struct json_field *f, const struct json *v, struct fault *why)
{
	switch (f->want) {
	case WANT_STR:
		return check_str(f, v, why);
	case WANT_INT:
		return check_int(f, v, why);
	case WANT_BOOL:
		if (v->type != JSON_BOOL)
			return fault_set(why, ERR_INVALID,
			    "\"%s\" must be true or false", f->name);
		return 0;
	case WANT_ANY:
		return 0;
	}
	die("field \"%s\" wants %d", f->name, (int)f->want);
}

static void store_value(
    const struct json_field *f, const struct json *v, void *out)
{
	char *to = (char *)out + f->offset;

	switch (f->want) {
	case WANT_STR:
		memcpy(to, &v->as.text, sizeof(v->as.text));
		break;
	case WANT_INT:
		memcpy(to, &v->as.number, sizeof(v->as.number));
		break;
	case WANT_BOOL:
		memcpy(to, &v->as.truth, sizeof(v->as.truth));
		break;
	case WANT_ANY:
		memcpy(to, &v, sizeof(v));
		break;
	}
}

static int check_members(const struct json *object,
    const struct json_field *fields, struct fault *why)
{
	size_t i;
	int err = 0;

	for (i = 0; err == 0 && i < object->count; i++) {
		const struct json *v = &object->as.items[i];
		const struct json_field *f = find_field(fields, v->name);

		if (f == NULL)
			err = unknown_field(fields, v->name, why);
		else
			err = check_value(f, v, why);
	}
	return err;
}

static int check_required(const struct json *object,
    const struct json_field *fields, struct fault *why)
{
	const struct json_field *f;

	for (f = fields; f->name != NULL; f++)
		if (f->required && json_get(object, f->name) == NULL)
			return fault_set(
			    why, ERR_INVALID, "\"%s\" is missing", f->name);
	return 0;
}

int json_take(const struct json *object, const struct json_field *fields,
    void *out, struct fault *why)
{
	size_t i;
	int err;

	if (!is_type(object, JSON_OBJECT))
		return fault_set(why, ERR_INVALID, "an object is wanted");
	err = check_members(object, fields, why);
	if (err == 0)
		err = check_required(object, fields, why);
	if (err != 0)
		return err;
	for (i = 0; i < object->count; i++) {
		const struct json *v = &object->as.items[i];

		store_value(find_field(fields, v->name), v, out);
	}
	return 0;
}

/* The shortest digits that read back as the same number. */
static void write_real(struct json_writer *w, double real)
{
	char text[40];
	int digits = 14;
	int n;
	char *comma;

	do {
		n = snprintf(text, sizeof(text), "%.*g", ++digits, real);
	} while (digits < 17 && strtod(text, NULL) != real);
	/* printf() follows the locale of a tool that has set one. */
	comma = strchr(text, ',');
	if (comma != NULL)
		*comma = '.';
	/* A real stays a real when it is read again. */
	if (strpbrk(text, ".e") == NULL)
		snprintf(text + n, sizeof(text) - (size_t)n, ".0");
	jw_raw(w, str_of(text));
}

/* Recursion is as deep as the scanner lets a text be. */
static void write_items(struct json_writer *w, const struct json *v)
{
	size_t i;

	for (i = 0; i < v->count; i++) {
		if (v->type == JSON_OBJECT)
			jw_key(w, v->as.items[i].name.p);
		jw_json(w, &v->as.items[i]);
	}
	jw_end(w);
}

void jw_json(struct json_writer *w, const struct json *v)
{
	switch (v->type) {
	case JSON_NULL:
		jw_null(w);
		break;
	case JSON_BOOL:
		jw_bool(w, v->as.truth);
		break;
	case JSON_INT:
		jw_int(w, v->as.number);
		break;
	case JSON_REAL:
		write_real(w, v->as.real);
		break;
	case JSON_STRING:
		jw_str(w, v->as.text);
		break;
	case JSON_ARRAY:
		jw_array(w);
		write_items(w, v);
		break;
	case JSON_OBJECT:
		jw_object(w);
		write_items(w, v);
		break;
	}
}
