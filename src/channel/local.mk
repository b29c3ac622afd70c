# Floor 5a: chat, mail and phone; bytes of customers to inputs, orders to bytes.
noinst_LIBRARIES += libchannel.a
libchannel_a_SOURCES = \
	src/channel/address.c \
	src/channel/address.h \
	src/channel/channel.h \
	src/channel/chat.c \
	src/channel/chat.h \
	src/channel/chat_frame.c \
	src/channel/chat_http.c \
	src/channel/chat_stream.c \
	src/channel/chat_ws.c \
	src/channel/door.c \
	src/channel/door.h \
	src/channel/keep.c \
	src/channel/keep.h \
	src/channel/mail.c \
	src/channel/mail.h \
	src/channel/mail_compose.c \
	src/channel/mail_compose.h \
	src/channel/mail_parse.c \
	src/channel/mail_send.c \
	src/channel/mime_spawn.c \
	src/channel/mime_spawn.h \
	src/channel/number.c \
	src/channel/number.h \
	src/channel/phone.c \
	src/channel/phone.h \
	src/channel/phone_call.c \
	src/channel/phone_order.c \
	src/channel/phone_wire.c \
	src/channel/phone_wire.h \
	src/channel/secret.c \
	src/channel/secret.h \
	src/channel/visitor.c \
	src/channel/visitor.h
