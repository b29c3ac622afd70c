/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * expr_text.c - tests what the outside said: words, patterns, attributes.
 *
 * Entered by the intake, once per contact, never by the router. The only file
 * that knows PCRE2. Texts here are hostile and patterns may be clumsy: no test
 * may take more than a bounded number of steps, whatever meets whatever.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "model/expr.h"

#include <pcre2.h>

#include "base/check.h"
#include "base/mem.h"
#include "base/utf8.h"

#define PATTERN_BYTES 512
#define PATTERN_NEST  16
#define SUBJECT_BYTES 32768  /* what is said later decides no queue */
#define MATCH_LIMIT   10000  /* PCRE2 counts anew at each start, hence ... */
#define STEPS_TOTAL   500000 /* ... all pattern items tried in one test */
#define DEPTH_LIMIT   1000
#define HEAP_KIB      1024
#define DECIMALS      6

static void *pcre_alloc(size_t bytes, void *arg)
{
	(void)arg;
	return mem_try(bytes);
}

static void pcre_free(void *p, void *arg)
{
	(void)arg;
	mem_free(p);
}

/* PCRE2 is told of every item it tries: the one count that spans all starts. */
static int count_step(pcre2_callout_block *block, void *arg)
{
	uint32_t *steps = arg;

	(void)block;
	return ++*steps > STEPS_TOTAL ? PCRE2_ERROR_MATCHLIMIT : 0;
}

static int compile_fault(struct fault *why, int code, size_t offset)
{
	char text[160] = "";

	pcre2_get_error_message(code, (PCRE2_UCHAR *)text, sizeof(text));
	return fault_set(why, ERR_SYNTAX, "%zu: %s", offset, text);
}

/* values[0] is the pattern; `name`, when set, its flags ("i"). The fault's
 * text begins with the byte offset: "7: missing closing parenthesis". */
int leaf_compile(struct leaf *l, struct fault *why)
{
	uint32_t options = PCRE2_UTF | PCRE2_UCP | PCRE2_MATCH_INVALID_UTF |
	                   PCRE2_NEVER_BACKSLASH_C | PCRE2_AUTO_CALLOUT;
	struct str pattern = str_of(l->values[0]);
	pcre2_general_context *heap;
	pcre2_compile_context *limits;
	int code = 0;
	PCRE2_SIZE offset = 0;

	check(l->kind == LEAF_MATCHES && l->value_count == 1);
	if (l->name != NULL && str_find(str_of(l->name), 'i') == 0)
		options |= PCRE2_CASELESS;
	heap = pcre2_general_context_create(pcre_alloc, pcre_free, NULL);
	check(heap != NULL);
	limits = pcre2_compile_context_create(heap);
	check(limits != NULL);
	pcre2_set_max_pattern_length(limits, PATTERN_BYTES);
	pcre2_set_parens_nest_limit(limits, PATTERN_NEST);
	l->pattern = pcre2_compile(
	    (PCRE2_SPTR)pattern.p, pattern.n, options, &code, &offset, limits);
	pcre2_compile_context_free(limits);
	pcre2_general_context_free(heap);
	return l->pattern != NULL ? 0 : compile_fault(why, code, offset);
}

void leaf_done(struct leaf *l)
{
	for (size_t i = 0; i < l->value_count; i++)
		mem_free(l->values[i]);
	mem_free(l->values);
	mem_free(l->name);
	pcre2_code_free(l->pattern);
	*l = (struct leaf){ 0 };
}

/* The pattern is shared between threads; what one match needs is not. */
static bool matches(const struct leaf *l, struct str text)
{
	pcre2_general_context *heap =
	    pcre2_general_context_create(pcre_alloc, pcre_free, NULL);
	/* Without the first, the others would take malloc's own. */
	pcre2_match_context *limits =
	    heap != NULL ? pcre2_match_context_create(heap) : NULL;
	pcre2_match_data *data =
	    heap != NULL ? pcre2_match_data_create(1, heap) : NULL;
	uint32_t steps = 0;
	int rc = PCRE2_ERROR_NOMEMORY;

	if (l->pattern == NULL || limits == NULL || data == NULL)
		goto out;
	text = utf8_cut(text, SUBJECT_BYTES);
	pcre2_set_match_limit(limits, MATCH_LIMIT);
	pcre2_set_depth_limit(limits, DEPTH_LIMIT);
	pcre2_set_heap_limit(limits, HEAP_KIB);
	pcre2_set_callout(limits, count_step, &steps);
	rc = pcre2_match(l->pattern, (PCRE2_SPTR)(text.n ? text.p : ""), text.n,
	    0, PCRE2_NO_JIT, data, limits);
out:
	pcre2_match_data_free(data);
	pcre2_match_context_free(limits);
	pcre2_general_context_free(heap);
	return rc >= 0;
}

