# SPDX-License-Identifier: GPL-3.0-or-later
"""The lints find what they are there to find.

Each case plants one fault in a made-up file and asks the rule for it; a rule
that finds nothing any more would let everything pass.
"""

import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(__file__))
import lint  # noqa: E402
import lint_floors as floors  # noqa: E402
import lint_scripts as scripts  # noqa: E402

PLAQUE = "/* SPDX-License-Identifier: GPL-3.0-or-later */\n/* a room */\n"


def source(name, text):
    return [floors.Source(name, PLAQUE + text)]


def test_a_lower_floor_that_includes_a_higher_one_is_found():
    bad = source("src/model/a.c", '#include "route/b.h"\n')
    assert list(floors.directions(bad)) == [
        "src/model/a.c:3: model/ may not know route/"]


def test_rooms_of_one_floor_do_not_know_each_other():
    assert list(floors.directions(
        source("src/store/a.c", '#include "net/net.h"\n')))
    assert not list(floors.directions(
        source("src/store/a.c", '#include "model/world.h"\n')))


@pytest.mark.parametrize("line", [
    "p = malloc(4);", "free(p);", "char *s = strdup(t);"])
def test_the_heap_has_one_door(line):
    words, allowed = floors.CALLS[0][1:]
    assert list(floors.callers(source("src/net/a.c", line), words, allowed))
    assert not list(floors.callers(
        source("src/base/mem.c", line), words, allowed))


@pytest.mark.parametrize("line", [
    "ops->free(p);", "mem_free(p);", "/* free(p) */", 's = "free(p)";'])
def test_what_only_looks_like_a_call_is_none(line):
    words, allowed = floors.CALLS[0][1:]
    assert not list(
        floors.callers(source("src/net/a.c", line), words, allowed))


@pytest.mark.parametrize("line", [
    "strcpy(a, b);", "system(x);", "sprintf(a, b);", "atoi(s);"])
def test_banned_calls_are_found(line):
    assert list(floors.callers(
        source("src/net/a.c", line), floors.BANNED, None))


def test_strangers_to_a_library_are_found():
    _, pattern, allowed = floors.INCLUDES[0]
    line = "#include <event2/event.h>\n"
    assert list(floors.strangers(
        source("src/api/a.c", line), pattern, allowed))
    assert not list(floors.strangers(
        source("src/net/loop.c", line), pattern, allowed))


@pytest.mark.parametrize("line", [
    "static int count;", "static struct x *last = NULL;",
    "static char name[20];"])
def test_mutable_statics_of_the_router_are_found(line):
    assert list(floors.mutable_statics(source("src/route/a.c", line)))


@pytest.mark.parametrize("line", [
    "static const int n = 3;", "static int f(void)", "static void g(int a,",
    "static const char *const words[] = {"])
def test_constants_and_functions_are_no_mutable_statics(line):
    assert not list(floors.mutable_statics(source("src/route/a.c", line)))


def test_floats_logging_and_gotos_are_found():
    assert list(floors.floats(source("src/route/a.c", "double d;")))
    assert list(floors.loggers(
        source("src/route/a.c", '#include "base/log.h"\n')))
    assert list(floors.gotos(source("src/net/a.c", "\tgoto fail;\n")))
    assert not list(floors.gotos(source("src/net/a.c", "\tgoto out;\n")))


def test_a_long_function_and_one_with_many_parameters_are_found():
    body = "\ta();\n" * 90
    s = source("src/net/a.c", f"static int f(int a)\n{{\n{body}}}\n")
    whole = [(x, f) for x in s for f in floors.functions(x)]
    assert list(floors.long_functions(whole))
    s = source("src/net/a.c",
               "int f(int a, int b, int c,\n    int d, int (*e)(int, int), "
               "int g)\n{\n\treturn 0;\n}\n")
    whole = [(x, f) for x in s for f in floors.functions(x)]
    assert whole[0][1][3] == 6
    assert list(floors.long_functions(whole))


def test_a_header_without_guard_and_a_file_without_plaque_are_found():
    assert list(floors.guards(source("src/net/a.h", "int x;\n")))
    assert list(floors.plaques([floors.Source("src/net/a.c", "int x;\n")]))


def test_words_in_comments_are_seen_and_in_strings_are_not():
    text = 'x = "TODO"; /* TODO */'
    assert "TODO" in lint.comments_only(text)
    assert lint.comments_only(text).count("TODO") == 1
    assert "TODO" not in lint.code_only(text)


def test_markup_from_text_and_inline_scripts_are_found():
    assert scripts.MARKUP.search("e.innerHTML = x")
    assert scripts.INLINE.search("<script>alert(1)</script>")
    assert scripts.INLINE.search('<a onclick="x()">')
    assert not scripts.INLINE.search('<script src="a.js"></script>')
