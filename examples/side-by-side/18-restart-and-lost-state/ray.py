"""With `max_restarts` an actor that dies is made anew: the same id, its constructor run again, its state lost.

The call that ran at the death fails, since nobody knows how far it got. With no restart left the actor is dead.
"""

import os

import ray
from ray.exceptions import ActorDiedError, RayActorError


@ray.remote(max_restarts=1, max_task_retries=-1)
class Counter:
    def __init__(self, start):
        self.count = start

    def add(self):
        self.count += 1
        return self.count

    def was_restarted(self):
        return ray.get_runtime_context().was_current_actor_reconstructed

    @ray.method(max_task_retries=0)
    def crash(self):
        os._exit(1)


ray.init(num_cpus=2)
counter = Counter.remote(100)
ray.get(counter.add.remote())
print("before the crash:", ray.get(counter.add.remote()))
try:
    ray.get(counter.crash.remote())
except RayActorError:
    print("the crashing call failed")
print("after it:", ray.get(counter.add.remote()))
print("made anew:", "yes" if ray.get(counter.was_restarted.remote()) else "no")

try:
    ray.get(counter.crash.remote())
except RayActorError:
    print("the crashing call failed")
try:
    ray.get(counter.add.remote())
except ActorDiedError:
    print("no restart left: ActorDiedError")
