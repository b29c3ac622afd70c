#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The floors of the house: who may include whom, who alone may know a
library, which calls nobody makes, and how big things may be.

The rules are the tables below; what they mean stands in ARCHITECTURE.md and
CONTRIBUTING.md.
"""

import os
import re
import statistics
import subprocess
import tempfile

import lint

FLOORS = {
    "base": 1, "model": 2, "route": 3, "store": 4, "net": 4, "config": 4,
    "channel": 5, "api": 5, "server": 6, "tools": 7,
}

# Includes that only the named files may have.
INCLUDES = [
    ("libevent", r"event2?/|event\.h", r"src/net/"),
    ("OpenSSL", r"openssl/",
     r"src/(net/tls\w*\.c|base/crypto\.c|tools/tls_client\.c)$"),
    ("libsodium", r"sodium", r"src/base/crypto\.c$"),
    ("libcurl", r"curl/", r"src/net/curl\.c$"),
    ("SQLite", r"sqlite3", r"src/store/store_sqlite\w*\.c$"),
    ("libpq", r"libpq|postgresql/", r"src/store/store_pg\w*\.c$"),
    ("PCRE2", r"pcre2", r"src/model/expr\w*\.c$"),
    ("the JSON library", r"jansson", r"src/base/json\w*\.c$"),
    ("utf8proc", r"utf8proc", r"src/base/utf8\.c$"),
    ("GMime", r"gmime/|glib", r"src/tools/usher-mime[\w-]*\.[ch]$"),
    ("threads", r"pthread\.h|threads\.h", r"src/(base/work\.c|store/)"),
    ("terminals", r"termios\.h|sys/ioctl\.h", r"src/tools/"),
    ("sockets", r"sys/socket\.h|netinet/|netdb\.h|sys/un\.h",
     r"src/(net|tools)/|src/channel/mail\w*\.c|src/server/"),
]

# Calls that only the named files may make.
CALLS = [
    ("the heap", r"(?:m|c|re)alloc|free|strn?dup|v?asprintf|reallocarray"
     r"|aligned_alloc|posix_memalign", r"src/base/mem\.c$"),
    ("the clock", r"time|gettimeofday|clock_gettime|localtime(?:_r)?"
     r"|gmtime(?:_r)?|mktime|timegm|ftime", r"src/base/clock\.c$"),
    ("chance", r"s?rand(?:om)?(?:_r)?|getrandom|getentropy|arc4random\w*"
     r"|[delmn]rand48", r"src/base/rng\.c$"),
]

BANNED = (r"strcpy|strcat|strncat|v?sprintf|strtok(?:_r)?|atoi|atol|atoll"
          r"|gets|localtime|ctime|asctime|system|popen|tmpnam|mktemp|sleep"
          r"|usleep|alloca|setjmp|longjmp")

# The router is pure: none of this in model/ and route/.
IMPURE = (r"fopen|open|read|write|socket|connect|getenv|printf|puts|fputs"
          r"|fprintf|perror|poll|select|epoll_\w+|fork|exec\w*|pthread_\w+")

FUNCTION_LINES_MAX = 80
FUNCTION_MEDIAN_MAX = 15
FUNCTION_P95_MAX = 50
SOURCE_LINES_MAX = 900
HEADER_LINES_MAX = 300
INCLUDES_MAX = 16
PARAMETERS_MAX = 5
LIBRARY_CALLBACKS = {"pick_http"}  # a library sets their parameters
WORDS_LEFT = re.compile(r"\b(TODO|FIXME|XXX|HACK|TBD)\b")

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+([<"])([^>"]+)[>"]', re.M)


class Source:
    def __init__(self, name, text=None):
        self.name = name
        self.room = name.split("/")[1]
        self.text = lint.read(name) if text is None else text
        self.code = lint.code_only(self.text)
        self.lines = self.text.count("\n")
        self.is_header = name.endswith(".h")
        # the quotes of an include were emptied in `code`
        self.includes = [
            (lint.line_of(self.text, m.start()), m.group(1), m.group(2))
            for m in INCLUDE.finditer(self.text)]

    def ours(self):
        return [(n, what) for n, mark, what in self.includes if mark == '"']

    def at(self, line, text):
        return f"{self.name}:{line}: {text}"

    def finds(self, pattern):
        for match in re.finditer(pattern, self.code):
            yield lint.line_of(self.code, match.start()), match


def call_of(words):
    # not a member (p->free) and not a longer name
    return rf"(?<![\w.>])(?:{words})\s*\("


def directions(sources):
    for s in sources:
        for line, what in s.ours():
            room = what.split("/")[0]
            if room == s.room or what in ("config.h", "usher/usher.h"):
                continue
            if room not in FLOORS:
                yield s.at(line, f"\"{what}\" is no floor's header")
            elif FLOORS[room] >= FLOORS[s.room]:
                yield s.at(line, f"{s.room}/ may not know {room}/")


def strangers(sources, pattern, allowed):
    for s in sources:
        for line, _, what in s.includes:
            if re.match(pattern, what) and not re.match(allowed, s.name):
                yield s.at(line, f"includes <{what}>")


def callers(sources, words, allowed):
    for s in sources:
        if allowed is not None and re.match(allowed, s.name):
            continue
        for line, match in s.finds(call_of(words)):
            yield s.at(line, f"calls {match.group(0)}...)")


def in_rooms(sources, *rooms):
    return [s for s in sources if s.room in rooms]


def floats(sources):
    for s in in_rooms(sources, "model", "route"):
        for line, match in s.finds(r"\b(float|double)\b"):
            yield s.at(line, match.group(0))


STATIC_DATA = re.compile(
    r"^static (?!const\b|inline\b|_Noreturn\b|_Thread_local const)"
    r"(?![^;={]*\bconst\b[^;={*]*(?:=|;))[^;={(]*(?:=|;|\[)", re.M)


def mutable_statics(sources):
    for s in in_rooms(sources, "model", "route"):
        for match in STATIC_DATA.finditer(s.code):
            yield s.at(lint.line_of(s.code, match.start()),
                       match.group(0).strip())


def loggers(sources):
    for s in in_rooms(sources, "base", "model", "route"):
        for line, what in s.ours():
            if what == "base/log.h" and s.name != "src/base/log.c":
                yield s.at(line, "floors 1 to 3 never log")


def externs(sources):
    for s in sources:
        if s.is_header and s.name != "src/base/log.h":
            for line, _ in s.finds(r"(?m)^extern\s+(?!const\b)"):
                yield s.at(line, "a variable everybody can write")


def guards(sources):
    for s in sources:
        if not s.is_header:
            continue
        inner = re.sub(r"[^A-Za-z0-9]", "_", s.name[len("src/"):-2]).upper()
        guard = f"USHER_{inner}_H"
        if not re.search(rf"^#ifndef {guard}\n#define {guard}\n", s.text,
                         re.M):
            yield s.at(1, f"no guard {guard}")


def first_includes(sources):
    names = {s.name for s in sources}
    for s in sources:
        own = s.name[:-2] + ".h"
        if s.is_header or own not in names or not s.includes:
            continue
        if s.includes[0][2] != own[len("src/"):]:
            yield s.at(s.includes[0][0], "its own header comes first")


def many_includes(sources):
    for s in sources:
        if len(s.ours()) > INCLUDES_MAX:
            yield s.at(1, f"{len(s.ours())} project includes")


def plaques(sources):
    for s in sources:
        head = s.text.split("\n", 3)
        if "SPDX-License-Identifier: GPL-3.0-or-later" not in head[0]:
            yield s.at(1, "no SPDX line")
        elif len(head) < 2 or not head[1].startswith("/*"):
            yield s.at(2, "no plaque that says what room this is")


def compile_flags():
    packages = ["libevent_core", "openssl", "libcurl", "sqlite3", "jansson",
                "libsodium", "libpcre2-8", "libutf8proc", "gmime-3.0"]
    flags = subprocess.run(["pkg-config", "--cflags", *packages],
                           capture_output=True, text=True, check=True)
    return flags.stdout.split()


def dependents(sources):
    """Headers that do not compile alone, or not twice."""
    flags = compile_flags()
    with tempfile.TemporaryDirectory() as folder:
        probe = os.path.join(folder, "probe.c")
        for s in sources:
            if not s.is_header:
                continue
            with open(probe, "w", encoding="utf-8") as file:
                file.write(f'#include "{s.name[4:]}"\n' * 2)
            made = subprocess.run(
                ["gcc", "-std=gnu11", "-D_GNU_SOURCE", "-fsyntax-only",
                 "-Wall", "-Wextra", "-Werror", "-I", lint.path("src"),
                 *flags, probe], capture_output=True, text=True, check=False)
            if made.returncode != 0:
                yield s.at(1, made.stderr.strip().split("\n")[0])


def functions(s):
    """(line, lines, name, parameters) of each function: in our format the
    brace of a body stands alone in the first column."""
    lines = s.code.split("\n")
    start = None
    for i, line in enumerate(lines):
        if line == "{":
            start = i
        elif line.startswith("}") and start is not None:
            head = start - 1
            while head > 0 and lines[head][:1] in ("\t", " "):
                head -= 1
            text = " ".join(lines[head:start])
            name = re.search(r"(\w+)\s*\(", text)
            if name:
                yield (head + 1, i - head + 1, name.group(1),
                       parameters(text[name.end():]))
            start = None


def parameters(text):
    depth = 0
    commas = 0
    for c in text:
        if c == "(":
            depth += 1
        elif c == ")":
            if depth == 0:
                break
            depth -= 1
        elif c == "," and depth == 0:
            commas += 1
    return commas + 1


def long_functions(all_functions):
    for s, (line, length, name, count) in all_functions:
        if length > FUNCTION_LINES_MAX:
            yield s.at(line, f"{name}() has {length} lines")
        if count > PARAMETERS_MAX and name not in LIBRARY_CALLBACKS:
            yield s.at(line, f"{name}() takes {count} parameters")


def spread(all_functions):
    lengths = sorted(f[1] for _, f in all_functions)
    if not lengths:
        return
    median = statistics.median(lengths)
    p95 = lengths[int(len(lengths) * 0.95)]
    print(f"{len(lengths)} functions: median {median:g} lines, p95 {p95}, "
          f"longest {lengths[-1]}")
    if median > FUNCTION_MEDIAN_MAX:
        yield f"median {median:g} is over {FUNCTION_MEDIAN_MAX}"
    if p95 > FUNCTION_P95_MAX:
        yield f"p95 {p95} is over {FUNCTION_P95_MAX}"


def long_files(sources):
    for s in sources:
        limit = HEADER_LINES_MAX if s.is_header else SOURCE_LINES_MAX
        if s.lines > limit:
            yield s.at(1, f"{s.lines} lines; the limit is {limit}")


def words_left(names):
    for name in names:
        text = lint.read(name)
        if name.endswith((".c", ".h")):
            text = lint.comments_only(text)
        for i, line in enumerate(text.split("\n"), 1):
            match = WORDS_LEFT.search(line)
            if match:
                yield f"{name}:{i}: {match.group(0)}"


def share(sources):
    """Comment lines / (code + comment lines), licence lines aside."""
    comment = code = 0
    for s in sources:
        marks = lint.comments_only(s.text).split("\n")
        for i, line in enumerate(s.code.split("\n")):
            if line.strip():
                code += 1
            elif marks[i].strip() and "SPDX" not in marks[i]:
                comment += 1
    return 100 * comment / max(1, comment + code)


def thin_comments(sources):
    for room in FLOORS:
        inside = in_rooms(sources, room)
        if inside:
            print(f"comments in {room}/: {share(inside):.0f} %")
    for room in ("route", "store"):
        inside = in_rooms(sources, room)
        if inside and share(inside) < 8:
            yield f"src/{room}: under 8 % comments"


def types(sources):
    for s in sources:
        for line, _ in s.finds(
                r"\btypedef\s+(?:struct|union|enum)\b[^;(]*[;{]"):
            yield s.at(line, "no typedef for structs")
        for line, match in s.finds(r"\btypedef\b[^;]*?\(\s*\*\s*(\w+)\s*\)"):
            if not match.group(1).endswith("_fn"):
                yield s.at(line, f"{match.group(1)} must end in _fn")


def gotos(sources):
    for s in sources:
        for line, match in s.finds(r"\bgoto\s+(\w+)"):
            if match.group(1) != "out":
                yield s.at(line, f"goto {match.group(1)}: one exit label, out")


def main():
    sources = [Source(n) for n in lint.files("src", ".c", ".h")]
    # what bison and flex made beside their sources is nobody's style
    made = ("src/config/grammar.", "src/config/lexer.c")
    sources = [s for s in sources if not s.name.startswith(made)]
    whole = [(s, f) for s in sources for f in functions(s)]
    r = lint.Report()
    r.claim("a floor includes only lower floors", directions(sources))
    for what, pattern, allowed in INCLUDES:
        r.claim(f"{what}: only in {allowed}",
                strangers(sources, pattern, allowed))
    for what, words, allowed in CALLS:
        r.claim(f"calls of {what}: only in {allowed}",
                callers(sources, words, allowed))
    r.claim("nobody makes a banned call", callers(sources, BANNED, None))
    r.claim("the router calls nothing outside",
            callers(in_rooms(sources, "model", "route"), IMPURE, None))
    r.claim("no floating point in the router", floats(sources))
    r.claim("no mutable statics in the router", mutable_statics(sources))
    r.claim("floors 1 to 3 never log", loggers(sources))
    r.claim("no writable extern variables", externs(sources))
    r.claim("every header has its guard", guards(sources))
    r.claim("every header compiles alone", dependents(sources))
    r.claim("a source includes its own header first",
            first_includes(sources))
    r.claim(f"at most {INCLUDES_MAX} project includes",
            many_includes(sources))
    r.claim("every file has its licence line and plaque", plaques(sources))
    r.claim(f"functions: {FUNCTION_LINES_MAX} lines, {PARAMETERS_MAX} "
            "parameters", long_functions(whole))
    r.claim("functions are short on the whole", spread(whole))
    r.claim(f"files: {SOURCE_LINES_MAX} and {HEADER_LINES_MAX} lines",
            long_files(sources))
    r.claim("structs have no typedef, function types end in _fn",
            types(sources))
    r.claim("one exit label", gotos(sources))
    r.claim("hard rooms explain themselves", thin_comments(sources))
    names = [n for folder in ("src", "tests/unit", "tests/sim", "tests/server",
                              "web", "tools", "man", "doc")
             for n in lint.files(folder, ".c", ".h", ".y", ".l", ".py", ".js",
                                 ".css", ".html", ".scd", ".md")]
    r.claim("nothing was left for later", words_left(names))
    r.close()


if __name__ == "__main__":
    main()
