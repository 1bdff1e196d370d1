"""`get_if_exists` settles a race: of many who want to make the actor of one name at once, one does, and all get it.

Its options and arguments are the winner's. Here five searchers, each in a place of its own, count in one register.
"""

import ray


@ray.remote
class Register:
    def __init__(self):
        self.entries = []

    def enter(self, who):
        self.entries.append(who)

    def read(self):
        return sorted(self.entries)


@ray.remote
class Searcher:
    def __init__(self, number):
        self.number = number

    def search(self):
        register = Register.options(name="register", get_if_exists=True, lifetime="detached").remote()
        ray.get(register.enter.remote(self.number))


ray.init(num_cpus=2, namespace="race")
searchers = [Searcher.remote(number) for number in range(5)]
ray.get([searcher.search.remote() for searcher in searchers])
register = ray.get_actor("register")
print("entries in the one register:", *ray.get(register.read.remote()))
print("names:", *ray.util.list_named_actors())
ray.kill(register)
