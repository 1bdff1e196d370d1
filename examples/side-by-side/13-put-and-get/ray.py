"""`put` stores a snapshot of a value and names it by a ref; each `get` gives a fresh copy of it.

The value is stored once however many calls it is handed to. A ref is not a value to store: `put` refuses it.
"""

import ray


@ray.remote
class Reader:
    def count(self, dictionary):
        return len(dictionary["words"])

    def scribble(self, dictionary):
        dictionary["words"].append("scribble")
        return len(dictionary["words"])


ray.init(num_cpus=2)
dictionary = {"words": ["ox", "yak", "zebu"]}
stored = ray.put(dictionary)
dictionary["words"].append("after the put")
print("stored:", *ray.get(stored)["words"])

copy = ray.get(stored)
copy["words"].append("mine alone")
print("another get:", *ray.get(stored)["words"])

readers = [Reader.remote(), Reader.remote()]
print("counted by two readers:", *ray.get([reader.count.remote(stored) for reader in readers]))
print("one scribbles in its copy:", ray.get(readers[0].scribble.remote(stored)))
print("the other still counts:", ray.get(readers[1].count.remote(stored)))
try:
    ray.put(stored)
except TypeError as error:
    print("put of a ref:", type(error).__name__)
