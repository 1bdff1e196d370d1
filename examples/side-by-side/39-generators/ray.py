"""A generator method gives its caller a generator of refs at once; each item can be had as soon as it is yielded.

An error arrives as the last ref. Here the printer prints a page only when the driver has the one before.
"""

import asyncio

import ray
from ray.exceptions import RayTaskError


@ray.remote
class Printer:
    def __init__(self):
        self.may_print = asyncio.Semaphore(0)

    async def print_pages(self, count):
        for page in range(1, count + 1):
            if page == 3:
                raise RuntimeError("out of paper")
            yield f"page {page}"
            await self.may_print.acquire()

    async def go_on(self):
        self.may_print.release()


@ray.remote
def count_down(start):
    while start > 0:
        yield start
        start -= 1


ray.init(num_cpus=2)
printer = Printer.remote()
pages = printer.print_pages.remote(5)
try:
    for ref in pages:
        print(ray.get(ref))
        ray.get(printer.go_on.remote())
except RayTaskError as error:
    print("failed:", error.cause)
print("anything after it:", "no" if next(pages, None) is None else "yes")

print("a task counts down:", *[ray.get(ref) for ref in count_down.remote(5)])
