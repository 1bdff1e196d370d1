"""A pool hands work to whichever of its actors is free: `map` keeps the order of the work, `map_unordered` does not.

`submit` queues what no actor is free for. An actor whose call failed is free again.
"""

import ray
from ray.exceptions import RayTaskError
from ray.util import ActorPool


@ray.remote
class Translator:
    def translate(self, word):
        if word == "cat":
            raise LookupError(f"no word for {word}")
        return word.upper()


def translate(translator, word):
    return translator.translate.remote(word)


ray.init(num_cpus=2)
pool = ActorPool([Translator.remote(), Translator.remote()])
print("in order:", *pool.map(translate, ["ant", "bee", "cow", "dog", "elk"]))
print("in any order:", *sorted(pool.map_unordered(translate, ["fox", "gnu", "hen"])))

for word in ["ibis", "cat", "jay"]:
    pool.submit(translate, word)
print("a free actor:", "yes" if pool.has_free() else "no")
while pool.has_next():
    try:
        print(pool.get_next())
    except RayTaskError:
        print("failed")
print("a free actor:", "yes" if pool.has_free() else "no")
