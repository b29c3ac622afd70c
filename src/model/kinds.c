/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * kinds.c - numbers to words and back, for every closed set of kinds.h.
 *
 * Everybody enters who writes or reads a config, a log line or a message. The
 * words come from the tables of the header alone: none may be spelt here.
 */
#include "model/kinds.h"

#include "base/check.h"

#define CHANNEL_ROW(symbol, word, live, focus, text, answer_ms, takes)         \
	{ word, live, focus, text, answer_ms, takes },
static const struct channel_kind channels[] = { CHANNEL_TABLE(CHANNEL_ROW) };
#undef CHANNEL_ROW

const struct channel_kind *channel_kind(enum channel c)
{
	check((unsigned)c < CHANNELS);
	return &channels[c];
}

const char *channel_word(unsigned c)
{
	return c < CHANNELS ? channels[c].word : "?";
}

bool channel_parse(struct str word, enum channel *out)
{
	for (unsigned i = 0; i < CHANNELS; i++) {
		if (!str_is(word, channels[i].word))
			continue;
		*out = (enum channel)i;
		return true;
	}
	return false;
}

/* The number of the word, or -1. */
static int find_word(const char *const *words, size_t count, struct str word)
{
	for (size_t i = 0; i < count; i++)
		if (str_is(word, words[i]))
			return (int)i;
	return -1;
}

#define WORD_ROW(symbol, word) word,
#define KIND_BODY(name, prefix, table)                                         \
	static const char *const name##_words[] = { table(WORD_ROW) };         \
	const char *name##_word(unsigned v)                                    \
	{                                                                      \
		return v < countof(name##_words) ? name##_words[v] : "?";      \
	}                                                                      \
	bool name##_parse(struct str word, enum name *out)                     \
	{                                                                      \
		int v = find_word(name##_words, countof(name##_words), word);  \
                                                                               \
		if (v >= 0)                                                    \
			*out = (enum name)v;                                   \
		return v >= 0;                                                 \
	}
KINDS(KIND_BODY)
