"""A remote function runs in a pool of workers and returns a ref at once. Calls of it are tasks, without an order.

Refs connect them into a graph: a task runs when its arguments are there, and fails when one of them has failed.
"""

import ray
from ray.exceptions import RayTaskError


@ray.remote
def square(x):
    return x * x


@ray.remote
def add(*numbers):
    return sum(numbers)


@ray.remote
def root(x):
    if x < 0:
        raise ArithmeticError(f"no root of {x}")
    return x**0.5


ray.init(num_cpus=2)
print("squares:", *ray.get([square.remote(x) for x in range(6)]))
hypotenuse = root.remote(add.remote(square.remote(3), square.remote(4)))
print("hypotenuse of 3 and 4:", int(ray.get(hypotenuse)))
try:
    ray.get(add.remote(1, root.remote(-4)))
except RayTaskError as error:
    print("failed:", error.cause)
