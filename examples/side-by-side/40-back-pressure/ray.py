"""With back-pressure a generator stands still while so many of its items were not yet taken.

A slow consumer then never has more than that waiting for it, even of an endless generator. Taking the ref counts,
with `next`, not getting the value. (Ray's option still has an underscore.)
"""

import time

import ray


@ray.remote
class Meter:
    def __init__(self):
        self.made = 0

    def note(self, item):
        self.made = item

    def read(self):
        return self.made


@ray.remote
def count(meter):
    item = 0
    while True:
        item += 1
        ray.get(meter.note.remote(item))
        yield item


def made_when_it_stands_still(meter, expected):
    while ray.get(meter.read.remote()) < expected:
        pass
    time.sleep(0.1)  # It would go on now.
    return ray.get(meter.read.remote())


ray.init(num_cpus=2)
meter = Meter.remote()
items = count.options(_generator_backpressure_num_objects=2).remote(meter)
print("taken 0, made", made_when_it_stands_still(meter, 2))
taken = [ray.get(next(items)) for _ in range(3)]
print("taken 3, made", made_when_it_stands_still(meter, 5))
print("items:", *taken)
ray.cancel(items)
