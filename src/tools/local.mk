# The programs beside the server. Each links what it needs and no more.
noinst_LIBRARIES += libtools.a
libtools_a_SOURCES = \
	src/tools/client.c src/tools/client.h \
	src/tools/ctl.h \
	src/tools/ctl_text.c \
	src/tools/line_edit.c src/tools/line_edit.h \
	src/tools/screen.c src/tools/screen.h \
	src/tools/shift.c src/tools/shift.h \
	src/tools/shift_typed.c \
	src/tools/table.c src/tools/table.h \
	src/tools/tls_client.c src/tools/tls_client.h

bin_PROGRAMS += usherctl usher-agent
usherctl_SOURCES = \
	src/tools/ctl_commands.c \
	src/tools/ctl_offline.c \
	src/tools/ctl_show.c \
	src/tools/ctl_story.c \
	src/tools/usherctl.c
usherctl_LDADD = libtools.a $(HOUSE_LIBS)

usher_agent_SOURCES = src/tools/usher-agent.c
usher_agent_LDADD = libtools.a $(BASE_LIBS)
