# Floor 1: what the house stands on. Knows nobody.
noinst_LIBRARIES += libbase.a
libbase_a_SOURCES = \
	src/base/buf.c src/base/buf.h \
	src/base/check.c src/base/check.h \
	src/base/clock.c src/base/clock.h \
	src/base/codec.c src/base/codec.h \
	src/base/crypto.c src/base/crypto.h \
	src/base/err.c src/base/err.h \
	src/base/heap.c src/base/heap.h \
	src/base/id.c src/base/id.h \
	src/base/json.c src/base/json_scan.c src/base/json_scan.h \
	src/base/json_write.c src/base/json.h \
	src/base/list.c src/base/list.h \
	src/base/log.c src/base/log.h \
	src/base/map.c src/base/map.h \
	src/base/mem.c src/base/mem.h \
	src/base/rng.c src/base/rng.h \
	src/base/str.c src/base/str.h \
	src/base/utf8.c src/base/utf8.h \
	src/base/work.c src/base/work.h
