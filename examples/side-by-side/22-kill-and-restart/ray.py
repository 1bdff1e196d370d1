"""`kill` with `no_restart=False` uses up one restart: the actor is made anew, without what it knew.

With no restart left it is a kill like any other; killing what is dead does nothing.
"""

import ray
from ray.exceptions import ActorDiedError


@ray.remote(max_restarts=1, max_task_retries=-1)
class Goldfish:
    def __init__(self):
        self.memory = []

    def learn(self, fact):
        self.memory.append(fact)
        return len(self.memory)

    def was_restarted(self):
        return ray.get_runtime_context().was_current_actor_reconstructed


ray.init(num_cpus=2)
goldfish = Goldfish.remote()
ray.get(goldfish.learn.remote("food"))
print("knows:", ray.get(goldfish.learn.remote("castle")))
ray.kill(goldfish, no_restart=False)
while not ray.get(goldfish.was_restarted.remote()):
    pass  # The kill takes a moment to arrive.
print("after a restart it knows:", ray.get(goldfish.learn.remote("castle")))
ray.kill(goldfish, no_restart=False)
ray.kill(goldfish)
try:
    while True:
        ray.get(goldfish.learn.remote("castle"))
except ActorDiedError:
    print("no restart left: ActorDiedError")
