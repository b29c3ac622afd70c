#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# all.sh - plays every story of tests/route, from the build folder. Those
# named open-* tell what the router should do and does not do yet.
set -eu
set --
for story in "${srcdir:-$(dirname "$0")/../..}"/tests/route/*.scn; do
	case $story in
	*/open-*) ;;
	*) set -- "$@" "$story" ;;
	esac
done
exec tests/route/play "$@"
