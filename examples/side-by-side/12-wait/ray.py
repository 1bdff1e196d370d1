"""`wait` tells which refs are ready: those and the rest, both in the order given, without throwing for a failed one.

It is how a program takes results as they come instead of in the order in which it asked for them.
"""

import asyncio

import ray


@ray.remote
class Ferry:
    def __init__(self):
        self.landed = {name: asyncio.Event() for name in ["Anna", "Berta", "Clara"]}

    async def cross(self, name):
        await self.landed[name].wait()
        if name == "Berta":
            raise RuntimeError("ran aground")
        return name

    async def land(self, name):
        self.landed[name].set()


ray.init(num_cpus=2)
ferry = Ferry.remote()
names = ["Anna", "Berta", "Clara"]
crossings = {ferry.cross.remote(name): name for name in names}
pending = list(crossings)


def show(ready, rest):
    print("ready:", *[crossings[ref] for ref in ready], "| rest:", *[crossings[ref] for ref in rest])


show(*ray.wait(pending, timeout=0))
for name in ["Clara", "Berta"]:
    ferry.land.remote(name)
    ready, pending = ray.wait(pending, num_returns=1)
    show(ready, pending)
show(*ray.wait(pending, num_returns=1, timeout=0.05))
ray.get(ferry.land.remote("Anna"))
show(*ray.wait(list(crossings), num_returns=3))
