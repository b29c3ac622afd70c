# Floor 4b: sockets, TLS, HTTP, WebSocket, lines. The only room with libevent.
noinst_LIBRARIES += libnet.a
libnet_a_SOURCES = \
	src/net/conn.c src/net/conn.h \
	src/net/curl.c src/net/curl.h \
	src/net/curl_guard.c src/net/curl_guard.h \
	src/net/gate.c src/net/gate.h \
	src/net/http.c src/net/http.h src/net/http_write.h \
	src/net/http_head.c src/net/http_head.h \
	src/net/http_link.c src/net/http_link.h \
	src/net/http_parse.c src/net/http_parse.h \
	src/net/limits.c src/net/limits.h \
	src/net/line.c src/net/line.h \
	src/net/link.c src/net/link.h \
	src/net/listen.c src/net/listen.h \
	src/net/loop.c src/net/loop.h src/net/loop_io.h \
	src/net/memory.c src/net/memory.h \
	src/net/net.c src/net/net.h \
	src/net/rows.c src/net/rows.h \
	src/net/tls.c src/net/tls.h \
	src/net/tls_make.c src/net/tls_make.h \
	src/net/ws.c src/net/ws.h \
	src/net/ws_frame.c src/net/ws_frame.h
