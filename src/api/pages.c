/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pages.c - files of one folder, read at start, served from memory.
 *
 * Entered at start and by the rows of the pages. Links are not followed and
 * names that would need escaping are left out, so a path is what it looks
 * like.
 */
#include "api/pages.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "base/crypto.h"
#include "base/log.h"
#include "base/mem.h"

#define PATH_BYTES 256

/* Only ours may frame the desk; the chat page is made to be framed. */
#define POLICY                                                                 \
	"Content-Security-Policy: default-src 'self'; base-uri 'none'; "       \
	"object-src 'none'%s\r\n"                                              \
	"Referrer-Policy: no-referrer\r\n"
#define UNFRAMED "; frame-ancestors 'self'"

static const struct {
	const char *ending;
	const char *type;
} types[] = {
	{ ".html", "text/html; charset=utf-8" },
	{ ".js", "text/javascript; charset=utf-8" },
	{ ".mjs", "text/javascript; charset=utf-8" },
	{ ".css", "text/css; charset=utf-8" },
	{ ".json", "application/json" },
	{ ".map", "application/json" },
	{ ".webmanifest", "application/manifest+json" },
	{ ".svg", "image/svg+xml" },
	{ ".png", "image/png" },
	{ ".ico", "image/x-icon" },
	{ ".webp", "image/webp" },
	{ ".woff2", "font/woff2" },
	{ ".mp3", "audio/mpeg" },
	{ ".ogg", "audio/ogg" },
	{ ".txt", "text/plain; charset=utf-8" },
};

static bool ends_with(struct str s, const char *ending)
{
	struct str end = str_of(ending);

	return s.n > end.n && str_eq(str_from(s, s.n - end.n), end);
}

/* An ending we do not know is not served: nosniff would make it useless. */
static const char *type_of(struct str path)
{
	size_t i;

	for (i = 0; i < countof(types); i++)
		if (ends_with(path, types[i].ending))
			return types[i].type;
	return NULL;
}

/* Also keeps "{" out, which would make a pattern of a path. */
static bool is_plain_name(const char *name)
{
	const char *p;

	if (name[0] == '.')
		return false;
	for (p = name; *p != '\0'; p++)
		if (strchr("abcdefghijklmnopqrstuvwxyz0123456789._-"
		           "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
		        *p) == NULL)
			return false;
	return true;
}

/* ---- the list ------------------------------------------------------------- */

static struct page *add_page(struct pages *p, struct str path)
{
	struct page *page;

	mem_room(&p->items, p->count, &p->cap, sizeof(*p->items));
	page = &p->items[p->count++];
	*page = (struct page){ .path = mem_text_n(path.p, path.n) };
	return page;
}

/* Another path for the bytes of `first`; without them it leads to its
 * path with a slash. */
static void add_name(
    struct pages *p, size_t first, struct str path, bool redirect)
{
	struct page *page = add_page(p, path);
	const struct page *of = &p->items[first];

	page->type = of->type;
	if (redirect)
		return;
	page->bytes = of->bytes;
	page->size = of->size;
	memcpy(page->etag, of->etag, sizeof(page->etag));
}

static void add_other_names(struct pages *p, size_t first)
{
	struct str path = str_of(p->items[first].path);

	if (ends_with(path, "/index.html") || str_is(path, "/index.html")) {
		struct str folder = str_sub(path, 0, path.n - 10);

		add_name(p, first, folder, false);
		if (folder.n > 1)
			add_name(
			    p, first, str_sub(folder, 0, folder.n - 1), true);
	} else if (ends_with(path, ".html")) {
		add_name(p, first, str_sub(path, 0, path.n - 5), false);
	}
}

/* 128 bits of the content: the same file after a restart is the same page. */
static void make_etag(struct page *page)
{
	uint8_t digest[SHA256_BYTES];
	struct buf hex = { 0 };

	sha256((struct str){ page->bytes, page->size }, digest);
	hex_encode(digest, 16, &hex);
	snprintf(page->etag, sizeof(page->etag), "\"%.32s\"", hex.data);
	buf_done(&hex);
}

/* ---- reading -------------------------------------------------------------- */

