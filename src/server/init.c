/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * init.c - `usherd --init DIR`: a config to read, a certificate, an admin.
 *
 * Entered by main, once in a server's life. The admin is written the only way
 * anything is written: as an input to a server, one without doors, whose log
 * the real one then finds.
 */
#include "server/init.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "net/tls_make.h"
#include "server/intake.h"
#include "server/server.h"

#define PASSWORD_BYTES 12   /* 96 bits of chance */
#define TURNS_MAX      1000 /* far more than one commit needs */
#define HOST_BYTES     256

static const char config_text[] =
    "# usher: a first config. Check it with: usherd -t -c usher.conf\n"
    "# Names may be used before they are defined; times are 30s, 5m, 4h, 2d.\n"
    "language 1;\n"
    "workspace main;\n"
    "data \"data\";                 # beside this file, for the server only\n"
    "\n"
    "# Where to listen. Without tls only loopback is allowed.\n"
    "listen pages   0.0.0.0:7443 tls { certificate \"cert.pem\"; "
    "key \"key.pem\"; }\n"
    "listen agents  0.0.0.0:7444 tls { certificate \"cert.pem\"; "
    "key \"key.pem\"; }\n"
    "listen gateway 127.0.0.1:7445;\n"
    "listen control \"control.sock\";   # usherctl\n"
    "\n"
    "# What agents can do, and who they are. Passwords are not here:\n"
    "# usherctl person-add maria --role agent\n"
    "skill billing;\n"
    "skill support;\n"
    "team  day     { takes phone 1, chat 3, mail 5; wrap-up 30s; }\n"
    "agent maria \"Maria\" { team day; skills billing 80, support 40; }\n"
    "agent joe   \"Joe\"   { team day; skills support 80; }\n"
    "\n"
    "# When somebody is there, and what a customer is owed.\n"
    "hours    office  { zone \"Europe/London\"; open mon-fri 09:00-17:30; }\n"
    "standard prompt  { answer 80% within 60s per 30m; }\n"
    "standard letters { answer 90% within 4h of office per 1d; }\n"
    "\n"
    "# The doors contacts come in by.\n"
    "channel chat site { origin \"https://localhost:7443\"; "
    "standard prompt; }\n"
    "channel mail help { address \"help@example.org\"; standard letters; }\n"
    "\n"
    "# Where they wait. After a while less is asked of the agent.\n"
    "queue billing { need billing 60+; after 30s need billing 20+; ring 20s; "
    "}\n"
    "queue general { ring 20s; }\n"
    "\n"
    "# First match wins; the last line is required.\n"
    "route {\n"
    "    text has \"invoice\", \"refund\", \"bill\" -> queue billing;\n"
    "    otherwise                            -> queue general;\n"
    "}\n"
    "\n"
    "test \"refunds go to billing\" { chat site \"a refund please\"; "
    "ready maria; expect queue billing, agent maria; }\n";

struct init {
	char *dir; /* absolute */
	char *config_file, *cert_file, *key_file;
	struct buf password;
	struct fault why;
};

static void init_done(struct init *i)
{
	mem_free(i->dir);
	mem_free(i->config_file);
	mem_free(i->cert_file);
	mem_free(i->key_file);
	buf_done(&i->password);
}

static bool is_empty(const char *dir)
{
	DIR *d = opendir(dir);
	const struct dirent *e;
	bool empty = d != NULL;

	while (empty && (e = readdir(d)) != NULL)
		empty =
		    strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0;
	if (d != NULL)
		closedir(d);
	return empty;
}

static int make_folder(struct init *i, const char *dir)
{
	char cwd[PATH_MAX];

	if (mkdir(dir, 0700) != 0 && errno != EEXIST)
		return fault_set(
		    &i->why, ERR_IO, "%s: %s", dir, strerror(errno));
	if (!is_empty(dir))
		return fault_set(
		    &i->why, ERR_STATE, "%s is not an empty folder", dir);
	if (dir[0] == '/') {
		i->dir = mem_text(dir);
	} else {
		if (getcwd(cwd, sizeof(cwd)) == NULL)
			return fault_set(&i->why, ERR_IO,
			    "the current folder has no name: %s",
			    strerror(errno));
		i->dir = mem_textf("%s/%s", cwd, dir);
	}
	i->config_file = mem_textf("%s/usher.conf", i->dir);
	i->cert_file = mem_textf("%s/cert.pem", i->dir);
	i->key_file = mem_textf("%s/key.pem", i->dir);
	return 0;
}

