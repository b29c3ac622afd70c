/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * store_sqlite_sql.c - the tables and the statements, in SQLite's dialect.
 *
 * ?1 is the workspace; the others are named in the comment at each statement.
 * Every statement must run on an index: nothing here may scan a table that
 * grows with the house (INDEXED BY where the planner, who has no statistics,
 * would walk the key instead; a test reads every plan). Times are wall time in
 * ms unless named otherwise.
 */
#include "store/store_sqlite.h"

/*
 * The log. event: WITHOUT ROWID is a fifth faster here, as bodies are short
 * (measured, 100 rows a commit); payload: bodies are long, where a plain table
 * is twice as fast. No index besides the keys: this is the commit point.
 */
const char *const sqlite_log_schema[LOG_VERSION] = {
	"CREATE TABLE event("
	" workspace TEXT NOT NULL, seq INTEGER NOT NULL,"
	" epoch INTEGER NOT NULL, at INTEGER NOT NULL,"
	" kind INTEGER NOT NULL, version INTEGER NOT NULL,"
	" contact INTEGER NOT NULL, customer INTEGER NOT NULL,"
	" agent INTEGER NOT NULL, body BLOB NOT NULL,"
	" PRIMARY KEY(workspace, seq)) WITHOUT ROWID;"
	"CREATE TABLE payload("
	" workspace TEXT NOT NULL, seq INTEGER NOT NULL,"
	" salt BLOB, body BLOB,"
	" PRIMARY KEY(workspace, seq));"
	"CREATE TABLE chain("
	" workspace TEXT NOT NULL, seq INTEGER NOT NULL,"
	" first INTEGER NOT NULL, hash BLOB NOT NULL, marks BLOB NOT NULL,"
	" PRIMARY KEY(workspace, seq)) WITHOUT ROWID;"
	"CREATE TABLE checkpoint("
	" workspace TEXT NOT NULL, seq INTEGER NOT NULL,"
	" number INTEGER NOT NULL, part INTEGER NOT NULL,"
	" parts INTEGER NOT NULL, hash BLOB NOT NULL, body BLOB NOT NULL,"
	" PRIMARY KEY(workspace, seq, part));",
};

