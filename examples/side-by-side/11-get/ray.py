"""`get` of a list keeps its order, throws as soon as one ref has failed, and gives up at a deadline.

The deadline ends the waiting, not the call: its value can be had later.
"""

import asyncio

import ray
from ray.exceptions import GetTimeoutError, RayTaskError


@ray.remote
class Kitchen:
    def __init__(self):
        self.served = asyncio.Event()

    async def cook(self, dish):
        await self.served.wait()
        return dish

    async def burn(self, dish):
        raise RuntimeError(f"{dish} is burnt")

    async def serve(self):
        self.served.set()


ray.init(num_cpus=2)
kitchen = Kitchen.remote()
soup, roast = kitchen.cook.remote("soup"), kitchen.cook.remote("roast")

try:
    ray.get([soup, roast], timeout=0.05)
except GetTimeoutError:
    print("not in time")

try:
    ray.get([soup, kitchen.burn.remote("toast"), roast])  # Does not wait for the soup.
except RayTaskError as error:
    print("failed first:", error.cause)

ray.get(kitchen.serve.remote())
print("in the order asked for:", *ray.get([roast, soup]))
