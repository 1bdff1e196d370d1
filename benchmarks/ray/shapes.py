"""The shapes of Ray's microbenchmark (ray/_private/ray_perf.py), against real Ray. n is 2, as on a machine of two cores.

Every answer is checked, as in the arm beside it.
"""

import pickle

import ray

from measure import plan, rate, report

WARM_UP_S, MEASURE_S = plan()
MANY = 1000


@ray.remote(num_cpus=0)
class Actor:
    def small_value(self):
        return b"ok"

    def small_value_arg(self, x):
        return b"ok"


@ray.remote(num_cpus=0)
class AsyncActor:
    async def small_value(self):
        return b"ok"

    async def small_value_with_arg(self, x):
        return b"ok"


@ray.remote(num_cpus=0)
class Client:
    def __init__(self, servers):
        self.servers = servers

    def small_value_batch(self, n):
        return check(ray.get([s.small_value.remote() for s in self.servers for _ in range(n)]))

    def small_value_batch_arg(self, n):
        x = ray.put(0)
        return check(ray.get([s.small_value_arg.remote(x) for s in self.servers for _ in range(n)]))


@ray.remote
def small_value():
    return b"ok"


@ray.remote
def create_object_containing_refs():
    return [ray.put(1) for _ in range(10_000)]


def check(answers):
    assert all(answer == b"ok" for answer in answers), "a wrong answer"
    return len(answers)


def one(call):
    return lambda: check([ray.get(call())])


def many(call):
    return lambda: check(ray.get([call() for _ in range(MANY)]))


def clients_piece(clients, method, servers_each):
    def piece():
        counts = ray.get([getattr(client, method).remote(MANY) for client in clients])
        assert counts == [MANY * servers_each] * len(clients)

    return piece


def wait_1k_refs():
    rest = [small_value.remote() for _ in range(MANY)]
    fetch_local = True
    for _ in range(MANY):
        _ready, rest = ray.wait(rest, fetch_local=fetch_local)
        fetch_local = False
    assert rest == []


def main():
    ray.init(address="local", num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    small = ray.put(0)
    array = pickle.PickleBuffer(bytearray(100_000_000))  # Kept out of band, as a NumPy array is.
    actor, concurrent = Actor.remote(), Actor.options(max_concurrency=16).remote()
    async_actor = AsyncActor.remote()
    servers = [Actor.remote() for _ in range(2)]
    client = Client.remote(servers)
    clients = [Client.remote(servers) for _ in range(2)]
    own_clients = [Client.remote([server]) for server in servers]
    refs = create_object_containing_refs.remote()
    ray.get(refs)
    shapes = {
        "single_client_get_calls": (one_get(small), 1),
        "single_client_put_calls": (lambda: ray.put(0), 1),
        "single_client_put_gigabytes": (lambda: ray.put(array), 0.1),
        "single_client_tasks_sync": (one(small_value.remote), 1),
        "single_client_tasks_async": (many(small_value.remote), MANY),
        "1_1_actor_calls_sync": (one(actor.small_value.remote), 1),
        "1_1_actor_calls_async": (many(actor.small_value.remote), MANY),
        "1_1_actor_calls_concurrent": (many(concurrent.small_value.remote), MANY),
        "1_n_actor_calls_async": (clients_piece([client], "small_value_batch", 2), 2 * MANY),
        "n_n_actor_calls_async": (clients_piece(clients, "small_value_batch", 2), 4 * MANY),
        "n_n_actor_calls_with_arg_async": (clients_piece(own_clients, "small_value_batch_arg", 1), 2 * MANY),
        "1_1_async_actor_calls_sync": (one(async_actor.small_value.remote), 1),
        "1_1_async_actor_calls_async": (many(async_actor.small_value.remote), MANY),
        "1_1_async_actor_calls_with_args_async": (many(lambda: async_actor.small_value_with_arg.remote(1)), MANY),
        "single_client_wait_1k_refs": (wait_1k_refs, 1),
        "single_client_get_object_containing_10k_refs": (get_refs(refs), 1),
    }
    notes = {name: rate(piece, count, WARM_UP_S, MEASURE_S) for name, (piece, count) in shapes.items()}
    report({"value": notes["1_1_actor_calls_async"], "notes": notes})
    ray.shutdown()


def one_get(ref):
    def piece():
        assert ray.get(ref) == 0

    return piece


def get_refs(ref):
    def piece():
        assert len(ray.get(ref)) == 10_000

    return piece


main()
