"""`max_pending_calls` bounds how many calls a caller may have on their way to an actor; the one beyond is refused.

That is back-pressure at the call: a caller that outruns an actor learns it at once. What was accepted is not
touched, and as soon as a call is answered there is room for another.
"""

import asyncio

import ray
from ray.exceptions import PendingCallsLimitExceeded


@ray.remote
class Gate:
    def __init__(self):
        self.opened = asyncio.Event()

    async def wait(self):
        await self.opened.wait()

    async def open(self):
        self.opened.set()


@ray.remote(max_pending_calls=3)
class Mill:
    def grind(self, sack, gate):
        ray.get(gate.wait.remote())
        return f"flour of {sack}"


ray.init(num_cpus=2)
gate, mill = Gate.remote(), Mill.remote()
flour = []
for sack in ["rye", "oats", "wheat", "spelt"]:
    try:
        flour.append(mill.grind.remote(sack, gate))
        print(sack, "accepted")
    except PendingCallsLimitExceeded:
        print(sack, "refused")

ray.get(gate.open.remote())
print(*ray.get(flour), sep=", ")
print(ray.get(mill.grind.remote("spelt", gate)))
