"""An actor that is not detached ends when its last handle is gone, after finishing what was submitted to it.

In Python `del` gives a handle up. In JavaScript `using` or `release()` does, at once; a handle that is merely dropped
counts until the garbage collector has found it.
"""

import time

import ray


@ray.remote
class Lamp:
    def shine(self):
        return "light"


@ray.remote
class Keeper:
    def keep(self, lamps):
        self.lamps = lamps

    def let_go(self):
        self.lamps = None


def is_there():
    try:
        ray.get_actor("lamp")
        return "yes"
    except ValueError:
        return "no"


ray.init(num_cpus=2, namespace="attic")
lamp, keeper = Lamp.options(name="lamp").remote(), Keeper.remote()
last = lamp.shine.remote()
ray.get(keeper.keep.remote([lamp]))
del lamp
print("its last call:", ray.get(last))
print("there while the keeper has a handle:", is_there())

ray.get(keeper.let_go.remote())
while is_there() == "yes":  # It ends soon after its last handle.
    time.sleep(0.01)
print("there when no handle is left:", is_there())
