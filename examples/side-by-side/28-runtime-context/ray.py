"""The runtime context tells code where it runs: which actor, task, worker and namespace.

The id of an actor stays when the actor is made anew; that of its worker does not. Each call is a task with its own id.
"""

import ray


@ray.remote(max_restarts=1, max_task_retries=-1)
class Traveller:
    def where(self):
        context = ray.get_runtime_context()
        return {
            "actor": context.get_actor_id(),
            "name": context.get_actor_name(),
            "namespace": context.namespace,
            "task": context.get_task_id(),
            "worker": context.get_worker_id(),
            "restarted": context.was_current_actor_reconstructed,
        }


def same(key, first, second):
    print(f"{key}:", "the same" if first[key] == second[key] else "another")


ray.init(num_cpus=2, namespace="station")
print("in the driver, actor:", "none" if ray.get_runtime_context().get_actor_id() is None else "one")

traveller = Traveller.options(name="Phileas").remote()
first = ray.get(traveller.where.remote())
print("name and namespace:", first["name"], first["namespace"])

second = ray.get(traveller.where.remote())
for key in ["actor", "worker", "task"]:
    same(key, first, second)

ray.kill(traveller, no_restart=False)
third = ray.get(traveller.where.remote())
while not third["restarted"]:  # The kill takes a moment to arrive.
    third = ray.get(traveller.where.remote())
print("restarted:", "yes" if third["restarted"] else "no")
for key in ["actor", "worker", "task"]:
    same(key, first, third)
