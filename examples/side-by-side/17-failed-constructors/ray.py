"""A constructor runs after `.remote()` has returned. If it throws, the actor is dead, and its calls tell.

It is not tried again, whatever `max_restarts` says: the same arguments would fail the same way. A constructor whose
argument failed is not run at all.
"""

import ray
from ray.exceptions import ActorDiedError


@ray.remote(max_restarts=-1)
class Account:
    def __init__(self, balance):
        if balance < 0:
            raise ValueError(f"a balance of {balance}")
        self.balance = balance

    def read(self):
        return self.balance


@ray.remote
class Bank:
    def look_up(self, name):
        raise LookupError(f"no account of {name}")


REASONS = ["a balance of -5", "no account of Eve"]


def try_it(what, account):
    try:
        print(what, ray.get(account.read.remote()))
    except ActorDiedError as error:
        reason = next((text for text in REASONS if text in str(error)), "no reason")
        print(what, "ActorDiedError,", reason)


ray.init(num_cpus=2)
try_it("with 10:", Account.remote(10))
overdrawn = Account.remote(-5)
try_it("with -5:", overdrawn)
try_it("once more:", overdrawn)
try_it("with an argument that failed:", Account.remote(Bank.remote().look_up.remote("Eve")))
