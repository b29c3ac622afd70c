/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tls_make.c - a key and a certificate of our own making.
 *
 * Entered by `usherd --init` only; nothing that serves comes here. A private
 * key that existed for a moment with wide permissions is no private key: files
 * are made new, with their final mode.
 */
#include "net/tls_make.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A type of the library's and a code of ours have the same name. */
#define ERR_STATE OPENSSL_ERR_STATE
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#undef ERR_STATE

#include "base/rng.h"

#define DAYS       730
#define DAY_S      (24L * 60 * 60)
#define SERIAL_LEN 16
#define NAMES_MAX  512

static int set_serial(X509 *x)
{
	unsigned char bytes[SERIAL_LEN];
	BIGNUM *n;
	int good;

	rng_bytes(bytes, sizeof(bytes));
	bytes[0] &= 0x7f; /* RFC 5280: positive */
	n = BN_bin2bn(bytes, sizeof(bytes), NULL);
	good = n != NULL && BN_to_ASN1_INTEGER(n, X509_get_serialNumber(x));
	BN_free(n);
	return good;
}

static int add_extension(X509 *x, int nid, const char *value)
{
	X509V3_CTX context;
	X509_EXTENSION *e;
	int good;

	X509V3_set_ctx_nodb(&context);
	X509V3_set_ctx(&context, x, x, NULL, NULL, 0);
	e = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	good = e != NULL && X509_add_ext(x, e, -1);
	X509_EXTENSION_free(e);
	return good;
}

static int fill(X509 *x, EVP_PKEY *key, const char *host)
{
	char names[NAMES_MAX];
	X509_NAME *name = X509_get_subject_name(x);

	/* A host name that openssl would read as more than a name: no. */
	if (strpbrk(host, ",:= ") != NULL)
		host = "localhost";
	snprintf(names, sizeof(names),
	    "DNS:localhost,DNS:%s,IP:127.0.0.1,IP:0:0:0:0:0:0:0:1", host);
	return X509_set_version(x, X509_VERSION_3) && set_serial(x) &&
	       X509_gmtime_adj(X509_getm_notBefore(x), -DAY_S) != NULL &&
	       X509_gmtime_adj(X509_getm_notAfter(x), DAYS * DAY_S) != NULL &&
	       X509_set_pubkey(x, key) &&
	       X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
	           (const unsigned char *)host, -1, -1, 0) &&
	       X509_set_issuer_name(x, name) &&
	       add_extension(x, NID_basic_constraints, "critical,CA:TRUE") &&
	       add_extension(x, NID_subject_key_identifier, "hash") &&
	       add_extension(x, NID_subject_alt_name, names) &&
	       X509_sign(x, key, EVP_sha256()) > 0;
}

static int write_file(
    const char *file, mode_t mode, BIO *from, struct fault *why)
{
	char *bytes;
	long n = BIO_get_mem_data(from, &bytes);
	int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	int err = 0;

	if (fd < 0)
		return fault_set(why, ERR_IO, "%s: %s", file, strerror(errno));
	if (fchmod(fd, mode) != 0 || write(fd, bytes, (size_t)n) != n ||
	    fsync(fd) != 0)
		err = fault_set(why, ERR_IO, "%s: %s", file, strerror(errno));
	close(fd);
	return err;
}

static int write_pair(const char *cert_file, const char *key_file, X509 *x,
    EVP_PKEY *key, struct fault *why)
{
	BIO *cert_text = BIO_new(BIO_s_mem());
	BIO *key_text = BIO_new(BIO_s_mem());
	int err;

	if (cert_text == NULL || key_text == NULL ||
	    !PEM_write_bio_X509(cert_text, x) ||
	    !PEM_write_bio_PrivateKey(key_text, key, NULL, NULL, 0, NULL, NULL))
		err = fault_set(why, ERR_MEMORY, "the key cannot be written");
	else
		err = write_file(key_file, 0600, key_text, why);
	if (err == 0)
		err = write_file(cert_file, 0644, cert_text, why);
	BIO_free(cert_text);
	BIO_free(key_text);
	return err;
}

int tls_self_signed(const char *cert_file, const char *key_file,
    const char *host, struct fault *why)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x = X509_new();
	int err;

	if (key == NULL || x == NULL || !fill(x, key, host))
		err = fault_set(
		    why, ERR_UNSUPPORTED, "a certificate cannot be made");
	else
		err = write_pair(cert_file, key_file, x, key, why);
	X509_free(x);
	EVP_PKEY_free(key);
	return err;
}
