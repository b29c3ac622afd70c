# The pages: no framework, no bundler; what is served is what stands here.
web_files = web/chat.html web/chat.js web/common.js web/desk.html \
	web/desk.js web/icon.svg web/index.html web/link.js web/style.css

if WITH_WEB
webdir = $(pkgdatadir)/web
dist_web_DATA = $(web_files)
else
EXTRA_DIST += $(web_files)
endif
