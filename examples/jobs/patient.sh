#!/bin/sh
# Works for a long time, and when it is asked to end it says so and cleans up first.
trap 'echo "asked to end: cleaning up"; sleep 0.2; echo "clean"; exit 0' TERM
i=0
while [ "$i" -lt 600 ]; do
  i=$((i + 1))
  echo "step $i"
  sleep 0.1
done
