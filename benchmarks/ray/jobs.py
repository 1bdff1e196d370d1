"""Jobs through real Ray's JobSubmissionClient, against a head of this program's own that ends with it."""

import os
import socket
import statistics
import time

import ray
from ray.job_submission import JobStatus, JobSubmissionClient

from measure import plan, report

WARM_UP_S, MEASURE_S = plan()
POLL_S = 0.001


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(client, ids, is_there):
    """One after another: to ask for all of them each time would be work for the head."""
    for job in ids:
        while not is_there(client.get_job_status(job)):
            time.sleep(POLL_S)


def first_job(client):
    """Submitted until the head's agent has started, which may take a while after the head says it is ready."""
    deadline = time.monotonic() + 120
    while True:
        try:
            return client.submit_job(entrypoint="true")
        except RuntimeError as error:
            if "No available agent" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.5)


def memory_mb(root):
    """Memory of a process and all below it, what they share with others counted in parts; and of those that run `sleep`."""
    children = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/stat") as stat:
                    children.setdefault(int(stat.read().rsplit(")", 1)[1].split()[1]), []).append(int(entry))
            except OSError:
                pass
    total, sleepers, todo = 0, 0, [root]
    while todo:
        pid = todo.pop()
        todo += children.get(pid, [])
        try:
            with open(f"/proc/{pid}/smaps_rollup") as rollup:
                kilobytes = next(int(line.split()[1]) for line in rollup if line.startswith("Pss:"))
            with open(f"/proc/{pid}/cmdline") as arguments:
                command_line = arguments.read().replace("\0", " ")
        except (OSError, StopIteration):
            continue
        total += kilobytes
        if "sleep 600" in command_line:
            sleepers += kilobytes
    return total / 1024, sleepers / 1024


def main():
    context = ray.init(
        address="local", num_cpus=2, include_dashboard=True, dashboard_port=free_port(), logging_level="ERROR"
    )
    client = JobSubmissionClient(f"http://{context.dashboard_url}")
    terminal = lambda status: status.is_terminal()
    warm_until = time.monotonic() + 10 * WARM_UP_S
    until(client, [first_job(client)], terminal)
    while time.monotonic() < warm_until:
        until(client, [client.submit_job(entrypoint="true")], terminal)
    alive = 5
    before, _ = memory_mb(os.getpid())
    ids = [client.submit_job(entrypoint="sleep 600") for _ in range(alive)]
    until(client, ids, lambda status: status != JobStatus.PENDING)
    time.sleep(2)
    after, sleepers = memory_mb(os.getpid())
    for job in ids:
        client.stop_job(job)
    until(client, ids, terminal)
    submit_ms, latency_ms = [], []
    for _ in range(3):
        start = time.perf_counter()
        job = client.submit_job(entrypoint="true")
        submit_ms.append((time.perf_counter() - start) * 1000)
        until(client, [job], terminal)
        latency_ms.append((time.perf_counter() - start) * 1000)
        assert client.get_job_status(job) == JobStatus.SUCCEEDED
    count = 20 if MEASURE_S > 1 else 8
    start = time.perf_counter()
    ids = [client.submit_job(entrypoint="true") for _ in range(count)]
    until(client, ids, terminal)
    per_second = count / (time.perf_counter() - start)
    assert all(client.get_job_status(job) == JobStatus.SUCCEEDED for job in ids)
    notes = {
        "jobs/s, all submitted at once": per_second,
        "submit answered, ms": statistics.median(submit_ms),
        "submit to terminal, ms": statistics.median(latency_ms),
        "MB for each job alive": (after - before) / alive,
        "MB for each job alive, beside its own process": (after - sleepers - before) / alive,
        "MB of the idle head": before,
    }
    report({"value": per_second, "notes": notes})
    ray.shutdown()


main()
