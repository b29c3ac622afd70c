#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# deps.sh - the one list of Debian packages, and the one place that installs
# them. Reasons for each library stand in doc/dependencies.md.
#
#   build-aux/deps.sh [--yes | --no-install] run|check
set -eu

# To build and run from git.
run_packages=(
	autoconf automake bison flex gcc libc6-dev make pkg-config scdoc
	libcurl4-openssl-dev libevent-dev libgmime-3.0-dev libjansson-dev
	libpcre2-dev libseccomp-dev libsodium-dev libsqlite3-dev libssl-dev
	libutf8proc-dev
	curl python3
)
# To check as well.
check_packages=(
	clang-format clang-tidy libcmocka-dev python3-jsonschema
	python3-pytest python3-pytest-xdist python3-websockets shellcheck
	xz-utils
)

# Which of the given packages are not installed.
missing() {
	local known
	known=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" \
		2>/dev/null || :)
	printf '%s\n' "$@" | while read -r package; do
		grep -qxF "$package installed" <<<"$known" || echo "$package"
	done
}

as_root() {
	if test "$(id -u)" = 0; then
		env DEBIAN_FRONTEND=noninteractive "$@"
	elif command -v sudo >/dev/null; then
		sudo env DEBIAN_FRONTEND=noninteractive "$@"
	else
		echo "deps: root or sudo is needed to install packages" >&2
		return 1
	fi
}

# True when the person said yes, or when nobody is there to be asked.
agreed() {
	local answer
	if test "$mode" = yes || ! test -t 0 || ! test -t 1; then
		return 0
	fi
	read -r -p "Install them now? [Y/n] " answer
	case $answer in
	'' | [Yy]*) return 0 ;;
	*) return 1 ;;
	esac
}

install_all() {
	echo "These Debian packages are missing:"
	printf '  %s\n' "$@"
	if test "$mode" = no; then
		echo "Install them with: apt-get install --no-install-recommends $*"
		return 1
	fi
	agreed || return 1
	as_root apt-get update -q
	as_root apt-get install -q -y --no-install-recommends "$@"
}

mode=ask
purpose=
for arg in "$@"; do
	case $arg in
	--yes) mode=yes ;;
	--no-install) mode=no ;;
	run | check) purpose=$arg ;;
	*)
		echo "usage: deps.sh [--yes | --no-install] run|check" >&2
		exit 2
		;;
	esac
done

wanted=("${run_packages[@]}")
test "$purpose" = check && wanted+=("${check_packages[@]}")

# Another distribution brings its own packages; configure then says what lacks.
if ! command -v dpkg-query >/dev/null; then
	echo "deps: no dpkg here; configure will name what is missing"
	exit 0
fi
mapfile -t lacking < <(missing "${wanted[@]}")
test "${#lacking[@]}" = 0 || install_all "${lacking[@]}"
