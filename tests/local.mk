# Every test program links its own floor and those beneath: a call that goes
# up does not link. `make check` builds and runs them; ./check runs the rest.
if WITH_TESTS
API_LIBS = libapi.a libstore.a $(NET_LIBS) $(ROUTE_LIBS) $(SQLITE_LIBS)
CHANNEL_LIBS = libchannel.a libstore.a $(NET_LIBS) $(ROUTE_LIBS) \
	$(SQLITE_LIBS)
unit_tests =

# What tests share; a test takes from it what its floor may use.
check_LIBRARIES = tests/unit/libkit.a
KIT = tests/unit/libkit.a
tests_unit_libkit_a_SOURCES = \
	tests/unit/api_kit.c \
	tests/unit/api_kit.h \
	tests/unit/made_rules.c \
	tests/unit/made_rules.h \
	tests/unit/net_house.h \
	tests/unit/oracle.c \
	tests/unit/oracle.h \
	tests/unit/store_kit.c \
	tests/unit/store_kit.h

unit_tests += tests/unit/test_api_command
tests_unit_test_api_command_LDADD = $(KIT) $(API_LIBS) $(CMOCKA_LIBS)
unit_tests += tests/unit/test_api_http
tests_unit_test_api_http_LDADD = $(KIT) $(API_LIBS) $(CMOCKA_LIBS)
unit_tests += tests/unit/test_api_lead
tests_unit_test_api_lead_LDADD = $(KIT) $(API_LIBS) $(CMOCKA_LIBS)
unit_tests += tests/unit/test_api_login
tests_unit_test_api_login_LDADD = $(KIT) $(API_LIBS) $(CMOCKA_LIBS)
unit_tests += tests/unit/test_api_stream
tests_unit_test_api_stream_LDADD = $(KIT) $(API_LIBS) $(CMOCKA_LIBS)
unit_tests += tests/unit/test_base_buf
tests_unit_test_base_buf_LDADD = $(KIT) $(BASE_LIBS) $(CMOCKA_LIBS)
unit_tests += tests/unit/test_base_clock
tests_unit_test_base_clock_LDADD = $(KIT) $(BASE_LIBS) $(CMOCKA_LIBS)
unit_tests += tests/unit/test_base_codec
tests_unit_test_base_codec_LDADD = $(KIT) $(BASE_LIBS) $(CMOCKA_LIBS)
unit_tests += tests/unit/test_base_crypto
tests_unit_test_base_crypto_LDADD = $(KIT) $(BASE_LIBS) $(CMOCKA_LIBS)
unit_tests += tests/unit/test_base_err
tests_unit_test_base_err_LDADD = $(KIT) $(BASE_LIBS) $(CMOCKA_LIBS)
unit_tests += tests/unit/test_base_heap
tests_unit_test_base_heap_LDADD = $(KIT) $(BASE_LIBS) $(CMOCKA_LIBS)
unit_tests += tests/unit/test_base_id
tests_unit_test_base_id_LDADD = $(KIT) $(BASE_LIBS) $(CMOCKA_LIBS)
unit_tests += tests/unit/test_base_json
tests_unit_test_base_json_LDADD = $(KIT) $(BASE_LIBS) $(CMOCKA_LIBS)
unit_tests += tests/unit/test_base_json_write
tests_unit_test_base_json_write_LDADD = $(KIT) $(BASE_LIBS) $(CMOCKA_LIBS)
unit_tests += tests/unit/test_base_list
tests_unit_test_base_list_LDADD = $(KIT) $(BASE_LIBS) $(CMOCKA_LIBS)
unit_tests += tests/unit/test_base_log
tests_unit_test_base_log_LDADD = $(KIT) $(BASE_LIBS) $(CMOCKA_LIBS)
unit_tests += tests/unit/test_base_map
tests_unit_test_base_map_LDADD = $(KIT) $(BASE_LIBS) $(CMOCKA_LIBS)
unit_tests += tests/unit/test_base_mem
tests_unit_test_base_mem_LDADD = $(KIT) $(BASE_LIBS) $(CMOCKA_LIBS)
unit_tests += tests/unit/test_base_rng
tests_unit_test_base_rng_LDADD = $(KIT) $(BASE_LIBS) $(CMOCKA_LIBS)
unit_tests += tests/unit/test_base_str
tests_unit_test_base_str_LDADD = $(KIT) $(BASE_LIBS) $(CMOCKA_LIBS)
unit_tests += tests/unit/test_base_utf8
tests_unit_test_base_utf8_LDADD = $(KIT) $(BASE_LIBS) $(CMOCKA_LIBS)
unit_tests += tests/unit/test_base_work
tests_unit_test_base_work_LDADD = $(KIT) $(BASE_LIBS) $(CMOCKA_LIBS)
unit_tests += tests/unit/test_channel_chat
tests_unit_test_channel_chat_LDADD = $(KIT) $(CHANNEL_LIBS) $(CMOCKA_LIBS)
unit_tests += tests/unit/test_channel_mail
tests_unit_test_channel_mail_LDADD = $(KIT) $(CHANNEL_LIBS) $(CMOCKA_LIBS)
unit_tests += tests/unit/test_channel_number
tests_unit_test_channel_number_LDADD = $(KIT) $(CHANNEL_LIBS) $(CMOCKA_LIBS)
unit_tests += tests/unit/test_channel_phone
tests_unit_test_channel_phone_LDADD = $(KIT) $(CHANNEL_LIBS) $(CMOCKA_LIBS)
unit_tests += tests/unit/test_config
tests_unit_test_config_LDADD = $(KIT) $(CONFIG_LIBS) $(CMOCKA_LIBS)
unit_tests += tests/unit/test_config_errors
tests_unit_test_config_errors_LDADD = $(KIT) $(CONFIG_LIBS) $(CMOCKA_LIBS)
unit_tests += tests/unit/test_config_tz
tests_unit_test_config_tz_LDADD = $(KIT) $(CONFIG_LIBS) $(CMOCKA_LIBS)
unit_tests += tests/unit/test_model_contact
tests_unit_test_model_contact_LDADD = $(KIT) $(MODEL_LIBS) $(CMOCKA_LIBS)
unit_tests += tests/unit/test_model_event
tests_unit_test_model_event_LDADD = $(KIT) $(MODEL_LIBS) $(CMOCKA_LIBS)
unit_tests += tests/unit/test_model_expr
tests_unit_test_model_expr_LDADD = $(KIT) $(MODEL_LIBS) $(CMOCKA_LIBS)
unit_tests += tests/unit/test_model_hours
tests_unit_test_model_hours_LDADD = $(KIT) $(MODEL_LIBS) $(CMOCKA_LIBS)
unit_tests += tests/unit/test_model_world
tests_unit_test_model_world_LDADD = $(KIT) $(MODEL_LIBS) $(CMOCKA_LIBS)
unit_tests += tests/unit/test_net_curl
tests_unit_test_net_curl_LDADD = $(KIT) $(NET_LIBS) $(CMOCKA_LIBS)
unit_tests += tests/unit/test_net_http
tests_unit_test_net_http_LDADD = $(KIT) $(NET_LIBS) $(CMOCKA_LIBS)
unit_tests += tests/unit/test_net_listen
tests_unit_test_net_listen_LDADD = $(KIT) $(NET_LIBS) $(CMOCKA_LIBS)
unit_tests += tests/unit/test_net_loop
tests_unit_test_net_loop_LDADD = $(KIT) $(NET_LIBS) $(CMOCKA_LIBS)
unit_tests += tests/unit/test_net_peer
tests_unit_test_net_peer_LDADD = $(KIT) $(NET_LIBS) $(CMOCKA_LIBS)
unit_tests += tests/unit/test_net_rows
tests_unit_test_net_rows_LDADD = $(KIT) $(NET_LIBS) $(CMOCKA_LIBS)
unit_tests += tests/unit/test_net_serve
tests_unit_test_net_serve_LDADD = $(KIT) $(NET_LIBS) $(CMOCKA_LIBS)
unit_tests += tests/unit/test_net_ws
tests_unit_test_net_ws_LDADD = $(KIT) $(NET_LIBS) $(CMOCKA_LIBS)
unit_tests += tests/unit/test_route_law
tests_unit_test_route_law_LDADD = $(KIT) $(ROUTE_LIBS) $(CMOCKA_LIBS)
unit_tests += tests/unit/test_route_oracle
tests_unit_test_route_oracle_LDADD = $(KIT) $(ROUTE_LIBS) $(CMOCKA_LIBS)
unit_tests += tests/unit/test_route_policy
tests_unit_test_route_policy_LDADD = $(KIT) $(ROUTE_LIBS) $(CMOCKA_LIBS)
unit_tests += tests/unit/test_route_step
tests_unit_test_route_step_LDADD = $(KIT) $(ROUTE_LIBS) $(CMOCKA_LIBS)
unit_tests += tests/unit/test_server_house
tests_unit_test_server_house_LDADD = $(KIT) $(HOUSE_LIBS) $(CMOCKA_LIBS)
unit_tests += tests/unit/test_store_care
tests_unit_test_store_care_LDADD = $(KIT) $(STORE_LIBS) $(CMOCKA_LIBS)
unit_tests += tests/unit/test_store_engine
tests_unit_test_store_engine_LDADD = $(KIT) $(STORE_LIBS) $(CMOCKA_LIBS)
unit_tests += tests/unit/test_store_log
tests_unit_test_store_log_LDADD = $(KIT) $(STORE_LIBS) $(CMOCKA_LIBS)
unit_tests += tests/unit/test_store_record
tests_unit_test_store_record_LDADD = $(KIT) $(STORE_LIBS) $(CMOCKA_LIBS)
unit_tests += tests/unit/test_store_recover
tests_unit_test_store_recover_LDADD = $(KIT) $(STORE_LIBS) $(CMOCKA_LIBS)
unit_tests += tests/unit/test_tools_line_edit
tests_unit_test_tools_line_edit_LDADD = $(KIT) libtools.a $(BASE_LIBS) $(CMOCKA_LIBS)
unit_tests += tests/unit/test_tools_shift
tests_unit_test_tools_shift_LDADD = $(KIT) libtools.a $(BASE_LIBS) $(CMOCKA_LIBS)
unit_tests += tests/unit/test_tools_table
tests_unit_test_tools_table_LDADD = $(KIT) libtools.a $(BASE_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += $(unit_tests)
TESTS += $(unit_tests)
endif

# The HTTP and WebSocket layers alone, for outside conformance suites.
noinst_PROGRAMS += tests/server/http-echo tests/server/ws-echo
tests_server_http_echo_LDADD = $(NET_LIBS)
tests_server_ws_echo_LDADD = $(NET_LIBS)

# `make bench` prints the table of doc/benchmarks.md.
EXTRA_PROGRAMS = tests/bench/bench_route tests/bench/bench_store
tests_bench_bench_route_LDADD = $(ROUTE_LIBS)
tests_bench_bench_store_LDADD = $(STORE_LIBS)
CLEANFILES += $(EXTRA_PROGRAMS)
bench: tests/bench/bench_route tests/bench/bench_store usherd
	$(top_srcdir)/tests/bench/bench.sh
.PHONY: bench

# The whole server by dice.
if WITH_TESTS
check_PROGRAMS += tests/sim/sim
tests_sim_sim_SOURCES = tests/sim/sim.c \
	tests/sim/centre.c tests/sim/centre.h \
	tests/sim/people.c tests/sim/people.h
tests_sim_sim_LDADD = $(KIT) $(HOUSE_LIBS)
endif

# The router's stories: tests/route/*.scn.
if WITH_TESTS
check_PROGRAMS += tests/route/play
tests_route_play_SOURCES = tests/route/play.c \
	tests/route/act.c tests/route/act.h \
	tests/route/arrive.c tests/route/arrive.h \
	tests/route/read.c tests/route/read.h \
	tests/route/stage.c tests/route/stage.h \
	tests/route/story.c tests/route/story.h \
	tests/route/tell.c tests/route/tell.h
tests_route_play_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/unit
tests_route_play_LDADD = $(KIT) $(CONFIG_LIBS)
TESTS += tests/route/all.sh
EXTRA_DIST += tests/route/all.sh
endif

# ./configure --enable-fuzzing --enable-sanitizers CC=clang; then e.g.
# tests/fuzz/fuzz_http -max_total_time=60 CORPUS
if WITH_FUZZING
FUZZ = -fsanitize=fuzzer
noinst_PROGRAMS += tests/fuzz/fuzz_json tests/fuzz/fuzz_http \
	tests/fuzz/fuzz_ws tests/fuzz/fuzz_config tests/fuzz/fuzz_phone \
	tests/fuzz/fuzz_mime_prescan
tests_fuzz_fuzz_json_LDFLAGS = $(FUZZ)
tests_fuzz_fuzz_json_LDADD = $(BASE_LIBS)
tests_fuzz_fuzz_http_LDFLAGS = $(FUZZ)
tests_fuzz_fuzz_http_LDADD = $(NET_LIBS)
tests_fuzz_fuzz_ws_LDFLAGS = $(FUZZ)
tests_fuzz_fuzz_ws_LDADD = $(NET_LIBS)
tests_fuzz_fuzz_config_LDFLAGS = $(FUZZ)
tests_fuzz_fuzz_config_LDADD = $(CONFIG_LIBS)
tests_fuzz_fuzz_phone_LDFLAGS = $(FUZZ)
tests_fuzz_fuzz_phone_LDADD = libchannel.a libstore.a $(NET_LIBS) \
	$(ROUTE_LIBS) $(SQLITE_LIBS)
tests_fuzz_fuzz_mime_prescan_SOURCES = tests/fuzz/fuzz_mime_prescan.c \
	src/tools/usher-mime-scan.c
tests_fuzz_fuzz_mime_prescan_CFLAGS = $(AM_CFLAGS) $(GMIME_CFLAGS)
tests_fuzz_fuzz_mime_prescan_LDFLAGS = $(FUZZ)
tests_fuzz_fuzz_mime_prescan_LDADD = $(BASE_LIBS) $(GMIME_LIBS)
endif
