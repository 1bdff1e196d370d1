"""Names live in namespaces: the same name in two of them means two actors.

A name without a namespace means the program's own. (Ray gives each program a random one unless it names one; Heddle's
is `default`.)
"""

import ray


@ray.remote
class Mayor:
    def __init__(self, town):
        self.town = town

    def greet(self):
        return f"Welcome to {self.town}!"


ray.init(num_cpus=2, namespace="springfield")
here = Mayor.options(name="mayor").remote("Springfield")
there = Mayor.options(name="mayor", namespace="shelbyville").remote("Shelbyville")
ray.get([here.greet.remote(), there.greet.remote()])

print(ray.get(ray.get_actor("mayor").greet.remote()))
print(ray.get(ray.get_actor("mayor", namespace="shelbyville").greet.remote()))
try:
    ray.get_actor("mayor", namespace="capital city")
except ValueError:
    print("nobody there")

print("here:", *ray.util.list_named_actors())
everywhere = ray.util.list_named_actors(all_namespaces=True)
print("everywhere:", ", ".join(sorted(f"{actor['name']} of {actor['namespace']}" for actor in everywhere)))
