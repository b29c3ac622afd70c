# Floor 2: the nouns of the house. Pure: no I/O, no clock, no text of customers.
noinst_LIBRARIES += libmodel.a
libmodel_a_SOURCES = \
	src/model/agent.c src/model/agent.h \
	src/model/classes.c src/model/classes.h \
	src/model/contact.c src/model/contact.h \
	src/model/customer.h \
	src/model/due.c src/model/due.h \
	src/model/event.c src/model/event.h \
	src/model/event_body.h \
	src/model/expr.c src/model/expr.h \
	src/model/expr_text.c \
	src/model/hours.c src/model/hours.h \
	src/model/index.c src/model/index.h \
	src/model/inlet.h \
	src/model/input.c src/model/input.h \
	src/model/kinds.c src/model/kinds.h \
	src/model/offer.h \
	src/model/order.c src/model/order.h \
	src/model/queue.c src/model/queue.h \
	src/model/rules.c src/model/rules.h \
	src/model/skill.h \
	src/model/world.c src/model/world.h \
	src/model/world_check.c \
	src/model/world_code.c
