"""A task may start tasks and wait for them: while it waits, it gives its processor back.

So a tree of tasks much deeper than there are processors finishes. Here each sums a half of a list by two more.
"""

import ray


@ray.remote
def tree_sum(numbers):
    if len(numbers) == 1:
        return numbers[0]
    middle = len(numbers) // 2
    halves = [tree_sum.remote(numbers[:middle]), tree_sum.remote(numbers[middle:])]
    return sum(ray.get(halves))


ray.init(num_cpus=2)
print("sum by a tree of 31 tasks:", ray.get(tree_sum.remote(list(range(16)))))
