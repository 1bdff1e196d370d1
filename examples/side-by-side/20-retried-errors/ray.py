"""Errors that a method throws are not retried, unless `retry_exceptions` names their class (a subclass counts too).

On an actor that needs `max_task_retries` as well. The actor does not die of an error: it keeps its state.
"""

import ray
from ray.exceptions import RayTaskError


class Busy(Exception):
    pass


class VeryBusy(Busy):
    pass


class Closed(Exception):
    pass


ERRORS = {"busy": Busy, "very busy": VeryBusy, "closed": Closed}


@ray.remote
class Hotline:
    def __init__(self, answers):
        self.answers = list(answers)
        self.calls = 0

    @ray.method(max_task_retries=5, retry_exceptions=[Busy])
    def call(self):
        self.calls += 1
        answer = self.answers.pop(0)
        if answer in ERRORS:
            raise ERRORS[answer]()
        return answer

    def count(self):
        return self.calls


ray.init(num_cpus=2)
hotline = Hotline.remote(["busy", "very busy", "connected"])
print(ray.get(hotline.call.remote()), "at call", ray.get(hotline.count.remote()))

hotline = Hotline.remote(["busy", "closed", "connected"])
try:
    ray.get(hotline.call.remote())
except RayTaskError as error:
    print(type(error.cause).__name__, "at call", ray.get(hotline.count.remote()))
