/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * check_setup.c - reads the statements about this server and its workspace.
 *
 * Part of the check. What the router sees goes into the rules, the rest into
 * the setup. Nothing is opened here but looked at by name: a checked config
 * may run on another machine.
 */
#include <string.h>

#include "base/check.h"
#include "base/log.h"
#include "base/mem.h"
#include "config/check.h"

#define LISTENERS_MAX 16
#define SOCKET_BYTES  107 /* of a path in sockaddr_un */

char *check_path(const struct item *file)
{
	if (file->text.n > 0 && file->text.p[0] == '/')
		return mem_text_n(file->text.p, file->text.n);
	return mem_textf(
	    "%s%.*s", file->spot.source->dir, (int)file->text.n, file->text.p);
}

static char *read_path(struct cursor *c, const char *what)
{
	const struct item *i = cursor_take(c, ITEM_STRING, what);

	if (i == NULL)
		return NULL;
	if (i->text.n > 0)
		return check_path(i);
	c->at = i;
	cursor_fail(c, "%s is missing", what);
	return NULL;
}

static void take_workspace(struct check *k, struct cursor *c, void *object)
{
	const struct item *name = cursor_take(c, ITEM_WORD, "a name");

	(void)object;
	if (name != NULL)
		k->rules->workspace = mem_text_n(name->text.p, name->text.n);
}

static void take_default(struct check *k, struct cursor *c, void *object)
{
	(void)object;
	cursor_word(c, "language");
	k->rules->language = cursor_language(c);
}

static void take_data(struct check *k, struct cursor *c, void *object)
{
	(void)object;
	k->config->setup.data_dir = read_path(c, "a directory");
}

static void take_web(struct check *k, struct cursor *c, void *object)
{
	(void)object;
	k->config->setup.web_dir = read_path(c, "a directory");
}

static void take_helper(struct check *k, struct cursor *c, void *object)
{
	(void)object;
	k->config->setup.mime_helper = read_path(c, "a program");
}

/* log info; the level is kept as its word: the server sets it. */
static void take_log(struct check *k, struct cursor *c, void *object)
{
	const struct item *word = c->at;
	enum log_level level;
	char *text;

	(void)object;
	if (cursor_name(c, "a level") == NULL)
		return;
	text = mem_text_n(word->text.p, word->text.n);
	if (log_parse_level(text, &level)) {
		k->config->setup.log_level = text;
		return;
	}
	mem_free(text);
	c->at = word;
	cursor_fail(c, "a level is error, warn, info or debug");
}

/* proxy from 10.0.0.1; */
static void take_proxy(struct check *k, struct cursor *c, void *object)
{
	struct config_setup *s = &k->config->setup;

	(void)object;
	cursor_word(c, "from");
	check_networks(c, &s->proxies, &s->proxy_count);
}

static void take_certificate(struct check *k, struct cursor *c, void *object)
{
	struct config_listener *l = object;

	(void)k;
	l->cert_file = read_path(c, "a file");
}

static void take_key(struct check *k, struct cursor *c, void *object)
{
	struct config_listener *l = object;

	(void)k;
	l->key_file = read_path(c, "a file");
}

static const struct row tls_rows[] = {
	{ "certificate", ROW_ONCE, take_certificate,
	    "certificate \"cert.pem\";" },
	{ "key", ROW_ONCE, take_key, "key \"key.pem\";" },
};

static const char *const listener_words[] = {
	[LISTENER_PAGES] = "pages",
	[LISTENER_AGENTS] = "agents",
	[LISTENER_GATEWAY] = "gateway",
	[LISTENER_CONTROL] = "control",
};

/* What is listened for decides what the address may be. */
static bool read_use(struct cursor *c, struct config_listener *l)
{
	const struct item *word = c->at;
	struct suggestion s = { 0 };

	if (cursor_name(c, "pages, agents, gateway or control") == NULL)
		return false;
	for (unsigned i = 0; i < countof(listener_words); i++) {
		l->use = (enum listener_use)i;
		if (str_is(word->text, listener_words[i]))
			return true;
	}
	c->at = word;
	cursor_fail(c, "listen for pages, agents, gateway or control");
	s.word = word->text;
	for (unsigned i = 0; i < countof(listener_words); i++)
		suggestion_consider(&s, str_of(listener_words[i]));
	note_suggest(c->notes, &s);
	return false;
}

