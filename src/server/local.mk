# Floor 6: the house put together, and the program usherd.
noinst_LIBRARIES += libserver.a
libserver_a_SOURCES = \
	src/server/arrive.c \
	src/server/doors.c src/server/doors.h \
	src/server/facts.c src/server/facts.h \
	src/server/host.c src/server/host.h \
	src/server/hours.c src/server/hours.h \
	src/server/init.c src/server/init.h \
	src/server/intake.c src/server/intake.h \
	src/server/intern.c src/server/intern.h \
	src/server/lockdown.c src/server/lockdown.h \
	src/server/notify.c src/server/notify.h \
	src/server/perform.c src/server/perform.h \
	src/server/proxy.c src/server/proxy.h \
	src/server/reload.c src/server/reload.h \
	src/server/server.c src/server/server.h \
	src/server/signal.c src/server/signal.h \
	src/server/status.c \
	src/server/wall.c \
	src/server/why.c

sbin_PROGRAMS += usherd
usherd_SOURCES = src/server/main.c
usherd_LDADD = $(HOUSE_LIBS)
