# Floor 5b: what people and programs may ask; frames, pages, HTTP rows.
noinst_LIBRARIES += libapi.a
libapi_a_SOURCES = \
	src/api/admin_cmds.c \
	src/api/agent_cmds.c \
	src/api/api.c src/api/api.h src/api/room.h \
	src/api/arg.c src/api/arg.h \
	src/api/call.c src/api/call.h \
	src/api/command.c src/api/command.h \
	src/api/frame.c src/api/frame.h \
	src/api/guard.c src/api/guard.h \
	src/api/hash.c src/api/hash.h \
	src/api/http.c src/api/http.h \
	src/api/lead_cmds.c \
	src/api/login.c src/api/login.h \
	src/api/offers.c src/api/offers.h \
	src/api/pages.c src/api/pages.h \
	src/api/read_cmds.c \
	src/api/ring.c src/api/ring.h \
	src/api/session.c src/api/session.h \
	src/api/show.c src/api/show.h \
	src/api/stream.c src/api/stream.h \
	src/api/sync.c src/api/sync.h \
	src/api/token.c
