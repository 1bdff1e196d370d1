"""A task holds its processors while it runs and waits for them before. An actor with `num_cpus` holds them for life.

While an actor has both, a task waits; one that asks for none passes it. The actor's end lets the task run.
"""

import ray


@ray.remote(num_cpus=2)
class Tenant:
    def here(self):
        return "moved in"


@ray.remote
def work():
    return "worked"


@ray.remote(num_cpus=0)
def peep():
    return "peeped"


def state_of(ref, timeout):
    ready, _ = ray.wait([ref], timeout=timeout)
    return ray.get(ref) if ready else "waits"


ray.init(num_cpus=2)
tenant = Tenant.remote()
print("tenant:", ray.get(tenant.here.remote()))
working = work.remote()
print("task without processors:", ray.get(peep.remote()))
print("task for one processor:", state_of(working, timeout=0.1))
ray.kill(tenant)
print("after the tenant's end:", ray.get(working))
