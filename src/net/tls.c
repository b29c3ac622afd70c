/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tls.c - the one place of the net that knows OpenSSL.
 *
 * Entered by listen.c with a fresh socket and through the table by link.c.
 * Mozilla's intermediate profile without its two DHE suites. OpenSSL costs
 * 15 kB an idle connection even so: RELEASE_BUFFERS halves what it would be.
 * Reads until the socket is dry, for bytes OpenSSL keeps wake nobody.
 */
#include "net/tls.h"

#include <sys/socket.h>
#include <unistd.h>

/* A type of the library's and a code of ours have the same name. */
#define ERR_STATE OPENSSL_ERR_STATE
#include <openssl/err.h>
#include <openssl/ssl.h>
#undef ERR_STATE

#include "base/mem.h"
#include "base/rng.h"

#define CIPHERS                                                                \
	"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"           \
	"ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"           \
	"ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"
#define SUITES                                                                 \
	"TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:"                       \
	"TLS_CHACHA20_POLY1305_SHA256"
#define GROUPS     "X25519:P-256:P-384"
#define TICKET_MS  (24 * 60 * 60 * 1000) /* how long one ticket key lives */
#define TICKET_KEY 80                    /* name, HMAC key, AES key */

struct tls {
	SSL_CTX *ctx; /* conns hold references of their own */
	msec_t ticket_at;
};

/* ---- the stream ---------------------------------------------------------- */

static ssize_t read_result(struct conn *c, int error)
{
	c->wants_write = error == SSL_ERROR_WANT_WRITE;
	if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
		return CONN_AGAIN;
	return error == SSL_ERROR_ZERO_RETURN ? 0 : CONN_BROKEN;
}

/* The first read makes the handshake. */
static ssize_t secure_read(struct conn *c, void *dst, size_t size)
{
	SSL *ssl = c->below;
	size_t got = 0, n;
	ssize_t result = 0;

	ERR_clear_error();
	while (got < size) {
		if (SSL_read_ex(ssl, (char *)dst + got, size - got, &n) != 1) {
			result = read_result(c, SSL_get_error(ssl, 0));
			break;
		}
		got += n;
	}
	if (c->shaking && SSL_is_init_finished(ssl))
		c->shaking = false;
	if (got == 0)
		return result;
	/* The end was read with the data and will not be told of again. */
	if (got < size && result != CONN_AGAIN)
		loop_io_again(&c->io, LOOP_READ);
	return (ssize_t)got;
}

static ssize_t secure_write(struct conn *c, const void *src, size_t size)
{
	SSL *ssl = c->below;
	size_t n;
	int error;

	ERR_clear_error();
	if (SSL_write_ex(ssl, src, size, &n) == 1)
		return (ssize_t)n;
	error = SSL_get_error(ssl, 0);
	if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
		return CONN_AGAIN;
	return CONN_BROKEN;
}

static void secure_end(struct conn *c)
{
	SSL *ssl = c->below;

	ERR_clear_error();
	if (SSL_is_init_finished(ssl))
		SSL_shutdown(ssl);
	shutdown(c->fd, SHUT_WR);
}

static void secure_close(struct conn *c)
{
	SSL_free(c->below);
	close(c->fd);
}

static const struct conn_ops secure_ops = {
	secure_read,
	secure_write,
	secure_end,
	secure_close,
};

/* ---- the profile --------------------------------------------------------- */