static int write_config(struct init *i)
{
	int fd =
	    open(i->config_file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	ssize_t n = -1;

	if (fd >= 0) {
		n = write(fd, config_text, sizeof(config_text) - 1);
		close(fd);
	}
	if (n != (ssize_t)sizeof(config_text) - 1)
		return fault_set(
		    &i->why, ERR_IO, "%s: %s", i->config_file, strerror(errno));
	return 0;
}

static int make_certificate(struct init *i)
{
	char host[HOST_BYTES];

	if (gethostname(host, sizeof(host)) != 0)
		snprintf(host, sizeof(host), "localhost");
	host[sizeof(host) - 1] = '\0';
	return tls_self_signed(i->cert_file, i->key_file, host, &i->why);
}

/* The payload of a PERSON_SET (doc/payloads.md). */
static void write_person(struct str password, struct buf *out)
{
	char hash[PASSWORD_TEXT];
	struct json_writer w;

	password_hash(password, hash);
	jw_init(&w, out);
	jw_object(&w);
	jw_ktext(&w, "hash", hash);
	jw_end(&w);
}

static int add_admin(struct init *i, struct server *s)
{
	struct input in = { .kind = INPUT_PERSON };
	struct outcome out = { 0 };
	struct buf payload = { 0 };
	unsigned turns = 0;

	token_make(PASSWORD_BYTES, &i->password);
	write_person(buf_str(&i->password), &payload);
	in.person.name = STR("admin");
	in.person.role = ROLE_ADMIN;
	if (intake_post(s, &in, buf_str(&payload), &out) != 0)
		i->why = out.why;
	buf_done(&payload);
	while (out.err == 0 && store_committed(s->store) < s->world->seq &&
	       turns++ < TURNS_MAX)
		server_turn(s);
	return out.err;
}

/* A server in memory: its store is the real one, its doors are none. */
static int fill_store(struct init *i)
{
	struct server_config how = { .inline_threads = true, .memory = true };
	struct config_notes notes = { 0 };
	struct server *s = NULL;
	int err;

	err = config_load(i->config_file, &how.config, &notes);
	config_notes_done(&notes);
	if (err != 0)
		return fault_set(
		    &i->why, err, "%s is not understood", i->config_file);
	err = server_new(&how, &s, &i->why);
	if (err == 0)
		err = add_admin(i, s);
	server_free(s);
	return err;
}

static void say_next(const struct init *i)
{
	printf("Made %s with a config, a certificate and an admin.\n"
	       "\n"
	       "    name      admin\n"
	       "    password  %s\n"
	       "\n"
	       "It is shown this once; for another one:\n"
	       "    usherctl -s %s/control.sock person-add admin --role admin\n"
	       "\n"
	       "Next:\n"
	       "    usherd -c %s\n"
	       "    usherctl -s %s/control.sock person-add maria --role agent\n"
	       "    usherctl -s %s/control.sock status\n",
	    i->dir, i->password.data, i->dir, i->config_file, i->dir, i->dir);
}

int init_folder(const char *dir)
{
	struct init i = { 0 };
	int err;

	/* What the server in memory would tell a log is nobody's news. */
	log_set_level(LOG_ERROR);
	err = make_folder(&i, dir);
	if (err == 0)
		err = write_config(&i);
	if (err == 0)
		err = make_certificate(&i);
	if (err == 0)
		err = fill_store(&i);
	if (err == 0)
		say_next(&i);
	else
		fprintf(stderr, "usherd: --init: %s\n", i.why.text);
	init_done(&i);
	return err;
}
