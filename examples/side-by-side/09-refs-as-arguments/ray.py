"""A ref may be an argument before its value is there: the call waits for the value, the caller for nothing.

So calls chain into a pipeline whose values go from actor to actor. A failed ref fails everything that needs it,
and a call that needs it is not run at all.
"""

import ray


@ray.remote
class Calculator:
    def __init__(self):
        self.calls = 0

    def add(self, a, b):
        self.calls += 1
        return a + b

    def divide(self, a, b):
        self.calls += 1
        if b == 0:
            raise ArithmeticError("division by zero")
        return a / b

    def count(self):
        return self.calls


ray.init(num_cpus=2)
first, second = Calculator.remote(), Calculator.remote()
six = first.add.remote(1, second.add.remote(2, 3))
print("1 + (2 + 3) =", ray.get(six))

broken = first.divide.remote(six, 0)
needs_it = second.add.remote(1, broken)
try:
    ray.get(second.add.remote(needs_it, 1))
except ArithmeticError as error:
    print("at the end of the pipeline:", error.cause.args[0])
print("calls of the second calculator that ran:", ray.get(second.count.remote()))
