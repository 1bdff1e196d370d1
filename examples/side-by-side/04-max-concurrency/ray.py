"""A plain actor runs one call at a time; `max_concurrency` lets it run more.

Three calls meet at a table for three: with fewer at once they would wait for each other for ever. (Ray gives
such an actor three Python threads; Heddle runs the calls in one thread and interleaves them where they await.)
"""

import threading
import time

import ray


@ray.remote(max_concurrency=3)
class Table:
    def __init__(self):
        self.everybody = threading.Barrier(3)

    def dine(self, name):
        self.everybody.wait()
        return f"{name} ate"


@ray.remote
class Clerk:
    def __init__(self):
        self.at_once = 0
        self.most = 0

    def serve(self):
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        time.sleep(0.001)
        self.at_once -= 1
        return self.most


ray.init(num_cpus=2)
table, clerk = Table.remote(), Clerk.remote()
print(*ray.get([table.dine.remote(name) for name in ["Ada", "Bob", "Cleo"]]), sep=", ")
print("served at once by the plain actor:", max(ray.get([clerk.serve.remote() for _ in range(20)])))