/* The record. message.rowid is its seq, which the full-text table points to. */
const char *const sqlite_record_schema[RECORD_VERSION] = {
	"CREATE TABLE progress("
	" workspace TEXT NOT NULL PRIMARY KEY, seq INTEGER NOT NULL)"
	" WITHOUT ROWID;"
	"CREATE TABLE label("
	" workspace TEXT NOT NULL, kind TEXT NOT NULL, id INTEGER NOT NULL,"
	" name TEXT NOT NULL, label TEXT NOT NULL,"
	" PRIMARY KEY(workspace, kind, id)) WITHOUT ROWID;"
	"CREATE TABLE customer("
	" workspace TEXT NOT NULL, id INTEGER NOT NULL,"
	" name TEXT NOT NULL, name_seq INTEGER NOT NULL,"
	" created_at INTEGER NOT NULL,"
	" PRIMARY KEY(workspace, id)) WITHOUT ROWID;"
	"CREATE TABLE identifier("
	" workspace TEXT NOT NULL, id INTEGER NOT NULL,"
	" kind INTEGER NOT NULL, value TEXT NOT NULL,"
	" level INTEGER NOT NULL,"
	" PRIMARY KEY(workspace, id)) WITHOUT ROWID;"
	"CREATE INDEX identifier_value ON identifier(workspace, kind, value);"
	"CREATE TABLE identifier_owner("
	" workspace TEXT NOT NULL, identifier INTEGER NOT NULL,"
	" customer INTEGER NOT NULL, level INTEGER NOT NULL,"
	" seq INTEGER NOT NULL,"
	" PRIMARY KEY(workspace, identifier, customer)) WITHOUT ROWID;"
	"CREATE INDEX identifier_of ON identifier_owner(workspace, customer);"
	"CREATE TABLE contact("
	" workspace TEXT NOT NULL, id INTEGER NOT NULL,"
	" customer INTEGER NOT NULL DEFAULT 0,"
	" maybe INTEGER NOT NULL DEFAULT 0,"
	" channel INTEGER NOT NULL, entrance INTEGER NOT NULL,"
	" queue INTEGER NOT NULL DEFAULT 0, state INTEGER NOT NULL,"
	" outbound INTEGER NOT NULL, language TEXT NOT NULL,"
	" arrived_at INTEGER NOT NULL,"
	" answered_at INTEGER NOT NULL DEFAULT 0,"
	" ended_at INTEGER NOT NULL DEFAULT 0,"
	" end INTEGER NOT NULL DEFAULT 0, agent INTEGER NOT NULL DEFAULT 0,"
	" subject TEXT NOT NULL DEFAULT '', words TEXT NOT NULL DEFAULT '',"
	" name TEXT NOT NULL DEFAULT '', name_seq INTEGER NOT NULL DEFAULT 0,"
	" facts TEXT NOT NULL DEFAULT '{}',"
	" PRIMARY KEY(workspace, id)) WITHOUT ROWID;"
	"CREATE INDEX contact_of ON contact(workspace, customer, id)"
	" WHERE customer <> 0;"
	"CREATE INDEX contact_open ON contact(workspace, customer, id)"
	" WHERE customer <> 0 AND state <> 5;"
	"CREATE INDEX contact_maybe ON contact(workspace, maybe, id)"
	" WHERE maybe <> 0;"
	"CREATE TABLE contact_agent("
	" workspace TEXT NOT NULL, contact INTEGER NOT NULL,"
	" seq INTEGER NOT NULL, agent INTEGER NOT NULL,"
	" at INTEGER NOT NULL,"
	" PRIMARY KEY(workspace, contact, seq)) WITHOUT ROWID;"
	"CREATE TABLE contact_event("
	" workspace TEXT NOT NULL, contact INTEGER NOT NULL,"
	" seq INTEGER NOT NULL, kind INTEGER NOT NULL,"
	" PRIMARY KEY(workspace, contact, seq)) WITHOUT ROWID;"
	"CREATE TABLE contact_identifier("
	" workspace TEXT NOT NULL, contact INTEGER NOT NULL,"
	" identifier INTEGER NOT NULL, level INTEGER NOT NULL,"
	" PRIMARY KEY(workspace, contact, identifier)) WITHOUT ROWID;"
	"CREATE TABLE message("
	" workspace TEXT NOT NULL, seq INTEGER NOT NULL,"
	" contact INTEGER NOT NULL, message INTEGER NOT NULL,"
	" author INTEGER NOT NULL, agent INTEGER NOT NULL,"
	" at INTEGER NOT NULL, recipient TEXT NOT NULL,"
	" subject TEXT NOT NULL, text TEXT NOT NULL);"
	"CREATE UNIQUE INDEX message_of ON message(workspace, contact, seq);"
	"CREATE TABLE attachment("
	" workspace TEXT NOT NULL, seq INTEGER NOT NULL,"
	" number INTEGER NOT NULL, file TEXT NOT NULL, name TEXT NOT NULL,"
	" type TEXT NOT NULL, size INTEGER NOT NULL,"
	" PRIMARY KEY(workspace, seq, number)) WITHOUT ROWID;"
	"CREATE VIRTUAL TABLE message_words USING fts5("
	" subject, text, content='message',"
	" tokenize='unicode61 remove_diacritics 2');"
	"CREATE TABLE person("
	" workspace TEXT NOT NULL, name TEXT NOT NULL,"
	" role INTEGER NOT NULL, disabled INTEGER NOT NULL, hash TEXT,"
	" PRIMARY KEY(workspace, name)) WITHOUT ROWID;"
	"CREATE TABLE token("
	" workspace TEXT NOT NULL, token BLOB NOT NULL,"
	" name TEXT NOT NULL, role INTEGER NOT NULL,"
	" until INTEGER NOT NULL,"
	" PRIMARY KEY(workspace, token)) WITHOUT ROWID;",
};

const struct sqlite_table sqlite_tables[] = {
	{ "label", "kind, id" },
	{ "customer", "id" },
	{ "identifier", "id" },
	{ "identifier_owner", "identifier, customer" },
	{ "contact", "id" },
	{ "contact_agent", "contact, seq" },
	{ "contact_event", "contact, seq" },
	{ "contact_identifier", "contact, identifier" },
	{ "message", "contact, seq" },
	{ "attachment", "seq, number" },
	{ "person", "name" },
	{ "token", "token" },
	{ NULL, NULL },
};

