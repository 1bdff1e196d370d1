"""A method may return several values, each with a ref of its own: they can be waited for and passed on one by one.

With none there is no ref at all. A result of another length fails every ref.
"""

import ray
from ray.exceptions import RayTaskError


@ray.remote
class Surveyor:
    @ray.method(num_returns=3)
    def measure(self):
        return "height", "width", "depth"

    def double(self, what):
        return f"{what} twice"

    def note(self):
        pass


ray.init(num_cpus=2)
surveyor = Surveyor.remote()
height, width, depth = surveyor.measure.remote()
print(*ray.get([depth, height]))
print(ray.get(surveyor.double.remote(width)))

nothing = surveyor.note.options(num_returns=0).remote()
print("of no returns:", "nothing" if nothing is None else "a ref")

failures = 0
for ref in surveyor.measure.options(num_returns=2).remote():
    try:
        ray.get(ref)
    except (RayTaskError, ValueError):
        failures += 1
print("of three values for two refs, refs that failed:", failures)
