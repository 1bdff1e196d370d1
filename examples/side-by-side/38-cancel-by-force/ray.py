"""A task that never looks whether it was cancelled can be ended by force: its worker ends, and is replaced.

The ref fails with `TaskCancelledError` and the task is not retried. Only tasks: an actor call refuses force.
"""

import asyncio
import time

import ray
from ray.exceptions import TaskCancelledError


@ray.remote
class Meter:
    def __init__(self):
        self.starts = 0
        self.started = asyncio.Event()

    async def start(self):
        self.starts += 1
        self.started.set()

    async def until_started(self):
        await self.started.wait()

    async def count(self):
        return self.starts


@ray.remote
def stubborn(meter):
    ray.get(meter.start.remote())
    while True:
        time.sleep(60)


@ray.remote
def gentle(x):
    return 2 * x


ray.init(num_cpus=2)
meter = Meter.remote()
task = stubborn.remote(meter)
ray.get(meter.until_started.remote())
ray.cancel(task, force=True)
try:
    ray.get(task)
except TaskCancelledError:
    print("the task: TaskCancelledError")
print("others go on:", *ray.get([gentle.remote(x) for x in range(5)]))
print("it was started:", ray.get(meter.count.remote()), "time")

try:
    ray.cancel(meter.count.remote(), force=True)
except ValueError:
    print("an actor call refuses force")
