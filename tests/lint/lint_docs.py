#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the documents show is true.

- a link to a file or heading of the tree leads somewhere;
- a ```usher block is a config that `usherd -t` takes (a part of one is
  marked ```usher-part);
- a ```console runnable block: its `$` lines run, in order, in a folder of
  their own, with the built programs in front on PATH;
- each program and each of its options stands in its man page.
"""

import os
import re
import subprocess
import sys
import tempfile

import lint

FENCE = re.compile(r"^```(\S*)[ ]*([^\n]*)\n(.*?)^```$", re.M | re.S)
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
PROGRAMS = {"usherd": "man/usherd.8.scd", "usherctl": "man/usherctl.1.scd",
            "usher-agent": "man/usher-agent.1.scd"}
SECONDS = 60


def documents():
    names = [n for n in sorted(os.listdir(lint.TOP)) if n.endswith(".md")]
    return names + lint.files("doc", ".md")


def anchor(heading):
    text = re.sub(r"[`*]", "", heading.strip().lower())
    return re.sub(r" ", "-", re.sub(r"[^\w\- ]", "", text))


def anchors(text):
    return {anchor(m) for m in re.findall(r"^#+ (.+)$", text, re.M)}


def dead_links(names):
    for name in names:
        text = FENCE.sub(lambda m: lint.blank(m.group(0)), lint.read(name))
        for match in LINK.finditer(text):
            target, _, heading = match.group(1).partition("#")
            if re.match(r"[a-z]+:", target):
                continue
            where = f"{name}:{lint.line_of(text, match.start())}"
            file = os.path.normpath(os.path.join(
                os.path.dirname(name), target)) if target else name
            if not os.path.exists(lint.path(file)):
                yield f"{where}: no {file}"
            elif heading and file.endswith(".md") and \
                    heading not in anchors(lint.read(file)):
                yield f"{where}: no heading #{heading} in {file}"


def blocks(names, language, mark=None):
    for name in names:
        text = lint.read(name)
        for match in FENCE.finditer(text):
            if match.group(1) != language:
                continue
            if mark is None or mark in match.group(2).split():
                where = f"{name}:{lint.line_of(text, match.start())}"
                yield where, match.group(3)


def run(command, build, folder):
    path = os.pathsep.join([build, lint.TOP, os.environ["PATH"]])
    env = dict(os.environ, PATH=path, USHER_BUILD=build)
    return subprocess.run(command, cwd=folder, env=env, text=True,
                          stdin=subprocess.DEVNULL, timeout=SECONDS,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          shell=isinstance(command, str), check=False)


def refused(where, config, build):
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "usher.conf")
        with open(file, "w", encoding="utf-8") as out:
            out.write(config)
        made = run(["usherd", "-t", "-c", file], build, folder)
        if made.returncode != 0:
            yield f"{where}: {made.stdout.strip()}"


def commands(block):
    """The `$` lines, with the lines that continue them."""
    joined = block.replace("\\\n", "")
    return [line[2:] for line in joined.split("\n") if line.startswith("$ ")]


def broken(where, block, build):
    with tempfile.TemporaryDirectory() as folder:
        for command in commands(block):
            made = run(command, build, folder)
            if made.returncode != 0:
                yield (f"{where}: $ {command}: exit {made.returncode}: "
                       + made.stdout.strip()[-400:])
                return


def unmanned(build):
    for program, page in PROGRAMS.items():
        if not os.path.exists(lint.path(page)):
            yield f"{page}: is not there"
            continue
        text = lint.read(page).replace("\\", "")
        made = run([program, "--help"], build, lint.TOP)
        for option in sorted(set(re.findall(
                r"(?:^|[ ,\[|])(--?[a-z][a-z-]*)", made.stdout, re.M | re.I))):
            if option not in text:
                yield f"{page}: says nothing of {option}"


def main():
    build = os.path.realpath(sys.argv[1])
    names = documents()
    r = lint.Report()
    r.claim("links lead somewhere", dead_links(names))
    for where, config in blocks(names, "usher"):
        r.claim(f"{where}: a config usherd takes",
                refused(where, config, build))
    for where, block in blocks(names, "console", "runnable"):
        r.claim(f"{where}: the commands run", broken(where, block, build))
    r.claim("options stand in the man pages", unmanned(build))
    r.close()


if __name__ == "__main__":
    main()
