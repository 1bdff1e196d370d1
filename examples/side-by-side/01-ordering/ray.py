"""Calls of one caller to one actor run in the order in which they were made; there is no order between callers.

A call whose argument is not there yet holds back the later calls of its own caller, and of nobody else.
"""

import asyncio

import ray


@ray.remote
class Notebook:
    def __init__(self):
        self.lines = []

    def write(self, line):
        self.lines.append(line)

    def read(self):
        return self.lines


@ray.remote
class Gate:
    def __init__(self):
        self.opened = asyncio.Event()

    async def wait(self, value):
        await self.opened.wait()
        return value

    async def open(self):
        self.opened.set()


@ray.remote
class Writer:
    def write(self, notebook, line):
        ray.get(notebook.write.remote(line))


ray.init(num_cpus=2)
notebook, gate, writer = Notebook.remote(), Gate.remote(), Writer.remote()

for number in range(5):
    notebook.write.remote(number)
print("in order:", *ray.get(notebook.read.remote()))

notebook.write.remote(gate.wait.remote("late"))  # Its argument is not there yet:
after = notebook.write.remote("after")  # this one waits behind it,
ray.get(writer.write.remote(notebook, "other"))  # another caller's does not.
ray.get(gate.open.remote())
ray.get(after)
print("held back:", *ray.get(notebook.read.remote())[5:])
