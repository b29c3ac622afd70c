/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mail.h - the mail room, for its own files only.
 *
 *   mail.c          the table; raw mails in: kept, presented, acknowledged
 *   mail_parse.c    the order to read one: usher-mime, then presented again
 *   mail_send.c     the order to send a reply: SMTP, or a folder
 *   mail_compose.c  a reply as bytes
 *   mime_spawn.c    processes of usher-mime
 *
 * Both orders ask the record for their facts, at first and after a restart
 * alike: one way, used every day.
 */
#ifndef USHER_CHANNEL_MAIL_H
#define USHER_CHANNEL_MAIL_H

#include "base/list.h"
#include "channel/door.h"
#include "channel/mime_spawn.h"
#include "channel/secret.h"

#define MAIL_RAW_MAX ((size_t)50 * 1024 * 1024)

struct mail_room {
	struct channel_env env;
	uint8_t key[SECRET_BYTES]; /* of our Message-IDs */
	struct tokens tokens;
	struct mime *mime;
	struct list incoming; /* requests not answered yet */
	struct list parsing;
	struct list sending;
};

const struct world *mail_world(const struct mail_room *room);

/* What the record knows of a contact; strings borrow from `tree`. */
struct mail_facts {
	struct json *tree;
	struct str raw, from, to, message_id, subject, language;
	bool outbound;
};
int mail_facts_read(struct str text, struct mail_facts *out) must_check;
void mail_facts_done(struct mail_facts *f);

/* How long to wait before trying again; `tries` are behind us. */
msec_t mail_back_off(unsigned tries);

void mail_parse(struct mail_room *room, const struct order *o);
void mail_parse_done(struct mail_room *room);
void mail_send(struct mail_room *room, const struct order *o);
void mail_send_done(struct mail_room *room);

#endif
