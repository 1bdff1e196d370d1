#!/bin/sh
# Writes numbered lines, a tenth of a second apart, and ends with the code it is given: steady.sh LINES CODE
i=0
while [ "$i" -lt "${1:-20}" ]; do
  i=$((i + 1))
  echo "line $i"
  sleep 0.1
done
exit "${2:-0}"
