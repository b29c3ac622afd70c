# SPDX-License-Identifier: GPL-3.0-or-later
"""What the lints share: the tree, comments out of C, claims counted.

A lint is a row of claims about the tree. A claim passes when nothing speaks
against it; else each finding is printed as file:line: text.
"""

import os
import re
import sys

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))


def path(*parts):
    return os.path.join(TOP, *parts)


def read(name):
    with open(path(name), encoding="utf-8") as file:
        return file.read()


def files(folder, *endings):
    """Names under a folder of the tree, sorted, by their ending."""
    found = []
    for base, folders, names in os.walk(path(folder)):
        folders[:] = sorted(f for f in folders if f != "__pycache__")
        found += [os.path.relpath(os.path.join(base, n), TOP)
                  for n in names if n.endswith(endings)]
    return sorted(found)


TOKENS = re.compile(
    r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def blank(text):
    """The same text with everything but line ends blanked."""
    return re.sub(r"[^\n]", " ", text)


def code_only(source):
    """C with comments blanked and the inside of literals emptied; lines keep
    their numbers."""
    def replace(match):
        token = match.group(0)
        if token[0] == "/":
            return blank(token)
        return token[0] + " " * (len(token) - 2) + token[0]
    return TOKENS.sub(replace, source)


def comments_only(source):
    """The comments of C, with their lines keeping their numbers."""
    out = []
    last = 0
    for match in TOKENS.finditer(source):
        if match.group(0)[0] == "/":
            out.append(blank(source[last:match.start()]) + match.group(0))
        else:
            out.append(blank(source[last:match.end()]))
        last = match.end()
    return "".join(out) + blank(source[last:])


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


class Report:
    def __init__(self):
        self.passed = 0
        self.failed = 0

    def claim(self, text, findings):
        """Findings are printable lines; none means that the claim holds."""
        findings = list(findings)
        if findings:
            self.failed += 1
            print(f"FAILED: {text}")
            for finding in findings:
                print(f"  {finding}")
        else:
            self.passed += 1
            print(f"ok: {text}")

    def close(self):
        print(f"{self.passed} passed, {self.failed} failed")
        sys.exit(1 if self.failed else 0)
