# Floor 4c: config files in, an immutable snapshot out. grammar.y and lexer.l
# are made into C at build time; a release tarball holds the result.
noinst_LIBRARIES += libconfig.a
libconfig_a_SOURCES = \
	src/config/ast.c src/config/ast.h \
	src/config/canon.c src/config/canon.h \
	src/config/canon_expr.c \
	src/config/case.h \
	src/config/check.c src/config/check.h \
	src/config/check_entrance.c \
	src/config/check_expr.c \
	src/config/check_hours.c \
	src/config/check_leaf.c \
	src/config/check_names.c \
	src/config/check_net.c \
	src/config/check_people.c \
	src/config/check_queue.c \
	src/config/check_route.c \
	src/config/check_service.c \
	src/config/check_setup.c \
	src/config/check_test.c \
	src/config/check_top.c \
	src/config/check_whole.c \
	src/config/config.h \
	src/config/cursor.c src/config/cursor.h \
	src/config/diff.c \
	src/config/files.c src/config/files.h \
	src/config/grammar.y \
	src/config/lexer.l \
	src/config/load.c \
	src/config/notes.c src/config/notes.h \
	src/config/parse.c src/config/parse.h \
	src/config/token.c \
	src/config/trial.c \
	src/config/try.c \
	src/config/tzfile.c src/config/tzfile.h \
	src/config/tzrule.c src/config/tzrule.h
BUILT_SOURCES += src/config/grammar.h

# The samples and the manual are read by the tests of this floor.
EXTRA_DIST += doc/config.md etc/sample/usher.conf etc/sample/signature.txt \
	etc/sample/queues.d/billing.conf etc/sample/queues.d/general.conf \
	etc/sample/queues.d/support.conf
