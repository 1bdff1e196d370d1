"""An argument or a result that cannot be sent. HERE RAY AND HEDDLE DIFFER.

Ray throws a `TypeError` at the call. In Heddle no call throws for what is wrong with a value: its ref fails, with the
path to the culprit. A result that cannot be sent fails its ref in both. No other call is touched.
"""

import threading

import ray
from ray.exceptions import RayTaskError


@ray.remote
class Clerk:
    def take(self, paper):
        return "taken"

    def give(self):
        return {"desk": {"key": threading.Lock()}}


ray.init(num_cpus=2)
clerk = Clerk.remote()
before = clerk.take.remote({"text": "before"})
try:
    ref = clerk.take.remote({"options": {"lock": threading.Lock()}})
    print("the call returned a ref")
    ray.get(ref)
except TypeError:
    print("argument: TypeError")
after = clerk.take.remote({"text": "after"})
print("the calls around it:", *ray.get([before, after]))

ref = clerk.give.remote()
print("the call returned a ref")
try:
    ray.get(ref)
except RayTaskError as error:
    print("result:", type(error.cause).__name__)
