"""With `max_task_retries` a call that ran when its actor died is run again by the actor made anew: at least once.

So a call that is retried should do no harm when it is done twice. Another actor counts the attempts.
"""

import os

import ray


@ray.remote
class Witness:
    def __init__(self):
        self.attempts = {}

    def saw(self, what):
        self.attempts[what] = self.attempts.get(what, 0) + 1
        return self.attempts[what]


@ray.remote(max_restarts=-1, max_task_retries=2)
class Stuntman:
    def jump(self, witness, falls):
        attempt = ray.get(witness.saw.remote("jump"))
        if attempt <= falls:
            os._exit(1)
        return attempt

    def wave(self, witness):
        return ray.get(witness.saw.remote("wave"))


ray.init(num_cpus=2)
witness, stuntman = Witness.remote(), Stuntman.remote()
print("landed at attempt:", ray.get(stuntman.jump.remote(witness, falls=2)))
print("waves once:", ray.get(stuntman.wave.remote(witness)))
print("attempts in all:", ray.get(witness.saw.remote("jump")) - 1)