/* A longer path would be cut silently by bind(). */
static void read_socket(struct cursor *c, struct config_listener *l)
{
	const struct item *path = c->at;

	l->address = read_path(c, "the path of a socket");
	if (l->address == NULL || strlen(l->address) <= SOCKET_BYTES)
		return;
	c->at = path;
	cursor_fail(
	    c, "the path of a socket has at most %d bytes", SOCKET_BYTES);
}

static void read_endpoint(struct cursor *c, struct config_listener *l)
{
	const struct item *i = c->at;

	if (!cursor_is(c, ITEM_STRING) &&
	    cursor_take(c, ITEM_ADDRESS, "an address and port") == NULL)
		return;
	if (c->at == i)
		cursor_any(c, "an address and port");
	if (!c->failed && is_endpoint(i->text)) {
		l->address = mem_text_n(i->text.p, i->text.n);
		return;
	}
	c->at = i;
	cursor_fail(c, "an address and port look like 0.0.0.0:7443 or "
	               "[::]:7443");
}

/* Without TLS a password would cross the network in the clear. */
static void check_tls(
    struct cursor *c, const struct config_listener *l, const struct item *at)
{
	if (c->failed || l->use == LISTENER_CONTROL)
		return;
	if (l->tls && (l->cert_file == NULL || l->key_file == NULL)) {
		c->at = at;
		cursor_fail(c, "tls needs a certificate and a key");
	} else if (!l->tls && !is_loopback(str_of(l->address))) {
		c->at = at;
		cursor_fail(c, "only loopback may listen without tls");
	}
}

/* Several of a kind are fine: two addresses, two certificates. */
static void take_listen(struct check *k, struct cursor *c, void *object)
{
	struct config_setup *s = &k->config->setup;
	struct config_listener l = { 0 };
	size_t cap = s->listener_count;
	const struct item *at;

	(void)object;
	if (s->listener_count == LISTENERS_MAX) {
		cursor_fail(c, "at most %d listeners", LISTENERS_MAX);
		return;
	}
	if (!read_use(c, &l))
		return;
	at = c->at;
	if (l.use == LISTENER_CONTROL)
		read_socket(c, &l);
	else
		read_endpoint(c, &l);
	l.tls = l.use != LISTENER_CONTROL && cursor_skip_word(c, "tls");
	if (l.tls)
		check_block(k, c->statement, BLOCK("tls", tls_rows), &l);
	else if (c->statement->has_body)
		cursor_fail(c, "a block follows tls only");
	check_tls(c, &l, at);
	mem_room(&s->listeners, s->listener_count, &cap, sizeof(l));
	s->listeners[s->listener_count++] = l;
}

static const struct row setup_rows[] = {
	{ "workspace", ROW_ONCE, take_workspace, "workspace main;" },
	{ "default", ROW_ONCE, take_default, "default language en;" },
	{ "data", ROW_ONCE, take_data, "data \"/var/lib/usher\";" },
	{ "web", ROW_ONCE, take_web, "web \"/usr/share/usher/web\";" },
	{ "mime-helper", ROW_ONCE, take_helper,
	    "mime-helper \"/usr/libexec/usher/usher-mime\";" },
	{ "log", ROW_ONCE, take_log, "log info;" },
	{ "proxy", ROW_ONCE, take_proxy, "proxy from 10.0.0.1;" },
	{ "listen", ROW_BLOCK, take_listen,
	    "listen pages 0.0.0.0:7443 tls { certificate \"cert.pem\"; "
	    "key \"key.pem\"; }" },
};

const struct row *check_setup_rows(size_t *out_count)
{
	*out_count = countof(setup_rows);
	return setup_rows;
}
