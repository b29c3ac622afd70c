#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Python compiles, uses what it imports and stays within 79 columns; the
pages' scripts hold no way to turn text into markup."""

import ast
import re

import lint

MARKUP = re.compile(r"\b(innerHTML|outerHTML|insertAdjacentHTML"
                    r"|document\.write|eval|Function\()")
INLINE = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", re.I)


def broken(names):
    for name in names:
        try:
            ast.parse(lint.read(name), name)
        except SyntaxError as error:
            yield f"{name}:{error.lineno}: {error.msg}"


def imported(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, (alias.asname
                                    or alias.name.split(".")[0])
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield node.lineno, alias.asname or alias.name


def unused(names):
    for name in names:
        tree = ast.parse(lint.read(name))
        used = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
        for line, what in imported(tree):
            if what not in used:
                yield f"{name}:{line}: {what} is imported, not used"


def wide(names):
    for name in names:
        for i, line in enumerate(lint.read(name).split("\n"), 1):
            if len(line) > 79:
                yield f"{name}:{i}: {len(line)} columns"


def matches(names, pattern):
    for name in names:
        for i, line in enumerate(lint.read(name).split("\n"), 1):
            match = pattern.search(line)
            if match:
                yield f"{name}:{i}: {match.group(0).strip()}"


def main():
    python = lint.files("tests", ".py") + lint.files("tools", ".py")
    r = lint.Report()
    r.claim("Python can be read", broken(python))
    r.claim("Python imports what it uses", unused(python))
    r.claim("Python keeps to 79 columns", wide(python))
    r.claim("pages never turn text into markup",
            matches(lint.files("web", ".js"), MARKUP))
    r.claim("pages hold no inline script or style",
            matches(lint.files("web", ".html"), INLINE))
    r.close()


if __name__ == "__main__":
    main()
