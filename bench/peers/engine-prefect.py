"""Prefect: a flow with a mapped task, its own server beside it on SQLite, results persisted and cached by input.

Durable: states of runs in the server's SQLite file, each result in a file of its own.
"""

import os
import sys

HOME = os.path.join(sys.argv[2], "prefect")
os.environ.update(
    PREFECT_HOME=HOME,
    PREFECT_LOGGING_LEVEL="CRITICAL",
    PREFECT_LOGGING_TO_API_ENABLED="false",
    PREFECT_SERVER_ANALYTICS_ENABLED="false",
    PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS="120",
    PREFECT_RESULTS_PERSIST_BY_DEFAULT="true",
    DO_NOT_TRACK="1",
)

from prefect import flow, task  # noqa: E402
from prefect.cache_policies import INPUTS  # noqa: E402
from prefect.server.api.server import SubprocessASGIServer  # noqa: E402
from prefect.settings import PREFECT_API_URL, temporary_settings  # noqa: E402
from prefect.task_runners import ThreadPoolTaskRunner  # noqa: E402

from engine_clock import compete  # noqa: E402


@task(cache_policy=INPUTS, persist_result=True)
def noop(n):
    return n


@flow(task_runner=ThreadPoolTaskRunner(max_workers=16))
def everything(goals):
    return sum(noop.map(range(goals)).result())


def run(goals, folder):
    assert everything(goals) == goals * (goals - 1) // 2


server = SubprocessASGIServer()
server.start(timeout=120)
try:
    with temporary_settings({PREFECT_API_URL: server.api_url}):
        compete(run, ["prefect"])
finally:
    server.stop()
