"""A custom resource is a name and an amount. Tasks and actors ask for some of it and wait until it is free.

What asks for more than there is waits for ever, until it is cancelled, and holds nobody back.
"""

import ray
from ray.exceptions import TaskCancelledError


@ray.remote(resources={"slot": 1})
class Holder:
    def here(self):
        return "holds the slot"


@ray.remote(num_cpus=0)
def need():
    return "got the slot"


@ray.remote(num_cpus=0)
def pass_by():
    return "passed by"


def state_of(ref, timeout):
    ready, _ = ray.wait([ref], timeout=timeout)
    return "done" if ready else "waits"


ray.init(num_cpus=2, resources={"slot": 1})
holder = Holder.remote()
print("actor", ray.get(holder.here.remote()))

impossible = need.options(resources={"slot": 2}).remote()
possible = need.options(resources={"slot": 1}).remote()
print("a task for one slot:", state_of(possible, timeout=0.1))
print("a task for none:", ray.get(pass_by.remote()))
ray.kill(holder)
print("when the actor is gone:", ray.get(possible))

print("a task for two slots:", state_of(impossible, timeout=0.1))
ray.cancel(impossible)
try:
    ray.get(impossible)
except TaskCancelledError:
    print("cancelled: TaskCancelledError")
