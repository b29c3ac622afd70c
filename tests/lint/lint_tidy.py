#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""clang-tidy over every source, two at a time; one claim a file.

The path-sensitive analyzer costs minutes, so it runs apart, with --analyzer.
A file that was clean stays so until it, a header or the rules change.
"""

import concurrent.futures
import hashlib
import os
import re
import subprocess
import sys

import lint

PACKAGES = ["libevent_core", "openssl", "libcurl", "sqlite3", "jansson",
            "libsodium", "libpcre2-8", "libutf8proc", "gmime-3.0",
            "libseccomp"]
NOISE = re.compile(r"^\d+ warnings? (generated|treated)|^Suppressed|^Use -")


def flags(build):
    out = subprocess.run(["pkg-config", "--cflags", *PACKAGES],
                         capture_output=True, text=True, check=True)
    return ["-std=gnu11", "-D_GNU_SOURCE", "-I" + lint.path("src"),
            "-I" + lint.path("include"), "-I" + build,
            "-I" + os.path.join(build, "src"),
            '-DUSHER_DATADIR="/usr/share/usher"',
            '-DUSHER_LIBEXECDIR="/usr/libexec/usher"',
            '-DUSHER_MIME_HELPER="/usr/libexec/usher/usher-mime"',
            "-include", lint.path("src/base/banned.h"), *out.stdout.split()]


def checks(analyzer):
    return ("-bugprone-*,-cert-*,-readability-*" if analyzer
            else "-clang-analyzer-*")


def headers_digest():
    digest = hashlib.sha256(lint.read(".clang-tidy").encode())
    for name in lint.files("src", ".h"):
        digest.update(lint.read(name).encode())
    return digest.hexdigest()


def tidy(name, how, arguments):
    made = subprocess.run(
        ["clang-tidy", "--quiet", f"--checks={how}", lint.path(name), "--",
         *arguments], capture_output=True, text=True, check=False)
    lines = (made.stdout + made.stderr).split("\n")
    findings = [line.replace(lint.TOP + "/", "") for line in lines
                if re.search(r": (warning|error): ", line)]
    if made.returncode != 0 and not findings:
        findings = [line for line in lines if not NOISE.match(line)][:5]
    return name, findings


def main():
    analyzer = "--analyzer" in sys.argv
    build = os.path.realpath(sys.argv[-1])
    how = checks(analyzer)
    made = ("src/config/grammar.", "src/config/lexer.c")
    names = [n for n in lint.files("src", ".c") if not n.startswith(made)]
    clean = lint.path("build", "tidy")
    os.makedirs(clean, exist_ok=True)
    base = headers_digest() + how
    stamps = {n: os.path.join(clean, hashlib.sha256(
        (base + n + lint.read(n)).encode()).hexdigest()) for n in names}
    known = [n for n in names if os.path.exists(stamps[n])]
    fresh = [n for n in names if n not in known]
    report = lint.Report()
    for name in known:
        report.claim(f"{name} (as it was)", [])
    arguments = flags(build)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, findings in pool.map(
                lambda n: tidy(n, how, arguments), fresh):
            report.claim(name, findings)
            if not findings:
                with open(stamps[name], "w", encoding="utf-8"):
                    pass
    report.close()


if __name__ == "__main__":
    main()
