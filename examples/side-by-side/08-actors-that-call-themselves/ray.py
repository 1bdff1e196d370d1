"""An async actor may call itself, and actors may call each other in a circle: while a call awaits, others run.

With one call at a time both would wait for ever, since the inner call would stand behind the outer one.
"""

import ray


@ray.remote
class Mathematician:
    async def introduce(self, me, other):
        self.me = me
        self.other = other

    async def factorial(self, n):
        return 1 if n == 0 else n * await self.me.factorial.remote(n - 1)

    async def is_even(self, n):
        return True if n == 0 else not await self.other.is_even.remote(n - 1)


ray.init(num_cpus=2)
ada, emmy = Mathematician.remote(), Mathematician.remote()
ray.get([ada.introduce.remote(ada, emmy), emmy.introduce.remote(emmy, ada)])
print("10! =", ray.get(ada.factorial.remote(10)))
print("is 7 even?", "yes" if ray.get(ada.is_even.remote(7)) else "no")
print("is 8 even?", "yes" if ray.get(ada.is_even.remote(8)) else "no")
