"""An actor ends with its owner, the one whose call made it, even if others have handles; a detached actor does not.

A detached actor ends by `kill`, by its own exit, or when its restarts are used up.
"""

import ray
from ray.exceptions import ActorDiedError


@ray.remote
class Plant:
    def water(self):
        return "grows"


@ray.remote
class Gardener:
    def plant(self):
        return Plant.remote(), Plant.options(name="tree", lifetime="detached").remote()


ray.init(num_cpus=2, namespace="garden")
gardener = Gardener.remote()
flower, tree = ray.get(gardener.plant.remote())
print("flower", ray.get(flower.water.remote()), "| tree", ray.get(tree.water.remote()))

ray.kill(gardener)
try:
    while True:  # It ends soon after its owner.
        ray.get(flower.water.remote())
except ActorDiedError:
    print("the flower is dead")
print("tree", ray.get(tree.water.remote()))
del tree
print("tree", ray.get(ray.get_actor("tree").water.remote()))
ray.kill(ray.get_actor("tree"))
