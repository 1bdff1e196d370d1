"""A task that is cancelled while it waits for its processors or its arguments never starts.

Here an actor holds all processors, and two tasks wait behind it; a third waits for the first. One is cancelled.
"""

import ray
from ray.exceptions import RayTaskError, TaskCancelledError


@ray.remote(num_cpus=2)
class Tenant:
    def here(self):
        pass


@ray.remote
class Log:
    def __init__(self):
        self.lines = []

    def write(self, line):
        self.lines.append(line)

    def read(self):
        return self.lines


@ray.remote
def work(log, name, after=None):
    ray.get(log.write.remote(f"{name} worked"))


ray.init(num_cpus=2)
log, tenant = Log.remote(), Tenant.remote()
ray.get([log.write.remote("moved in"), tenant.here.remote()])
tasks = {"Ada": work.remote(log, "Ada"), "Bob": work.remote(log, "Bob")}
tasks["Cleo"] = work.remote(log, "Cleo", after=tasks["Ada"])

ray.cancel(tasks["Ada"])
ray.kill(tenant)
for name, task in tasks.items():
    try:
        ray.get(task)
        print(name, "worked")
    except (TaskCancelledError, RayTaskError):
        print(name, "was cancelled")
print("log:", ", ".join(ray.get(log.read.remote())))
