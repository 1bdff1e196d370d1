"""Concurrency groups divide an actor's calls: each group has a limit of its own, and a full one delays no other.

The group `slow` runs one call at a time. One call holds it and one more waits behind; the group `quick` answers
all the same, and so does the default group, which is not named.
(Ray gives each group threads of its own; Heddle runs all groups in one thread and interleaves where they await.)
"""

import threading

import ray


@ray.remote(concurrency_groups={"slow": 1, "quick": 2})
class Office:
    def __init__(self):
        self.began = []
        self.held = threading.Event()
        self.opened = threading.Event()

    @ray.method(concurrency_group="slow")
    def dig(self, name):
        self.began.append(name)
        self.held.set()
        self.opened.wait()
        return name

    @ray.method(concurrency_group="quick")
    def until_held(self):
        self.held.wait()

    @ray.method(concurrency_group="quick")
    def who_began(self):
        return self.began

    def open(self):
        self.opened.set()


ray.init(num_cpus=2)
office = Office.remote()
digs = [office.dig.remote("first dig")]
ray.get(office.until_held.remote())
digs.append(office.dig.remote("second dig"))
moved = office.who_began.options(concurrency_group="slow").remote()  # This call alone goes to the full group.
print("while the group is full:", *ray.get(office.who_began.remote()))
ready, rest = ray.wait([moved], timeout=0)
print("in the full group:", "answered" if ready else "waits")
ray.get(office.open.remote())
print("then:", *ray.get(digs), sep=" ")
ray.get(moved)
