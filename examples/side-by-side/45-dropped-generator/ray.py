"""A consumer that leaves a generator before its end. HERE RAY AND HEDDLE DIFFER.

In Ray the producer runs on to its end, with nobody to take what it makes. In Heddle leaving the loop ends it.
"""

import asyncio

import ray


@ray.remote
class Press:
    def __init__(self):
        self.may_print = asyncio.Event()
        self.ended = asyncio.Event()
        self.printed = 0

    async def print_all(self, count):
        try:
            for number in range(1, count + 1):
                if number > 2:
                    await self.may_print.wait()
                self.printed = number
                yield number
        finally:
            self.ended.set()

    async def go_on(self):
        self.may_print.set()

    async def read_when_ended(self):
        await self.ended.wait()
        return self.printed


ray.init(num_cpus=2)
press = Press.remote()
papers = press.print_all.remote(10)
for ref in papers:
    print("took", ray.get(ref))
    break
del papers, ref
ray.get(press.go_on.remote())
print("printed all ten:", "yes" if ray.get(press.read_when_ended.remote()) == 10 else "no")
