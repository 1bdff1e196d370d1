"""A named actor can be found by its name from anywhere in its namespace. A name has one holder at a time.

A taken name is refused. (Ray throws at the call; in Heddle the refs of the refused actor's calls fail.) The name is
free again when its holder is dead. A handle got by name does not keep the actor alive.
"""

import ray


@ray.remote
class Radio:
    def __init__(self, station):
        self.station = station

    def listen(self):
        return self.station


def make(station):
    try:
        radio = Radio.options(name="kitchen radio").remote(station)
        print("made:", ray.get(radio.listen.remote()))
        return radio
    except ValueError:
        print("refused:", station)


def find(name):
    try:
        print("found:", ray.get(ray.get_actor(name).listen.remote()))
    except ValueError:
        print("not found:", name)


ray.init(num_cpus=2, namespace="house")
find("kitchen radio")
radio = make("jazz")
make("news")
find("kitchen radio")
print("names:", *ray.util.list_named_actors())
ray.kill(radio)
radio = make("opera")
find("kitchen radio")
