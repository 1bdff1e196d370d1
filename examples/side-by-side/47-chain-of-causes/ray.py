"""An error that was thrown because of another one. HERE RAY AND HEDDLE DIFFER.

Python chains them by `__cause__`, JavaScript by `cause`. Ray loses the chain on the way, Heddle keeps it.
"""

import ray
from ray.exceptions import RayTaskError


@ray.remote
class Server:
    def start(self):
        try:
            raise LookupError("no entry for port")
        except LookupError as error:
            raise RuntimeError("bad configuration") from error


ray.init(num_cpus=2)
try:
    ray.get(Server.remote().start.remote())
except RayTaskError as error:
    print("thrown:", error.cause)
    print("because of:", error.cause.__cause__ or "nothing known")
