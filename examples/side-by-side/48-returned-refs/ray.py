"""A method that returns a ref. HERE RAY AND HEDDLE DIFFER.

In Ray the caller gets a ref, and asks it for the value. In JavaScript a promise for a promise is a promise: the caller
in Heddle gets the value. A ref inside a value stays a ref in both.
"""

import ray
from ray import ObjectRef


@ray.remote
class Source:
    def draw(self):
        return "water"


@ray.remote
class Well:
    def __init__(self, source):
        self.source = source

    def draw(self):
        return self.source.draw.remote()

    def fill(self):
        return {"bucket": self.source.draw.remote()}


def show(what, value):
    print(what, "a ref" if isinstance(value, ObjectRef) else value)


ray.init(num_cpus=2)
well = Well.remote(Source.remote())
show("returned:", ray.get(well.draw.remote()))
bucket = ray.get(well.fill.remote())["bucket"]
show("in a value:", bucket)
show("and it names:", ray.get(bucket))