/* The library's signature, with one parameter more than ours may have. */
/* NOLINTNEXTLINE(readability-function-size) */
static int pick_http(SSL *ssl, const unsigned char **out, unsigned char *size,
    const unsigned char *in, unsigned int in_size, void *arg)
{
	static const unsigned char ours[] = "\x08http/1.1";
	unsigned char *picked;

	(void)ssl;
	(void)arg;
	if (SSL_select_next_proto(&picked, size, ours, sizeof(ours) - 1, in,
	        in_size) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*out = picked;
	return SSL_TLSEXT_ERR_OK;
}

/* A key with a password would have OpenSSL ask the terminal. */
static int no_password(char *buf, int size, int writing, void *arg)
{
	(void)buf;
	(void)size;
	(void)writing;
	(void)arg;
	return 0;
}

static int complain(struct fault *why, const char *what)
{
	unsigned long code = ERR_peek_error();
	const char *reason = ERR_reason_error_string(code);

	ERR_clear_error();
	return fault_set(why, ERR_INVALID, "%s: %s", what,
	    reason != NULL ? reason : "not usable");
}

/* No session cache on our side: tickets keep the state with the client, and
 * one is enough (OpenSSL would send two). Truncation by a missing close_notify
 * is no threat to framings that know their own length. */
static bool set_profile(SSL_CTX *ctx, bool http)
{
	SSL_CTX_set_options(ctx, SSL_OP_NO_COMPRESSION |
	                             SSL_OP_NO_RENEGOTIATION |
	                             SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS |
	                          SSL_MODE_ENABLE_PARTIAL_WRITE |
	                          SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_num_tickets(ctx, 1);
	SSL_CTX_set_read_ahead(ctx, 1);
	SSL_CTX_set_default_passwd_cb(ctx, no_password);
	if (http)
		SSL_CTX_set_alpn_select_cb(ctx, pick_http, NULL);
	return SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) == 1 &&
	       SSL_CTX_set_cipher_list(ctx, CIPHERS) == 1 &&
	       SSL_CTX_set_ciphersuites(ctx, SUITES) == 1 &&
	       SSL_CTX_set1_groups_list(ctx, GROUPS) == 1;
}

/* The file names go into the fault, what is in the files never does. */
static int load(SSL_CTX *ctx, const char *cert_file, const char *key_file,
    struct fault *why)
{
	if (SSL_CTX_use_certificate_chain_file(ctx, cert_file) != 1)
		return complain(why, cert_file);
	if (SSL_CTX_use_PrivateKey_file(ctx, key_file, SSL_FILETYPE_PEM) != 1)
		return complain(why, key_file);
	if (SSL_CTX_check_private_key(ctx) != 1)
		return complain(why, key_file);
	return 0;
}

int tls_new(const char *cert_file, const char *key_file, bool http,
    struct tls **out, struct fault *why)
{
	SSL_CTX *ctx;
	int err;

	ERR_clear_error();
	ctx = SSL_CTX_new(TLS_server_method());
	if (ctx == NULL || !set_profile(ctx, http))
		err = complain(why, "TLS");
	else
		err = load(ctx, cert_file, key_file, why);
	if (err != 0) {
		SSL_CTX_free(ctx);
		return err;
	}
	*out = new_of(struct tls);
	(*out)->ctx = ctx;
	(*out)->ticket_at = INT64_MIN;
	return 0;
}

void tls_free(struct tls *t)
{
	if (t == NULL)
		return;
	SSL_CTX_free(t->ctx);
	mem_free(t);
}

/* A stolen ticket key opens a day's talks, not all that were ever held. */
static void rotate_tickets(struct tls *t, msec_t now)
{
	unsigned char key[TICKET_KEY];

	if (t->ticket_at != INT64_MIN && now - t->ticket_at < TICKET_MS)
		return;
	t->ticket_at = now;
	rng_bytes(key, sizeof(key));
	SSL_CTX_set_tlsext_ticket_keys(t->ctx, key, sizeof(key));
	OPENSSL_cleanse(key, sizeof(key));
}

int tls_attach(struct tls *t, struct conn *c, msec_t now)
{
	SSL *ssl;

	rotate_tickets(t, now);
	ERR_clear_error();
	ssl = SSL_new(t->ctx);
	if (ssl == NULL || SSL_set_fd(ssl, c->fd) != 1) {
		SSL_free(ssl);
		return ERR_MEMORY;
	}
	SSL_set_accept_state(ssl);
	c->ops = &secure_ops;
	c->below = ssl;
	c->secure = true;
	c->shaking = true;
	return 0;
}
