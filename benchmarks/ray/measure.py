"""Measures for a given time, after a warm-up, and prints the rates as one line of JSON: the frame of both programs here."""

import json
import sys
import time


def plan():
    given = json.loads(sys.argv[1])
    return given["warmUpMs"] / 1000, given["measureMs"] / 1000


def rate(piece, operations, warm_up_s, measure_s):
    """Operations per second of `piece`, which does so many of them."""
    start = time.perf_counter()
    while True:
        piece()
        if time.perf_counter() - start > warm_up_s:
            break
    start = time.perf_counter()
    done = 0
    while True:
        piece()
        done += operations
        seconds = time.perf_counter() - start
        if seconds > measure_s:
            return done / seconds


def report(figures):
    print("\n" + json.dumps(figures))
