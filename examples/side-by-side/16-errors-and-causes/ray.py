"""What a method throws arrives at the caller as one error of the runtime, whose cause is the error that was thrown.

It stays one however many calls it passes through, and keeps class, message and fields. The actor goes on.
"""

import ray
from ray.exceptions import RayTaskError


class OutOfStock(Exception):
    def __init__(self, item, left):
        super().__init__(item, left)  # Python makes a copy of an error from these.
        self.item = item
        self.left = left

    def __str__(self):
        return f"cannot take so many {self.item}: {self.left} left"


@ray.remote
class Store:
    def __init__(self):
        self.left = 2

    def take(self, item, count):
        if count > self.left:
            raise OutOfStock(item, self.left)
        self.left -= count
        return self.left


@ray.remote
class Shop:
    def __init__(self, store):
        self.store = store

    def order(self, item, count):
        return ray.get(self.store.take.remote(item, count))


ray.init(num_cpus=2)
store = Store.remote()
shop = Shop.remote(store)
try:
    ray.get(shop.order.remote("apples", 3))
except RayTaskError as error:
    cause = error.cause
    print("cause:", type(cause).__name__)
    print("message:", cause)
    print("fields:", cause.item, cause.left)
    print("cause of the cause:", "another error of the runtime" if isinstance(cause, RayTaskError) else "none")
print("the actor goes on:", ray.get(shop.order.remote("apples", 2)))
