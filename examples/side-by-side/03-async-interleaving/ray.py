"""An actor with an async method is an async actor: while one call awaits, others begin.

Its calls share one thread and interleave only where they await. Here the second call lets the first one go on.
"""

import asyncio

import ray


@ray.remote
class Desk:
    def __init__(self):
        self.trace = []
        self.came = asyncio.Event()
        self.may_go_on = asyncio.Event()

    async def first(self):
        self.trace.append("first begins")
        self.came.set()
        await self.may_go_on.wait()
        self.trace.append("first ends")

    async def until_first_came(self):
        await self.came.wait()

    async def second(self):
        self.trace.append("second begins")
        self.may_go_on.set()
        self.trace.append("second ends")

    async def read(self):
        return self.trace


ray.init(num_cpus=2)
desk = Desk.remote()
first = desk.first.remote()
ray.get(desk.until_first_came.remote())
ray.get([first, desk.second.remote()])
for line in ray.get(desk.read.remote()):
    print(line)
