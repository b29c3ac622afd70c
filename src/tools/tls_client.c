/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tls_client.c - a connection from the outside, as any client would make it.
 *
 * The server's TLS lives in net/tls.c; this is the other end, and the only
 * other file that talks to the library's connections. It must never send a
 * byte to a server whose certificate was not accepted.
 */
#include "tools/tls_client.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/crypto.h"
#include "base/mem.h"

/* A type of the library's and a code of ours have the same name. */
#define ERR_STATE OPENSSL_ERR_STATE
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#undef ERR_STATE

#define WRITE_PATIENCE_MS 10000

struct tls_client {
	SSL_CTX *context;
	SSL *ssl;
	int fd;
};

static msec_t now(void)
{
	return clock_mono(clock_system());
}

/* Waits until the socket is ready; false when the deadline has passed. */
static bool wait_for(int fd, short events, msec_t deadline)
{
	struct pollfd p = { fd, events, 0 };
	msec_t left;
	int n;

	do {
		left = deadline - now();
		if (left <= 0)
			return false;
		n = poll(&p, 1, (int)left);
	} while (n < 0 && errno == EINTR);
	return n > 0;
}

/* "host:port" or "[v6]:port" into two heap strings. */
static int split_address(const char *address, char **out_host, char **out_port)
{
	struct str s = str_of(address);
	size_t colon = s.n;

	while (colon > 0 && s.p[colon - 1] != ':')
		colon--;
	if (colon <= 1 || colon == s.n)
		return ERR_INVALID;
	*out_port = mem_text(s.p + colon);
	s = str_sub(s, 0, colon - 1);
	if (s.p[0] == '[' && s.p[s.n - 1] == ']')
		s = str_sub(s, 1, s.n - 2);
	*out_host = mem_text_n(s.p, s.n);
	return 0;
}

/* One address tried; -1: nobody there. */
static int dial_one(const struct addrinfo *a, msec_t deadline)
{
	int failure = 0;
	socklen_t size = sizeof(failure);
	int fd = socket(a->ai_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, a->ai_protocol);

	if (fd < 0)
		return -1;
	if (connect(fd, a->ai_addr, a->ai_addrlen) == 0)
		return fd;
	if (errno == EINPROGRESS && wait_for(fd, POLLOUT, deadline) &&
	    getsockopt(fd, SOL_SOCKET, SO_ERROR, &failure, &size) == 0 &&
	    failure == 0)
		return fd;
	if (failure != 0)
		errno = failure;
	close(fd);
	return -1;
}

static int dial(const char *host, const char *port, msec_t deadline,
    int *out_fd, struct fault *why)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *found = NULL;
	struct addrinfo *a;
	int fd = -1;
	int err = getaddrinfo(host, port, &hints, &found);

	if (err != 0)
		return fault_set(
		    why, ERR_IO, "%s: %s", host, gai_strerror(err));
	for (a = found; a != NULL && fd < 0; a = a->ai_next)
		fd = dial_one(a, deadline);
	freeaddrinfo(found);
	if (fd < 0)
		return fault_set(why, ERR_IO, "%s:%s: %s", host, port,
		    errno == EINPROGRESS ? "no answer" : strerror(errno));
	*out_fd = fd;
	return 0;
}

/* The certificate's digest in lower-case hex. */
static bool fingerprint(SSL *ssl, struct buf *out)
{
	unsigned char digest[SHA256_BYTES];
	unsigned size = sizeof(digest);
	X509 *cert = SSL_get1_peer_certificate(ssl);
	bool there =
	    cert != NULL && X509_digest(cert, EVP_sha256(), digest, &size) == 1;

	X509_free(cert);
	if (there)
		hex_encode(digest, size, out);
	return there;
}

/* As openssl prints it, with colons, or without. */
static bool same_pin(const char *pin, struct str fingerprint)
{
	size_t at = 0;

	for (; *pin != '\0'; pin++) {
		if (*pin == ':' || *pin == ' ')
			continue;
		if (at == fingerprint.n ||
		    tolower((unsigned char)*pin) != fingerprint.p[at])
			return false;
		at++;
	}
	return at == fingerprint.n;
}

static int judge(
    struct tls_client *c, const struct tls_trust *trust, struct fault *why)
{
	struct buf seen = { 0 };
	long verdict = SSL_get_verify_result(c->ssl);
	int err = 0;

	if (!fingerprint(c->ssl, &seen)) {
		err = fault_set(why, ERR_AUTH, "the server has no certificate");
	} else if (trust->pin != NULL) {
		if (!same_pin(trust->pin, buf_str(&seen)))
			err = fault_set(why, ERR_AUTH,
			    "another certificate than the pinned one: %s",
			    seen.data);
	} else if (!trust->insecure && verdict != X509_V_OK) {
		err = fault_set(why, ERR_AUTH,
		    "%s; if you know this server: --pin %s",
		    X509_verify_cert_error_string(verdict), seen.data);
	}
	buf_done(&seen);
	return err;
}

