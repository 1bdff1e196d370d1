"""An error that a task throws is not retried unless `retry_exceptions` says so: True, or a list of classes.

A subclass of a listed class is retried, another error is not. `max_retries` limits these too.
"""

import ray
from ray.exceptions import RayTaskError


class Timeout(Exception):
    pass


class SlowNetwork(Timeout):
    pass


class NotFound(Exception):
    pass


ERRORS = {"timeout": Timeout, "slow network": SlowNetwork, "not found": NotFound}


@ray.remote
class Server:
    def __init__(self, *answers):
        self.answers = list(answers)
        self.requests = 0

    def respond(self):
        self.requests += 1
        return self.answers.pop(0)

    def count(self):
        return self.requests


@ray.remote
def fetch(server):
    answer = ray.get(server.respond.remote())
    if answer in ERRORS:
        raise ERRORS[answer](answer)
    return answer


def show(what, server, **options):
    try:
        result = ray.get(fetch.options(**options).remote(server))
    except RayTaskError as error:
        result = type(error.cause).__name__
    print(f"{what}: {result} at request {ray.get(server.count.remote())}")


ray.init(num_cpus=2)
show("listed", Server.remote("timeout", "slow network", "page"), retry_exceptions=[Timeout])
show("not listed", Server.remote("timeout", "not found", "page"), retry_exceptions=[Timeout])
show("all", Server.remote("timeout", "not found", "page"), retry_exceptions=True)
show("too often", Server.remote("timeout", "timeout", "page"), retry_exceptions=[Timeout], max_retries=1)
show("by default", Server.remote("timeout", "page"))
