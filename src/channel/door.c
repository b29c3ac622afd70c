/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * door.c - what the channels share: doors of the config, keys, results.
 *
 * Entered by every channel. Reads the world and posts the two inputs that all
 * of them post; it keeps nothing.
 */
#include "channel/door.h"

#include "base/codec.h"
#include "base/crypto.h"
#include "base/mem.h"
#include "channel/address.h"

const struct rule_entrance *door_find(
    const struct world *w, struct str name, enum channel channel)
{
	const struct rule_entrance *door;
	uint32_t i;

	if (w->rules == NULL)
		return NULL;
	i = rules_find_entrance(w->rules, name);
	if (i == RULE_NONE)
		return NULL;
	door = &w->rules->entrances[i];
	return door->channel == channel ? door : NULL;
}

const struct rule_entrance *door_of(
    const struct world *w, const struct contact *c)
{
	const struct entrance *e = world_entrance(w, c->entrance);

	if (e == NULL || w->rules == NULL)
		return NULL;
	return door_find(w, str_of(e->name), c->channel);
}

const char *door_text(const struct world *w, const struct rule_entrance *door,
    const char *name, struct str language)
{
	const char *text;
	char *own;

	if (w->rules == NULL || door == NULL || door->brand == RULE_NONE)
		return NULL;
	if (language.n == 0)
		language = str_of(w->rules->language);
	own = mem_textf("%s.%s", name, channel_word(door->channel));
	text = rules_text(w->rules, door->brand, own, language);
	mem_free(own);
	return text != NULL ? text
	                    : rules_text(w->rules, door->brand, name, language);
}

bool door_is_local(const struct rule_entrance *door, struct str address)
{
	static char v4[] = "127.0.0.0/8";
	static char v6[] = "::1";
	static char path[] = "unix";
	char *const here[] = { v4, v6, path };

	return door->token_file == NULL &&
	       address_is_listed(address, here, countof(here));
}

const struct contact *door_live(
    const struct world *w, struct contact_id contact)
{
	const struct contact *c = world_contact(w, contact);

	return c == NULL || c->state == CONTACT_ENDED ? NULL : c;
}

/* As model/inlet.h says. */
static uint64_t key_number(
    enum channel channel, struct str door, struct str key)
{
	struct buf b = { 0 };
	uint64_t number;

	put_u64(&b, channel);
	put_str(&b, door);
	put_str(&b, key);
	number = digest64(buf_str(&b));
	buf_done(&b);
	return number;
}

struct contact_id door_contact_of_key(const struct world *w,
    enum channel channel, struct str door, struct str key)
{
	const struct known_key *known =
	    map_find(&w->keys, key_number(channel, door, key));

	if (known == NULL)
		return (struct contact_id){ 0 };
	return known->contact;
}

void door_take_attributes(const struct json *object, struct arrival *a)
{
	const struct json *v;
	struct str name;
	size_t i;

	for (i = 0; json_member(object, i, &name, &v); i++) {
		if (a->attribute_count == ATTRIBUTES_MAX)
			return;
		a->attributes[a->attribute_count++] =
		    (struct attribute){ name, json_str(v) };
	}
}

void door_present(struct arrival *a, enum identifier_kind kind,
    enum level level, struct str value)
{
	if (value.n == 0 || a->by_count == IDENTIFIERS_MAX)
		return;
	a->by[a->by_count++] = (struct presented_text){ kind, level, value };
}

bool door_is_owed(const struct channel_env *env, const struct order *o)
{
	return map_find(&(*env->world)->orders, o->id) != NULL;
}

/* Asked of the world first: a result may have come by another way meanwhile. */
void door_settle(
    const struct channel_env *env, const struct order *o, int64_t code)
{
	struct input in = { .kind = INPUT_RESULT, .contact = o->contact };
	struct outcome out;

	if (!door_is_owed(env, o))
		return;
	in.agent = o->agent;
	in.result.order = o->id;
	in.result.code = code;
	(void)env->inlet->post(env->inlet->host, &in, STR_NONE, &out);
}

int door_leave(const struct channel_env *env, struct contact_id contact,
    enum end_reason reason)
{
	struct input in = { .kind = INPUT_LEAVE, .contact = contact };
	struct outcome out;

	in.leave.reason = (uint8_t)reason;
	return env->inlet->post(env->inlet->host, &in, STR_NONE, &out);
}

uint64_t door_peer_key(struct peer p)
{
	return (uint64_t)p.slot << 32 | p.generation;
}

bool door_same_peer(struct peer a, struct peer b)
{
	return a.slot == b.slot && a.generation == b.generation;
}
