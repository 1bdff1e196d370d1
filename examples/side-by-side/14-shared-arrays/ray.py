"""Large binary values are stored once, in shared memory, however many calls they are handed to.

In Heddle whoever gets one sees the same bytes without a copy, so they are to be read, not written: JavaScript cannot
mark an array read-only. (Ray does the same for numpy arrays, which it can mark; plain bytes it copies.)
"""

import ray


@ray.remote
class Statistician:
    def sum(self, numbers):
        return sum(numbers)

    def sum_of_part(self, numbers, begin, end):
        return self.sum(numbers[begin:end])


ray.init(num_cpus=2)
numbers = bytearray(index % 251 for index in range(1_000_000))
stored = ray.put(numbers)
numbers[0] = 255  # The put has made its own copy.

statisticians = [Statistician.remote(), Statistician.remote()]
halves = [
    statisticians[0].sum_of_part.remote(stored, 0, 500_000),
    statisticians[1].sum_of_part.remote(stored, 500_000, 1_000_000),
]
print("halves:", *ray.get(halves))
print("whole:", ray.get(statisticians[0].sum.remote(stored)))
print("length here:", len(ray.get(stored)))
