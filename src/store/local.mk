# Floor 4a: the log and the record. The engine's files are the last two.
noinst_LIBRARIES += libstore.a
libstore_a_SOURCES = \
	src/store/backup.c \
	src/store/batch.c src/store/batch.h \
	src/store/chain.c \
	src/store/files.c \
	src/store/folder.c \
	src/store/follower.c src/store/follower.h \
	src/store/jobs.c \
	src/store/log.c src/store/log.h \
	src/store/migrate.c src/store/migrate.h \
	src/store/reader.c src/store/reader.h \
	src/store/rebuild.c \
	src/store/record.c src/store/record.h \
	src/store/store.c src/store/store.h \
	src/store/store_ops.c src/store/store_ops.h \
	src/store/store_room.h \
	src/store/threads.c \
	src/store/verify.c \
	src/store/store_sqlite.c src/store/store_sqlite.h \
	src/store/store_sqlite_sql.c
