#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# bench.sh - `make bench`: every table of doc/benchmarks.md, in one run.
set -eu
here=$(dirname "$0")
echo "## Router"
echo
tests/bench/bench_route
echo
echo "## Store"
echo
tests/bench/bench_store "$PWD"
echo
echo "## Wire"
echo
USHER_BUILD="$PWD" /usr/bin/python3 "$here/bench_wire.py"
