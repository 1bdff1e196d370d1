"""A task whose worker crashes is run again, `max_retries` times (3 unless it says otherwise): at least once.

When none is left its ref fails with `WorkerCrashedError`. Another actor counts the attempts.
"""

import os

import ray
from ray.exceptions import WorkerCrashedError


@ray.remote
class Witness:
    def __init__(self):
        self.attempts = 0

    def saw(self):
        self.attempts += 1
        return self.attempts

    def reset(self):
        attempts, self.attempts = self.attempts, 0
        return attempts


@ray.remote
def climb(witness, falls):
    attempt = ray.get(witness.saw.remote())
    if attempt <= falls:
        os._exit(1)
    return attempt


ray.init(num_cpus=2)
witness = Witness.remote()
print("reached the top at attempt:", ray.get(climb.remote(witness, falls=2)))
ray.get(witness.reset.remote())

try:
    ray.get(climb.options(max_retries=1).remote(witness, falls=99))
except WorkerCrashedError:
    print("WorkerCrashedError after attempts:", ray.get(witness.reset.remote()))
