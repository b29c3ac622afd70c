/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * secret.c - the house's own secret, and the tokens of its doors.
 *
 * Entered by every channel at its start and by those that check a peer. No
 * secret is ever logged, and none is compared byte by byte.
 */
#include "channel/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/rng.h"
#include "channel/keep.h"

#define TOKEN_FILE_MAX 4096
#define TOKEN_MIN      8 /* characters; shorter lines are no tokens */

static int read_file(const char *path, struct buf *out, bool *out_open)
{
	struct stat st;
	ssize_t n = -1;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return errno == ENOENT ? ERR_NOT_FOUND : ERR_IO;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    buf_reserve(out, TOKEN_FILE_MAX))
		n = read(fd, out->data + out->len, TOKEN_FILE_MAX);
	(void)close(fd);
	if (n < 0)
		return ERR_IO;
	if (n == TOKEN_FILE_MAX)
		return ERR_TOO_LARGE;
	out->len += (size_t)n;
	*out_open = (st.st_mode & (S_IRWXG | S_IRWXO)) != 0;
	return 0;
}

/* As read_file(), but the secret is made when there is none yet. */
static int read_secret(const char *path, struct buf *out, bool *out_open)
{
	int err = read_file(path, out, out_open);
	uint8_t fresh[SECRET_BYTES];

	if (err != ERR_NOT_FOUND)
		return err;
	rng_bytes(fresh, sizeof(fresh));
	err = keep_file(path, (struct str){ (char *)fresh, sizeof(fresh) });
	return err != 0 ? err : read_file(path, out, out_open);
}

int secret_key(const char *data_dir, const char *purpose,
    uint8_t out[SECRET_BYTES], struct fault *why)
{
	char *path = mem_textf("%s/secret", data_dir);
	struct buf bytes = { 0 };
	bool is_open = false;
	int err = read_secret(path, &bytes, &is_open);

	if (err != 0)
		fault_set(why, err, "%s: %s", path, err_text(err));
	else if (is_open)
		err = fault_set(why, ERR_DENIED,
		    "%s: others may read it; chmod 600 it", path);
	else if (bytes.len != SECRET_BYTES)
		err = fault_set(
		    why, ERR_CORRUPT, "%s: not %d bytes", path, SECRET_BYTES);
	else
		hmac_sha256(buf_str(&bytes), str_of(purpose), out);
	buf_done(&bytes);
	mem_free(path);
	return err;
}

/* ---- tokens of the doors -------------------------------------------------- */

void tokens_done(struct tokens *t)
{
	struct map_slot *slot;

	map_each(slot, &t->by_door)
		mem_free(slot->value);
	map_done(&t->by_door);
	*t = (struct tokens){ 0 };
}

static void load_one(struct tokens *t, const struct rule_entrance *door)
{
	struct buf text = { 0 };
	bool is_open = false;
	int err = read_file(door->token_file, &text, &is_open);

	if (err != 0) {
		log_error("channel", "msg=no-token entrance=%s file=%s why=%s",
		    door->name, door->token_file, err_name(err));
		buf_done(&text);
		return;
	}
	if (is_open) {
		log_error("channel",
		    "msg=token-file-readable-by-others entrance=%s file=%s",
		    door->name, door->token_file);
		buf_done(&text);
		return;
	}
	buf_add_char(&text, '\n');
	mem_free(
	    map_put_text(&t->by_door, str_of(door->name), buf_take(&text)));
}

void tokens_load(struct tokens *t, const struct rules *r, enum channel channel)
{
	size_t i;

	tokens_done(t);
	for (i = 0; i < r->entrance_count; i++)
		if (r->entrances[i].channel == channel &&
		    r->entrances[i].token_file != NULL)
			load_one(t, &r->entrances[i]);
}

/* The next usable line, or an empty one at the end. */
static struct str next_token(struct str *rest)
{
	while (rest->n > 0) {
		struct str line = str_trim(str_next(rest, '\n'));

		if (line.n > 0 && line.p[line.n - 1] == '\r')
			line.n--;
		if (line.n >= TOKEN_MIN)
			return line;
	}
	return STR_NONE;
}

/* Digests have one length, so that not even the token's length shows. */
static bool is_same(struct str a, struct str b)
{
	uint8_t da[SHA256_BYTES];
	uint8_t db[SHA256_BYTES];

	sha256(a, da);
	sha256(b, db);
	return crypto_same(da, db, sizeof(da));
}

bool tokens_match(const struct tokens *t, const char *door, struct str token)
{
	struct str rest = str_of(map_find_text(&t->by_door, str_of(door)));
	struct str line;
	bool found = false;

	while ((line = next_token(&rest)).n > 0)
		found = is_same(line, token) || found;
	return found;
}

bool tokens_signed(
    const struct tokens *t, const char *door, struct str data, struct str mac)
{
	struct str rest = str_of(map_find_text(&t->by_door, str_of(door)));
	uint8_t right[SHA256_BYTES];
	struct str line;
	bool found = false;

	if (mac.n != sizeof(right))
		return false;
	while ((line = next_token(&rest)).n > 0) {
		hmac_sha256(line, data, right);
		found = crypto_same(right, mac.p, sizeof(right)) || found;
	}
	return found;
}
