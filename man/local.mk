# Man pages: written in scdoc, shipped as made.
man_pages = man/usherd.8 man/usherctl.1 man/usher-agent.1 man/usher-mime.8 \
	man/usher.conf.5
dist_man_MANS = $(man_pages)
EXTRA_DIST += man/usherd.8.scd man/usherctl.1.scd man/usher-agent.1.scd \
	man/usher-mime.8.scd man/usher.conf.5.scd
MAINTAINERCLEANFILES += $(man_pages)

SUFFIXES = .scd
.scd:
	$(AM_V_GEN)if test "$(SCDOC)" = no; then \
		echo "scdoc is needed to build $@ from git" >&2; exit 1; fi; \
	mkdir -p $(@D) && $(SCDOC) < $< > $@.tmp && mv $@.tmp $@
