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

# The mail helper knows neither the house nor the network: only base.
pkglibexec_PROGRAMS += usher-mime
usher_mime_SOURCES = \
	src/tools/usher-mime.c \
	src/tools/usher-mime-read.c src/tools/usher-mime-read.h \
	src/tools/usher-mime-scan.c src/tools/usher-mime-scan.h \
	src/tools/usher-mime-text.c src/tools/usher-mime-text.h
usher_mime_CFLAGS = $(AM_CFLAGS) $(GMIME_CFLAGS) $(SECCOMP_CFLAGS)
usher_mime_LDADD = $(BASE_LIBS) $(GMIME_LIBS) $(SECCOMP_LIBS)

# The two commands of the README, and what they run.
EXTRA_DIST += build-aux/deps.sh .ci/run tools/journey.py \
	tests/lint/lint.py tests/lint/lint_docs.py tests/lint/lint_floors.py \
	tests/lint/lint_format.py tests/lint/lint_glossary.py \
	tests/lint/lint_scripts.py tests/lint/lint_tidy.py \
	tests/lint/test_lint.py

# Forced in front of every compile by a flag, so no list of sources names it.
EXTRA_DIST += src/base/banned.h

# Documents, samples and tests come whole: lists of them would be forgotten.
# `check` is not in EXTRA_DIST because there its name would mean the target, and
# making a tarball would run every test first.
DIST_ENDINGS = c|h|py|sh|scn|md|conf|json|bin|txt|token
dist-hook:
	cp -p $(srcdir)/check $(distdir)/check
	(cd $(srcdir) && find doc etc tests -regextype posix-extended \
		-type f -regex '.*\.($(DIST_ENDINGS))') | \
	while read -r file; do \
		mkdir -p "$(distdir)/$$(dirname "$$file")"; \
		test -e "$(distdir)/$$file" || \
			cp -p "$(srcdir)/$$file" "$(distdir)/$$file"; \
	done
