#!/bin/sh
# Writes much and fast, to both streams: noisy.sh LINES
awk -v lines="${1:-20000}" 'BEGIN { for (i = 1; i <= lines; i++) print "noise " i " ........................................" }'
echo "the last line, on stderr" >&2
