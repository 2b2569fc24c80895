#!/bin/sh
# Print NAME of every fuzz_NAME.c, one a line.
cd "$(dirname "$0")" || exit 1
for f in fuzz_*.c; do
	[ -e "$f" ] || continue
	f=${f#fuzz_}
	echo "${f%.c}"
done
