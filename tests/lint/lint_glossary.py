#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""One word for one thing: no synonym of doc/glossary.md's third column."""

import os
import re

import lint

FOLDERS = ("src", "web", "man", "doc", "etc", "tools", "include")
ENDINGS = (".c", ".h", ".y", ".l", ".js", ".html", ".css", ".scd", ".md",
           ".conf", ".py", ".json")
PAGES = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md",
         "NEWS")
GLOSSARY = "doc/glossary.md"


def table():
    """(word, its forbidden synonyms) of every row."""
    for line in lint.read(GLOSSARY).split("\n"):
        cells = [c.strip() for c in line.split("|")]
        if len(cells) == 5 and cells[1] not in ("word", "---"):
            yield cells[1], [s.strip() for s in cells[3].split(",")
                             if s.strip()]


def spoken(names, synonym, word):
    # any run of blanks or a hyphen may part the words of a synonym
    parts = [re.escape(p) for p in re.split(r"[ -]", synonym)]
    pattern = re.compile(r"\b" + r"[ -]".join(parts) + r"s?\b", re.I)
    for name, text in names:
        for i, line in enumerate(text.split("\n"), 1):
            if pattern.search(line):
                yield f"{name}:{i}: \"{synonym}\": say {word}"


def main():
    names = [n for f in FOLDERS for n in lint.files(f, *ENDINGS)]
    names += [n for n in PAGES if os.path.exists(lint.path(n))]
    # TLS has words of its own (session tickets)
    texts = [(n, lint.read(n)) for n in names
             if n != GLOSSARY and not n.startswith("src/net/tls")]
    r = lint.Report()
    rows = list(table())
    r.claim("the glossary has its words",
            [] if len(rows) >= 20 else [f"{GLOSSARY}: {len(rows)} words"])
    for word, synonyms in rows:
        for synonym in synonyms:
            r.claim(f"{word}, not {synonym}", spoken(texts, synonym, word))
    r.close()


if __name__ == "__main__":
    main()