/* A contact in short, as reader.c takes it apart (enum contact_column). */
#define CONTACT_COLUMNS                                                        \
	"c.id, c.customer, c.maybe, c.channel, e.name, q.name, c.state,"       \
	" c.outbound, c.language, c.arrived_at, c.answered_at, c.ended_at,"    \
	" c.end, a.name, a.label, c.subject, c.words, c.facts"
#define CONTACT_LABELS                                                         \
	" LEFT JOIN label e ON e.workspace = ?1 AND e.kind = 'e'"              \
	" AND e.id = c.entrance"                                               \
	" LEFT JOIN label q ON q.workspace = ?1 AND q.kind = 'q'"              \
	" AND q.id = c.queue"                                                  \
	" LEFT JOIN label a ON a.workspace = ?1 AND a.kind = 'a'"              \
	" AND a.id = c.agent"
/* The last ?3 of customer ?2, and those that are only probably theirs. Two
 * limited walks down an index: an OR would sort all a customer ever had. */
#define IDS_OF(index, more)                                                    \
	"SELECT id FROM (SELECT id FROM contact INDEXED BY " index             \
	" WHERE workspace = ?1 AND customer = ?2 AND customer <> 0" more       \
	" ORDER BY id DESC LIMIT ?3)"                                          \
	" UNION ALL SELECT id FROM (SELECT id FROM contact"                    \
	" INDEXED BY contact_maybe"                                            \
	" WHERE workspace = ?1 AND maybe = ?2 AND maybe <> 0" more             \
	" ORDER BY id DESC LIMIT ?3)"
#define LATEST_IDS IDS_OF("contact_of", "")
#define OPEN_IDS   IDS_OF("contact_open", " AND state <> 5")

