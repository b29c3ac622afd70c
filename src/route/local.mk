# Floor 3: the decision. Pure: an input and a world in, events out.
noinst_LIBRARIES += libroute.a
libroute_a_SOURCES = \
	src/route/apply.c src/route/apply.h \
	src/route/apply_agent.c \
	src/route/apply_contact.c \
	src/route/agents.h \
	src/route/decide.h \
	src/route/decide_agent.c \
	src/route/decide_call.c \
	src/route/decide_contact.c \
	src/route/decide_house.c \
	src/route/due.c \
	src/route/explain.c src/route/explain.h \
	src/route/flow.c src/route/flow.h \
	src/route/identify.c src/route/identify.h \
	src/route/match.c src/route/match.h \
	src/route/offer.c src/route/offer.h \
	src/route/policy.h \
	src/route/policy_deadline.c \
	src/route/policy_specialist.c \
	src/route/route.h \
	src/route/step.c src/route/step.h
