"""A running call of an async actor that is cancelled learns it where it awaits, and can tidy up.

Its ref fails with `TaskCancelledError`. The actor goes on. What has finished already stays as it is.
"""

import asyncio

import ray
from ray.exceptions import TaskCancelledError


@ray.remote
class Diver:
    def __init__(self):
        self.trace = []
        self.is_down = asyncio.Event()

    async def dive(self):
        self.trace.append("down")
        self.is_down.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.trace.append("up again")
            raise

    async def until_down(self):
        await self.is_down.wait()
        return "was down"

    async def read(self):
        return self.trace


ray.init(num_cpus=2)
diver = Diver.remote()
dive = diver.dive.remote()
before = diver.until_down.remote()
ray.get(before)
ray.cancel(dive)
try:
    ray.get(dive)
except TaskCancelledError:
    print("the dive: TaskCancelledError")
print("the diver:", ", ".join(ray.get(diver.read.remote())))

ray.cancel(before)
print("cancelled after its end:", ray.get(before))