const char *const sqlite_texts[STATEMENTS] = {
	/* ---- log ---- */
	/* seq, epoch, at (router time), kind, version, contact, customer,
	 * agent, body */
	[STMT_EVENT_ADD] =
	    "INSERT INTO event VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10)",
	/* seq, salt, body */
	[STMT_PAYLOAD_ADD] = "INSERT INTO payload VALUES(?1,?2,?3,?4)",
	/* seq of the last event, of the first one, hash, marks */
	[STMT_CHAIN_ADD] = "INSERT INTO chain VALUES(?1,?2,?3,?4,?5)",
	/* first seq, most */
	[STMT_EVENTS_FROM] =
	    "SELECT e.seq, e.epoch, e.at, e.kind, e.version, e.contact,"
	    " e.customer, e.agent, e.body, p.salt, p.body FROM event e"
	    " LEFT JOIN payload p ON p.workspace = ?1 AND p.seq = e.seq"
	    " WHERE e.workspace = ?1 AND e.seq >= ?2 ORDER BY e.seq LIMIT ?3",
	[STMT_EVENTS_LAST] = "SELECT seq FROM event WHERE workspace = ?1"
	                     " ORDER BY seq DESC LIMIT 1",
	[STMT_CHAIN_LAST] = "SELECT seq, hash FROM chain WHERE workspace = ?1"
	                    " ORDER BY seq DESC LIMIT 1",
	/* first seq, most */
	[STMT_CHAIN_FROM] = "SELECT seq, first, hash, marks FROM chain"
	                    " WHERE workspace = ?1 AND seq >= ?2"
	                    " ORDER BY seq LIMIT ?3",
	/* name of the one before; the connection's own workspace is not asked */
	[STMT_WORKSPACE_AFTER] = "SELECT workspace FROM chain"
	                         " WHERE workspace > ?2"
	                         " ORDER BY workspace LIMIT 1",
	/* seq, number, part, parts, hash of the whole, body of the part */
	[STMT_CHECKPOINT_ADD] =
	    "INSERT OR REPLACE INTO checkpoint VALUES(?1,?2,?3,?4,?5,?6,?7)",
	[STMT_CHECKPOINT_PRUNE] =
	    "DELETE FROM checkpoint WHERE workspace = ?1 AND number % 10 <> 0"
	    " AND seq NOT IN (SELECT seq FROM checkpoint WHERE workspace = ?1"
	    " AND part = 0 ORDER BY seq DESC LIMIT 3)",
	[STMT_CHECKPOINT_LAST] =
	    "SELECT seq, number FROM checkpoint WHERE workspace = ?1"
	    " ORDER BY seq DESC, part LIMIT 1",
	/* seq it may have at most */
	[STMT_CHECKPOINT_BEFORE] =
	    "SELECT seq FROM checkpoint WHERE workspace = ?1 AND seq <= ?2"
	    " ORDER BY seq DESC LIMIT 1",
	/* seq */
	[STMT_CHECKPOINT_PARTS] =
	    "SELECT part, parts, hash, body FROM checkpoint"
	    " WHERE workspace = ?1 AND seq = ?2 ORDER BY part",

	/* ---- record: written by the follower ---- */
	/* seq */
	[STMT_PROGRESS_SET] = "INSERT OR REPLACE INTO progress VALUES(?1,?2)",
	[STMT_PROGRESS_GET] = "SELECT seq FROM progress WHERE workspace = ?1",
	/* kind, id, name, label */
	[STMT_LABEL_SET] =
	    "INSERT OR REPLACE INTO label VALUES(?1,?2,?3,?4,?5)",
	/* id, channel, entrance, state, outbound, language, arrived_at,
	 * subject, words, name, name_seq, facts */
	[STMT_CONTACT_ADD] =
	    "INSERT INTO contact(workspace, id, channel, entrance, state,"
	    " outbound, language, arrived_at, subject, words, name, name_seq,"
	    " facts) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13)",
	/* id, language, subject, words, name, name_seq, facts; the empty ones
	 * leave what is there */
	[STMT_CONTACT_PARSED] =
	    "UPDATE contact SET language = coalesce(nullif(?3,''), language),"
	    " subject = coalesce(nullif(?4,''), subject),"
	    " words = coalesce(nullif(?5,''), words),"
	    " name = coalesce(nullif(?6,''), name),"
	    " name_seq = CASE WHEN ?6 = '' THEN name_seq ELSE ?7 END,"
	    " facts = json_patch(facts, ?8)"
	    " WHERE workspace = ?1 AND id = ?2",
	/* id, state */
	[STMT_CONTACT_STATE] = "UPDATE contact SET state = ?3"
	                       " WHERE workspace = ?1 AND id = ?2",
	/* id, state, queue */
	[STMT_CONTACT_QUEUE] = "UPDATE contact SET state = ?3, queue = ?4"
	                       " WHERE workspace = ?1 AND id = ?2",
	/* id, state, agent, at: the first answer stays */
	[STMT_CONTACT_ANSWERED] =
	    "UPDATE contact SET state = ?3, agent = ?4, answered_at ="
	    " CASE WHEN answered_at = 0 THEN ?5 ELSE answered_at END"
	    " WHERE workspace = ?1 AND id = ?2",
	/* id, state, end reason, at */
	[STMT_CONTACT_ENDED] =
	    "UPDATE contact SET state = ?3, end = ?4, ended_at = ?5"
	    " WHERE workspace = ?1 AND id = ?2",
	/* id, customer, maybe */
	[STMT_CONTACT_OWNER] = "UPDATE contact SET customer = ?3, maybe = ?4"
	                       " WHERE workspace = ?1 AND id = ?2",
	/* contact, seq, agent, at */
	[STMT_CONTACT_AGENT_ADD] =
	    "INSERT INTO contact_agent VALUES(?1,?2,?3,?4,?5)",
	/* contact, seq, kind */
	[STMT_CONTACT_EVENT_ADD] =
	    "INSERT INTO contact_event VALUES(?1,?2,?3,?4)",
	/* contact, identifier, level */
	[STMT_CONTACT_IDENTIFIER_ADD] =
	    "INSERT INTO contact_identifier VALUES(?1,?2,?3,?4)"
	    " ON CONFLICT DO UPDATE SET level = max(level, excluded.level)",
	/* id, kind, value, level: the best level it was ever presented at */
	[STMT_IDENTIFIER_ADD] =
	    "INSERT INTO identifier VALUES(?1,?2,?3,?4,?5)"
	    " ON CONFLICT DO UPDATE SET level = max(level, excluded.level)",
	[STMT_IDENTIFIER_NEXT] =
	    "SELECT 1 + max("
	    "(SELECT coalesce(max(id), 0) FROM identifier WHERE workspace = ?1),"
	    "(SELECT coalesce(max(identifier), 0) FROM identifier_owner"
	    " WHERE workspace = ?1))",
	/* identifier, customer, level, seq */
	[STMT_OWNER_ADD] =
	    "INSERT INTO identifier_owner VALUES(?1,?2,?3,?4,?5)"
	    " ON CONFLICT DO UPDATE SET level = max(level, excluded.level),"
	    " seq = excluded.seq",
	/* id, at */
	[STMT_CUSTOMER_ADD] = "INSERT INTO customer VALUES(?1,?2,'',0,?3)"
	                      " ON CONFLICT DO NOTHING",
	/* id, contact: the name that contact presented, if it counts */
	[STMT_CUSTOMER_NAME] =
	    "INSERT INTO customer SELECT ?1, ?2, name, name_seq, arrived_at"
	    " FROM contact WHERE workspace = ?1 AND id = ?3 AND name_seq > 0"
	    " ON CONFLICT DO UPDATE SET name = excluded.name,"
	    " name_seq = excluded.name_seq"
	    " WHERE excluded.name_seq > customer.name_seq",
	/* seq, contact, message, author, agent, at, recipient, subject, text */
	[STMT_MESSAGE_ADD] =
	    "INSERT INTO message(rowid, workspace, seq, contact, message,"
	    " author, agent, at, recipient, subject, text)"
	    " VALUES(?2,?1,?2,?3,?4,?5,?6,?7,?8,?9,?10)",
	/* seq, subject, text */
	[STMT_MESSAGE_INDEX] =
	    "INSERT INTO message_words(rowid, subject, text) VALUES(?2,?3,?4)",
	/* seq, number, file, name, type, size */
	[STMT_ATTACHMENT_ADD] =
	    "INSERT INTO attachment VALUES(?1,?2,?3,?4,?5,?6,?7)",
	/* name, role, disabled, hash: NULL leaves the old one */
	[STMT_PERSON_SET] = "INSERT INTO person VALUES(?1,?2,?3,?4,?5)"
	                    " ON CONFLICT DO UPDATE SET role = excluded.role,"
	                    " disabled = excluded.disabled,"
	                    " hash = coalesce(excluded.hash, person.hash)",
	/* token, name, role, until */
	[STMT_TOKEN_ADD] =
	    "INSERT OR REPLACE INTO token VALUES(?1,?2,?3,?4,?5)",
	/* token */
	[STMT_TOKEN_REVOKE] =
	    "DELETE FROM token WHERE workspace = ?1 AND token = ?2",

	/* ---- record: questions ---- */
	/* kind, value */
	[STMT_READ_OWNERS] =
	    "SELECT i.id, i.level, o.customer, o.level FROM identifier i"
	    " LEFT JOIN identifier_owner o ON o.workspace = ?1"
	    " AND o.identifier = i.id WHERE i.workspace = ?1 AND i.kind = ?2"
	    " AND i.value = ?3 ORDER BY i.id, o.level DESC, o.seq",
	/* customer: who served them last */
	[STMT_READ_SERVED] =
	    "SELECT agent FROM contact INDEXED BY contact_of"
	    " WHERE workspace = ?1 AND customer = ?2 AND customer <> 0"
	    " AND agent <> 0 ORDER BY id DESC LIMIT 1",
	/* customer */
	[STMT_READ_CUSTOMER] = "SELECT name, created_at FROM customer"
	                       " WHERE workspace = ?1 AND id = ?2",
	/* customer */
	[STMT_READ_CUSTOMER_IDENTIFIERS] =
	    "SELECT i.id, i.kind, i.value, o.level FROM identifier_owner o"
	    " INDEXED BY identifier_of JOIN identifier i"
	    " ON i.workspace = ?1 AND i.id = o.identifier"
	    " WHERE o.workspace = ?1 AND o.customer = ?2"
	    " ORDER BY o.level DESC, o.seq LIMIT 50",
	/* customer, most */
	[STMT_READ_CUSTOMER_CONTACTS] =
	    "SELECT " CONTACT_COLUMNS " FROM (" LATEST_IDS ") l"
	    " JOIN contact c ON c.workspace = ?1 AND c.id = l.id" CONTACT_LABELS
	    " ORDER BY c.id DESC LIMIT ?3",
	/* customer, most; state 5 is ended */
	[STMT_READ_CUSTOMER_OPEN] =
	    "SELECT id FROM (" OPEN_IDS ") ORDER BY id DESC LIMIT ?3",
	/* contact */
	[STMT_READ_CONTACT] =
	    "SELECT " CONTACT_COLUMNS " FROM contact c" CONTACT_LABELS
	    " WHERE c.workspace = ?1 AND c.id = ?2",
	/* contact */
	[STMT_READ_CONTACT_IDENTIFIERS] =
	    "SELECT i.id, i.kind, i.value, ci.level FROM contact_identifier ci"
	    " JOIN identifier i ON i.workspace = ?1 AND i.id = ci.identifier"
	    " WHERE ci.workspace = ?1 AND ci.contact = ?2"
	    " ORDER BY ci.identifier",
	/* contact */
	[STMT_READ_CONTACT_AGENTS] =
	    "SELECT a.name, a.label, ca.at FROM contact_agent ca"
	    " LEFT JOIN label a ON a.workspace = ?1 AND a.kind = 'a'"
	    " AND a.id = ca.agent WHERE ca.workspace = ?1 AND ca.contact = ?2"
	    " ORDER BY ca.seq",
	/* contact, most */
	[STMT_READ_CONTACT_EVENTS] =
	    "SELECT seq FROM contact_event WHERE workspace = ?1"
	    " AND contact = ?2 ORDER BY seq LIMIT ?3",
	/* contact, kinds of offer.made and offer.settled, most */
	[STMT_READ_CONTACT_OFFERS] =
	    "SELECT seq FROM contact_event WHERE workspace = ?1"
	    " AND contact = ?2 AND kind IN (?3, ?4) ORDER BY seq LIMIT ?5",
	/* contact, after (message number), most */
	[STMT_READ_MESSAGES] =
	    "SELECT m.seq, m.message, m.author, m.agent, m.at, m.recipient,"
	    " m.subject, m.text, a.name, a.label FROM message m"
	    " LEFT JOIN label a ON a.workspace = ?1 AND a.kind = 'a'"
	    " AND a.id = m.agent WHERE m.workspace = ?1 AND m.contact = ?2"
	    " AND (?3 = 0 OR m.message > ?3) ORDER BY m.seq LIMIT ?4",
	/* seq of the message */
	[STMT_READ_ATTACHMENTS] =
	    "SELECT file, name, type, size FROM attachment"
	    " WHERE workspace = ?1 AND seq = ?2 ORDER BY number",
	/* kind, id */
	[STMT_READ_LABEL] = "SELECT name, label FROM label"
	                    " WHERE workspace = ?1 AND kind = ?2 AND id = ?3",
	/* name */
	[STMT_READ_PERSON] = "SELECT name, role, disabled, hash FROM person"
	                     " WHERE workspace = ?1 AND name = ?2",
	/* token */
	[STMT_READ_TOKEN] = "SELECT name, role, until FROM token"
	                    " WHERE workspace = ?1 AND token = ?2",
	/* most */
	[STMT_READ_PEOPLE] = "SELECT name, role, disabled FROM person"
	                     " WHERE workspace = ?1 ORDER BY name LIMIT ?2",
	/* words, most: newest first, as a rank would have to see every hit */
	[STMT_READ_SEARCH] =
	    "SELECT m.contact, m.message, m.seq, m.at, m.author,"
	    " snippet(message_words, -1, '', '', '...', 24),"
	    " c.channel, c.state, c.customer, u.name FROM message_words w"
	    " JOIN message m ON m.rowid = w.rowid"
	    " JOIN contact c ON c.workspace = ?1 AND c.id = m.contact"
	    " LEFT JOIN customer u ON u.workspace = ?1 AND u.id = c.customer"
	    " WHERE message_words MATCH ?2 ORDER BY w.rowid DESC LIMIT ?3",
	/* fails when the full-text table does not fit the messages */
	[STMT_INDEX_CHECK] = "INSERT INTO message_words(message_words, rank)"
	                     " VALUES('integrity-check', 1)",
};
