"""Cancelling a call cancels the calls it made as well, and theirs, unless `recursive=False` says not to.

Here a manager waits for a clerk. The clerk tells when it began and when it was cancelled.
"""

import asyncio

import ray
from ray.exceptions import TaskCancelledError


@ray.remote
class Clerk:
    def __init__(self):
        self.began = asyncio.Event()
        self.cancelled = asyncio.Event()

    async def work(self):
        self.began.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise

    async def until_began(self):
        await self.began.wait()

    async def until_cancelled(self):
        await self.cancelled.wait()
        return "the clerk was cancelled"


@ray.remote
class Manager:
    async def delegate(self, clerk):
        await clerk.work.remote()


ray.init(num_cpus=2)
clerk, manager = Clerk.remote(), Manager.remote()
delegated = manager.delegate.remote(clerk)
ray.get(clerk.until_began.remote())
ray.cancel(delegated)
try:
    ray.get(delegated)
except TaskCancelledError:
    print("the manager's call: TaskCancelledError")
print(ray.get(clerk.until_cancelled.remote()))
