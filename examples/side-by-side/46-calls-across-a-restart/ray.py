"""Calls that wait behind the one that crashes their actor, without retries. HERE RAY AND HEDDLE DIFFER.

They had not begun, so it is safe to run them once the actor is made anew: Heddle does, in order. Ray fails them all.
"""

import asyncio
import os

import ray
from ray.exceptions import RayActorError


@ray.remote
class Gate:
    def __init__(self):
        self.opened = asyncio.Event()

    async def wait(self):
        await self.opened.wait()

    async def open(self):
        self.opened.set()


@ray.remote(max_restarts=1)
class Waiter:
    def __init__(self):
        self.served = []

    def serve(self, dish):
        self.served.append(dish)
        return " ".join(self.served)

    def stumble(self, gate):
        ray.get(gate.wait.remote())
        os._exit(1)


ray.init(num_cpus=2)
gate, waiter = Gate.remote(), Waiter.remote()
calls = [waiter.serve.remote("soup"), waiter.stumble.remote(gate), waiter.serve.remote("roast"), waiter.serve.remote("pie")]
print(ray.get(calls[0]))
ray.get(gate.open.remote())
for call in calls[1:]:
    try:
        print(ray.get(call))
    except RayActorError:
        print("failed")