/* The whole file; NULL when it is not regular, too large or not readable. */
static char *read_file(int dir_fd, const char *name, size_t *out_size)
{
	int fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	char *bytes = NULL;
	size_t got = 0;
	ssize_t n = 1;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    (size_t)st.st_size <= PAGE_BYTES_MAX)
		bytes = mem_new((size_t)st.st_size + 1);
	while (bytes != NULL && got < (size_t)st.st_size && n > 0) {
		n = read(fd, bytes + got, (size_t)st.st_size - got);
		got += n > 0 ? (size_t)n : 0;
	}
	close(fd);
	*out_size = got;
	return bytes;
}

static void load_file(
    struct pages *p, int dir_fd, const char *name, const char *path)
{
	const char *type = type_of(str_of(path));
	struct page *page;
	size_t size = 0;
	char *bytes;

	if (type == NULL)
		return;
	bytes = read_file(dir_fd, name, &size);
	if (bytes == NULL) {
		log_warn("pages", "msg=left-out path=%s", path);
		return;
	}
	page = add_page(p, str_of(path));
	page->type = type;
	page->bytes = bytes;
	page->size = size;
	page->owns_bytes = true;
	make_etag(page);
	add_other_names(p, p->count - 1);
}

/* Takes the descriptor. Folders are opened relative to their parent, so that
 * one moved meanwhile cannot lead outside. */
static void load_folder(
    struct pages *p, int fd, const char *prefix, unsigned depth)
{
	DIR *dir = fdopendir(fd);
	struct dirent *d;
	char path[PATH_BYTES];
	int inner;

	if (dir == NULL) {
		close(fd);
		return;
	}
	while ((d = readdir(dir)) != NULL && p->count + 3 <= PAGES_MAX) {
		if (!is_plain_name(d->d_name))
			continue;
		if (snprintf(path, sizeof(path), "%s/%s", prefix, d->d_name) >=
		    (int)sizeof(path))
			continue;
		inner = openat(dirfd(dir), d->d_name,
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (inner < 0)
			load_file(p, dirfd(dir), d->d_name, path);
		else if (depth < PAGES_DEPTH)
			load_folder(p, inner, path, depth + 1);
		else
			close(inner);
	}
	closedir(dir);
}

void pages_load(struct pages *p, const char *dir)
{
	int fd;

	*p = (struct pages){ 0 };
	if (dir == NULL)
		return;
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		log_warn("pages", "msg=no-pages dir=%s error=\"%s\"", dir,
		    strerror(errno));
		return;
	}
	load_folder(p, fd, "", 1);
}

void pages_done(struct pages *p)
{
	size_t i;

	for (i = 0; i < p->count; i++) {
		mem_free(p->items[i].path);
		if (p->items[i].owns_bytes)
			mem_free(p->items[i].bytes);
	}
	mem_free(p->items);
	*p = (struct pages){ 0 };
}

/* ---- answering ------------------------------------------------------------ */

static const struct page *find_page(const struct pages *p, struct str path)
{
	size_t i;

	for (i = 0; i < p->count; i++)
		if (str_is(path, p->items[i].path))
			return &p->items[i];
	return NULL;
}

/* With the slash, so that the page's relative links lead into its folder. */
static void answer_redirect(
    const struct http_call *call, const struct page *page)
{
	char extra[PATH_BYTES + 32];

	snprintf(extra, sizeof(extra), "Location: %s/\r\n", page->path);
	net_answer(call->net, call->peer,
	    &(struct http_answer){ .status = 308, .extra = extra });
}

void pages_answer(const struct pages *p, const struct http_call *call)
{
	const struct page *page = find_page(p, call->rq->path);
	struct http_answer answer = { .status = 200 };
	char extra[512];

	/* A row for it was made from the same list. */
	check(page != NULL);
	if (page->bytes == NULL) {
		answer_redirect(call, page);
		return;
	}
	snprintf(extra, sizeof(extra),
	    "ETag: %s\r\nCache-Control: no-cache\r\n" POLICY, page->etag,
	    str_starts(call->rq->path, "/chat") ? "" : UNFRAMED);
	answer.extra = extra;
	if (str_is(http_field(call->rq, "If-None-Match"), page->etag)) {
		answer.status = 304;
	} else {
		answer.type = page->type;
		answer.body = (struct str){ page->bytes, page->size };
	}
	net_answer(call->net, call->peer, &answer);
}