static bool has_words(const struct leaf *l, struct str folded)
{
	for (size_t i = 0; i < l->value_count; i++)
		if (utf8_has_words(folded, str_of(l->values[i])))
			return true;
	return false;
}

/* "12", "-3.25" as a whole number of millionths; false: not a number. */
static bool to_number(struct str s, int64_t *out)
{
	bool negative = str_starts(s, "-");
	struct str rest = str_from(s, negative);
	struct str whole = str_next(&rest, '.');
	uint64_t units;
	uint64_t part = 0;

	if (whole.n > 12 || str_to_u64(whole, &units) != 0)
		return false;
	if (rest.n == 0 && whole.n + negative != s.n)
		return false;
	if (rest.n > DECIMALS || (rest.n > 0 && str_to_u64(rest, &part) != 0))
		return false;
	for (size_t i = rest.n; i < DECIMALS; i++)
		part *= 10;
	*out = (int64_t)(units * 1000000 + part) * (negative ? -1 : 1);
	return true;
}

static bool compare_numbers(
    enum leaf_compare how, struct str text, struct str bound)
{
	int64_t a;
	int64_t b;

	if (!to_number(text, &a) || !to_number(bound, &b))
		return false;
	switch (how) {
	case COMPARE_LESS:
		return a < b;
	case COMPARE_LESS_EQUAL:
		return a <= b;
	case COMPARE_MORE:
		return a > b;
	default:
		return a >= b;
	}
}

static bool starts_nocase(struct str s, struct str prefix)
{
	return s.n >= prefix.n &&
	       str_is_nocase(str_sub(s, 0, prefix.n), prefix.p);
}

/* One value of the leaf against one fact. Upper and lower case are the same:
 * gateways and forms differ in it without meaning anything by it. */
static bool compare_one(
    enum leaf_compare how, struct str fact, struct str value)
{
	switch (how) {
	case COMPARE_PRESENT:
		return true;
	case COMPARE_EQUAL:
		return str_is_nocase(fact, value.p);
	case COMPARE_STARTS:
		return starts_nocase(fact, value);
	default:
		return compare_numbers(how, fact, value);
	}
}

static bool compare_any(const struct leaf *l, struct str fact)
{
	if (l->compare == COMPARE_PRESENT)
		return fact.n > 0;
	for (size_t i = 0; i < l->value_count; i++)
		if (compare_one(l->compare, fact, str_of(l->values[i])))
			return true;
	return false;
}

static bool test_attribute(const struct leaf *l, const struct leaf_facts *facts)
{
	for (size_t i = 0; i < facts->attribute_count; i++)
		if (str_is(facts->attributes[i].name, l->name))
			return compare_any(l, facts->attributes[i].value);
	return false;
}

bool leaf_test(const struct leaf *l, const struct leaf_facts *facts)
{
	switch (l->kind) {
	case LEAF_CHANNEL:
		return l->channels >> facts->channel & 1;
	case LEAF_ENTRANCE:
		return compare_any(l, facts->entrance);
	case LEAF_DIALLED:
		return compare_any(l, facts->dialled);
	case LEAF_LANGUAGE:
		/* "fr-CA" is French. */
		return compare_any(l, str_sub(facts->language, 0, 2));
	case LEAF_ATTRIBUTE:
		return test_attribute(l, facts);
	case LEAF_HAS_WORDS:
		return has_words(l, facts->folded_text);
	case LEAF_MATCHES:
		return matches(l, facts->text);
	}
	return false;
}
