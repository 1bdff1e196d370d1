"""Arguments are copied when the call is made, results when the method returns: nobody sees a later change.

What is shared within one argument stays shared there; two arguments share nothing, even if they were one object.
"""

import ray


class Thing:
    pass


@ray.remote
class Shelf:
    def keep(self, box):
        self.box = box
        return box

    def add(self, thing):
        self.box["things"].append(thing)

    def show(self):
        return self.box

    def is_one_object(self, first, second):
        return first is second

    def is_shared_within(self, pair):
        return pair[0] is pair[1]


ray.init(num_cpus=2)
shelf = Shelf.remote()

box = {"things": ["hat"]}
kept = shelf.keep.remote(box)
box["things"].append("changed by the caller after the call")
result = ray.get(kept)
ray.get(shelf.add.remote("coat"))
print("the actor has:", *ray.get(shelf.show.remote())["things"])
print("the caller got:", *result["things"])

thing = Thing()
print("two arguments are one object:", "yes" if ray.get(shelf.is_one_object.remote(thing, thing)) else "no")
print("shared within an argument:", "yes" if ray.get(shelf.is_shared_within.remote([thing, thing])) else "no")
