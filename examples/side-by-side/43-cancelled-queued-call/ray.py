"""A call that is cancelled while it waits behind another one at a busy actor. HERE RAY AND HEDDLE DIFFER.

Its ref fails in both. In Ray it may run all the same when its turn comes; in Heddle it never starts.
"""

import asyncio

import ray
from ray.exceptions import TaskCancelledError


@ray.remote
class Gate:
    def __init__(self):
        self.opened = asyncio.Event()
        self.came = asyncio.Event()

    async def wait(self):
        self.came.set()
        await self.opened.wait()

    async def until_came(self):
        await self.came.wait()

    async def open(self):
        self.opened.set()


@ray.remote
class Mason:
    def __init__(self):
        self.laid = []

    def lay(self, stone, gate):
        self.laid.append(stone)
        ray.get(gate.wait.remote())

    def show(self):
        return self.laid


ray.init(num_cpus=2)
gate, mason = Gate.remote(), Mason.remote()
stones = {stone: mason.lay.remote(stone, gate) for stone in ["first", "second", "third"]}
ray.get(gate.until_came.remote())
ray.cancel(stones["second"])
ray.get(gate.open.remote())
for stone, ref in stones.items():
    try:
        ray.get(ref)
        print(stone, "laid")
    except TaskCancelledError:
        print(stone, "cancelled")
wall = [stone for stone in ray.get(mason.show.remote()) if stone != "second"]
print("the wall:", *wall, "and perhaps second")
