"""A handle may be passed to other actors, also deep inside a value: both ends reach the same actor.

Here two workers get the same counter in their configuration, and one of them gives it back.
"""

import ray


@ray.remote
class Counter:
    def __init__(self):
        self.count = 0

    def add(self, by):
        self.count += by
        return self.count


@ray.remote
class Worker:
    def configure(self, config):
        self.counter = config["services"]["counters"][0]

    def work(self, by):
        return ray.get(self.counter.add.remote(by))

    def lend(self):
        return self.counter


ray.init(num_cpus=2)
counter = Counter.remote()
workers = [Worker.remote() for _ in range(2)]
ray.get([worker.configure.remote({"services": {"counters": [counter]}}) for worker in workers])
print("the driver adds 1:", ray.get(counter.add.remote(1)))
print("a worker adds 10:", ray.get(workers[0].work.remote(10)))
print("another adds 100:", ray.get(workers[1].work.remote(100)))
lent = ray.get(workers[1].lend.remote())
print("by the handle that came back:", ray.get(lent.add.remote(1000)))