/* The handshake only; the certificate is judged before anything is sent. */
static int shake(struct tls_client *c, msec_t deadline, struct fault *why)
{
	int n;

	while ((n = SSL_connect(c->ssl)) != 1) {
		int what = SSL_get_error(c->ssl, n);
		short events = what == SSL_ERROR_WANT_WRITE ? POLLOUT : POLLIN;

		if (what != SSL_ERROR_WANT_READ && what != SSL_ERROR_WANT_WRITE)
			return fault_set(why, ERR_IO,
			    "no TLS was agreed on: %s",
			    ERR_peek_error() != 0
			        ? ERR_reason_error_string(ERR_peek_error())
			        : "the server hung up");
		if (!wait_for(c->fd, events, deadline))
			return fault_set(why, ERR_IO, "no answer");
	}
	return 0;
}

/* The certificate is judged by judge(), so that every refusal has a text. */
static int prepare(struct tls_client *c, const char *host,
    const struct tls_trust *trust, struct fault *why)
{
	X509_VERIFY_PARAM *param;

	c->context = SSL_CTX_new(TLS_client_method());
	if (c->context == NULL)
		return fault_set(why, ERR_MEMORY, "no TLS");
	SSL_CTX_set_min_proto_version(c->context, TLS1_2_VERSION);
	SSL_CTX_set_verify(c->context, SSL_VERIFY_NONE, NULL);
	if (trust->ca_file == NULL)
		SSL_CTX_set_default_verify_paths(c->context);
	else if (SSL_CTX_load_verify_locations(
	             c->context, trust->ca_file, NULL) != 1)
		return fault_set(why, ERR_INVALID,
		    "%s: no certificates can be read", trust->ca_file);
	c->ssl = SSL_new(c->context);
	if (c->ssl == NULL || SSL_set_fd(c->ssl, c->fd) != 1)
		return fault_set(why, ERR_MEMORY, "no TLS");
	param = SSL_get0_param(c->ssl);
	if (X509_VERIFY_PARAM_set1_ip_asc(param, host) != 1) {
		SSL_set1_host(c->ssl, host);
		SSL_set_tlsext_host_name(c->ssl, host);
	}
	return 0;
}

int tls_client_open(const char *address, const struct tls_trust *trust,
    msec_t within, struct tls_client **out, struct fault *why)
{
	struct tls_client *c = new_of(struct tls_client);
	msec_t deadline = now() + within;
	char *host = NULL;
	char *port = NULL;
	int err = split_address(address, &host, &port);

	c->fd = -1;
	if (err != 0) {
		fault_set(why, err, "%s: want HOST:PORT", address);
		goto out;
	}
	ERR_clear_error();
	err = dial(host, port, deadline, &c->fd, why);
	if (err == 0)
		err = prepare(c, host, trust, why);
	if (err == 0)
		err = shake(c, deadline, why);
	if (err == 0)
		err = judge(c, trust, why);
	if (err == 0) {
		*out = c;
		c = NULL;
	}
out:
	mem_free(host);
	mem_free(port);
	tls_client_close(c);
	return err;
}

void tls_client_close(struct tls_client *c)
{
	if (c == NULL)
		return;
	if (c->ssl != NULL && SSL_is_init_finished(c->ssl))
		SSL_shutdown(c->ssl);
	SSL_free(c->ssl);
	SSL_CTX_free(c->context);
	if (c->fd >= 0)
		close(c->fd);
	mem_free(c);
}

int tls_client_fd(const struct tls_client *c)
{
	return c->fd;
}

ssize_t tls_client_read(struct tls_client *c, void *dst, size_t size)
{
	int n;

	ERR_clear_error();
	n = SSL_read(c->ssl, dst, size > 65536 ? 65536 : (int)size);
	if (n > 0)
		return n;
	switch (SSL_get_error(c->ssl, n)) {
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		return -1;
	default:
		return 0;
	}
}

int tls_client_write(struct tls_client *c, struct str bytes)
{
	msec_t deadline = now() + WRITE_PATIENCE_MS;

	while (bytes.n > 0) {
		int part = bytes.n > 16384 ? 16384 : (int)bytes.n;
		int n;
		int what;

		ERR_clear_error();
		n = SSL_write(c->ssl, bytes.p, part);
		if (n > 0) {
			bytes = str_from(bytes, (size_t)n);
			continue;
		}
		what = SSL_get_error(c->ssl, n);
		if (what != SSL_ERROR_WANT_READ && what != SSL_ERROR_WANT_WRITE)
			return ERR_IO;
		if (!wait_for(c->fd,
		        what == SSL_ERROR_WANT_WRITE ? POLLOUT : POLLIN,
		        deadline))
			return ERR_IO;
	}
	return 0;
}
