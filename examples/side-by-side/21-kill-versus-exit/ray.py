"""An actor that exits by itself runs its shutdown hook; one that is killed runs nothing more.

Either way the running call fails and the actor is not made anew, whatever `max_restarts` says.
"""

import ray
from ray.exceptions import ActorDiedError


@ray.remote
class Log:
    def __init__(self):
        self.lines = []

    def write(self, line):
        self.lines.append(line)

    def read(self):
        return self.lines


@ray.remote(max_restarts=-1)
class Guest:
    def __init__(self, log, name):
        self.log = log
        self.name = name

    def greet(self):
        ray.get(self.log.write.remote(f"{self.name} says hello"))

    def ping(self):
        pass

    def leave(self):
        ray.actor.exit_actor()
        ray.get(self.log.write.remote(f"{self.name} never says this"))

    def __ray_shutdown__(self):
        ray.get(self.log.write.remote(f"{self.name} tidies up"))


def wait_for_death(guest):
    try:
        while True:  # A kill takes a moment to arrive.
            ray.get(guest.ping.remote())
    except ActorDiedError:
        pass


ray.init(num_cpus=2)
log = Log.remote()
polite, rude = Guest.remote(log, "Polly"), Guest.remote(log, "Rudi")
ray.get([polite.greet.remote(), rude.greet.remote()])

try:
    ray.get(polite.leave.remote())
except ActorDiedError:
    print("the call that exits: ActorDiedError")
ray.kill(rude)
for guest in [polite, rude]:
    wait_for_death(guest)
print("both are dead")
while "Polly tidies up" not in ray.get(log.read.remote()):
    pass  # The hook runs when the call has failed already.
for line in sorted(ray.get(log.read.remote())):
    print(line)
