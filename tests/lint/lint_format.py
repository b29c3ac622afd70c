#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""C stands as .clang-format says; nothing has trailing blanks. With --fix the
C is brought into that form."""

import subprocess
import sys

import lint

VERSION = "14"


def tool():
    """The pinned clang-format: another version formats differently."""
    for name in (f"clang-format-{VERSION}", "clang-format"):
        try:
            out = subprocess.run([name, "--version"], capture_output=True,
                                 text=True, check=True).stdout
        except FileNotFoundError:
            continue
        if f"version {VERSION}." in out:
            return name
    return None


def misformatted(clang_format, names):
    for name in names:
        made = subprocess.run(
            [clang_format, "--dry-run", "-Werror", lint.path(name)],
            capture_output=True, text=True, check=False)
        if made.returncode != 0:
            first = made.stderr.split("\n")[0]
            yield first.replace(lint.TOP + "/", "")


def trailing_blanks(names):
    for name in names:
        for i, line in enumerate(lint.read(name).split("\n"), 1):
            if line != line.rstrip(" \t\r"):
                yield f"{name}:{i}: blanks at the end of the line"


def open_ends(names):
    for name in names:
        text = lint.read(name)
        if text and not text.endswith("\n"):
            yield f"{name}: no line end at its end"


def ours():
    made = ("src/config/grammar.", "src/config/lexer.c")
    names = [n for folder in ("src", "tests", "include")
             for n in lint.files(folder, ".c", ".h")]
    return [n for n in names if not n.startswith(made)]


def main():
    clang_format = tool()
    names = ours()
    if clang_format is None:
        print(f"clang-format {VERSION} is not here")
        sys.exit(1)
    if "--fix" in sys.argv:
        subprocess.run([clang_format, "-i", *map(lint.path, names)],
                       check=True)
    texts = names + [n for f in ("src", "web", "man", "doc", "etc", "tests",
                                 "tools", "build-aux")
                     for n in lint.files(f, ".y", ".l", ".mk", ".conf", ".md",
                                         ".js", ".css", ".html", ".scd",
                                         ".py", ".sh", ".scn")]
    r = lint.Report()
    r.claim("C stands as .clang-format says",
            misformatted(clang_format, names))
    r.claim("no blanks at line ends", trailing_blanks(texts))
    r.claim("files end with a line end", open_ends(texts))
    r.close()


if __name__ == "__main__":
    main()
