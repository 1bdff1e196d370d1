"""A ref at the top of the arguments arrives as its value; a ref inside a value arrives as a ref.

So a list of refs can be handed on without waiting for them or moving what they name: whoever needs the values
gets them. Here the actor gets the list before the values are there, and asks for the sum only later.
"""

import asyncio

import ray
from ray import ObjectRef


@ray.remote
class Gate:
    def __init__(self):
        self.opened = asyncio.Event()

    async def wait(self, value):
        await self.opened.wait()
        return value

    async def open(self):
        self.opened.set()


@ray.remote
class Accountant:
    def take(self, direct, bills):
        self.bills = bills["bills"]
        kinds = ["ref" if isinstance(bill, ObjectRef) else "value" for bill in [direct, *self.bills]]
        return " ".join(kinds)

    def total(self):
        return sum(ray.get(self.bills))

    def first_bill(self):
        return [self.bills[0]]


ray.init(num_cpus=2)
gate, accountant = Gate.remote(), Accountant.remote()
bills = [gate.wait.remote(amount) for amount in [10, 20, 30]]
print("arrived as:", ray.get(accountant.take.remote(ray.put(5), {"bills": bills})))
ray.get(gate.open.remote())
print("total:", ray.get(accountant.total.remote()))
[first] = ray.get(accountant.first_bill.remote())
print("a ref came back, and names:", ray.get(first))
