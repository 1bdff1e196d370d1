"""Jobs through real Ray's JobSubmissionClient, against a head of this program's own that ends with it."""

import os
import socket
import statistics
import time

import ray
from ray.job_submission import JobStatus, JobSubmissionClient

from measure import plan, report

_, MEASURE_S = plan()
POLL_S = 0.01


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(client, ids, is_there):
    waiting = set(ids)
    while waiting:
        waiting = {job for job in waiting if not is_there(client.get_job_status(job))}
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


def unshared_mb(root):
    """Memory of a process and all below it, what they share with others counted in parts."""
    children = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/stat") as stat:
                    children.setdefault(int(stat.read().rsplit(")", 1)[1].split()[1]), []).append(int(entry))
            except OSError:
                pass
    total, todo = 0, [root]
    while todo:
        pid = todo.pop()
        todo += children.get(pid, [])
        try:
            with open(f"/proc/{pid}/smaps_rollup") as rollup:
                total += next(int(line.split()[1]) for line in rollup if line.startswith("Pss:"))
        except (OSError, StopIteration):
            pass
    return total / 1024


def main():
    context = ray.init(
        address="local", num_cpus=2, include_dashboard=True, dashboard_port=free_port(), logging_level="ERROR"
    )
    client = JobSubmissionClient(f"http://{context.dashboard_url}")
    terminal = lambda status: status.is_terminal()
    until(client, [first_job(client)], terminal)
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
    alive = 5
    before = unshared_mb(os.getpid())
    ids = [client.submit_job(entrypoint="sleep 600") for _ in range(alive)]
    until(client, ids, lambda status: status != JobStatus.PENDING)
    time.sleep(2)
    each_mb = (unshared_mb(os.getpid()) - before) / alive
    for job in ids:
        client.stop_job(job)
    until(client, ids, terminal)
    notes = {
        "jobs/s, all submitted at once": per_second,
        "submit answered, ms": statistics.median(submit_ms),
        "submit to terminal, ms": statistics.median(latency_ms),
        "MB for each job alive": each_mb,
        "MB of the idle head": before,
    }
    report({"value": per_second, "notes": notes})
    ray.shutdown()


main()
