"""A queue with a limit, shared by actors and tasks: who puts into a full one waits, and who takes from an empty one.

Without waiting they are refused instead. A batch goes in or out whole, or not at all.
"""

import ray
from ray.util.queue import Empty, Full, Queue


@ray.remote
class Baker:
    def bake(self, queue, count):
        for number in range(1, count + 1):
            queue.put(f"loaf {number}")  # Waits while the shelf is full.
        return "all baked"


def refused(name, action):
    try:
        action()
    except Empty:
        print(f"{name}: Empty")
    except Full:
        print(f"{name}: Full")


ray.init(num_cpus=2)
shelf = Queue(maxsize=2)
refused("nothing there", shelf.get_nowait)
baking = Baker.remote().bake.remote(shelf, 5)
print(*[shelf.get() for _ in range(5)], sep=", ")
print(ray.get(baking))

shelf.put("rolls")
refused("a batch too large", lambda: shelf.put_nowait_batch(["bun", "bagel"]))
print("size:", shelf.qsize(), "empty:", "yes" if shelf.empty() else "no", "full:", "yes" if shelf.full() else "no")
shelf.put("bun")
refused("no room within 10 ms", lambda: shelf.put("bagel", timeout=0.01))
refused("not so many there", lambda: shelf.get_nowait_batch(3))
print(*shelf.get_nowait_batch(2))
