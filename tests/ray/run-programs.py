"""Runs Ray programs one after the other against one Ray instance, and prints a line of JSON for each.

A Ray instance costs seconds to start and stop, a connection to it a fraction of one. So the instance is started
here once, and a program's own `ray.init(num_cpus=2)` becomes a connection to it: with a namespace of its own,
with nothing left of the program before (the actors of a driver end with it). A program that asks for something
else than the instance has is refused, not run on something else.

Each program runs as `__main__`, as it would by itself. Only what it prints is taken; Ray's own words go to stderr.
"""

import contextlib
import io
import json
import os
import runpy
import signal
import sys
import threading
import time
import traceback

os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")

import ray
from ray.cluster_utils import Cluster

HAS = {"num_cpus": 2, "resources": {"slot": 1}}
LIMIT_SECONDS = 60


def give_up(*_):
    raise TimeoutError(f"the program did not end within {LIMIT_SECONDS} seconds")


def connecting(address):
    """What stands in for `ray.init` while the programs run."""
    connect = ray.init

    def init(*, num_cpus=2, resources=None, **options):
        if num_cpus != HAS["num_cpus"] or resources not in (None, HAS["resources"]):
            raise ValueError(f"the programs share an instance with {HAS}, and this one asks for {num_cpus}, {resources}")
        return connect(address=address, log_to_driver=False, logging_level="ERROR", **options)

    return init


class Output(io.StringIO):
    """What the program itself prints: Ray reports crashes and retries from threads of its own."""

    def write(self, text):
        own = threading.current_thread() is threading.main_thread()
        return super().write(text) if own else sys.stderr.write(text)


def run(path):
    out = Output()
    error = None
    began = time.monotonic()
    signal.signal(signal.SIGALRM, give_up)
    signal.alarm(LIMIT_SECONDS)
    try:
        with contextlib.redirect_stdout(out):
            runpy.run_path(path, run_name="__main__")
    except BaseException:  # A program may end in any way; the next one runs all the same.
        error = traceback.format_exc()
    finally:
        signal.alarm(0)
        ray.shutdown()
    return {"program": path, "output": out.getvalue(), "error": error, "seconds": time.monotonic() - began}


def main(paths):
    lines = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # Whatever else writes to stdout must not stand between the lines.
    cluster = Cluster(initialize_head=True, head_node_args={**HAS, "include_dashboard": False})
    try:
        ray.init = connecting(cluster.address)
        for path in paths:
            print(json.dumps(run(path)), file=lines, flush=True)
    finally:
        cluster.shutdown()


if __name__ == "__main__":
    main(sys.argv[1:])
