"""redun: the call graph, arguments and results in a SQLite file; threads run the tasks.

Durable: each call node and value, committed to SQLite as it ends. Equal calls are answered from there.
"""

import logging
import os

from redun import Scheduler, task
from redun.config import Config

from engine_clock import compete

redun_namespace = "bench"
logging.disable(logging.CRITICAL)


@task(version="1")
def noop(n):
    return n


@task(version="1")
def everything(goals):
    return [noop(n) for n in range(goals)]


def run(goals, folder):
    config = Config({"backend": {"db_uri": f"sqlite:///{os.path.join(folder, 'redun.db')}"}})
    scheduler = Scheduler(config=config)
    scheduler.load()
    assert len(scheduler.run(everything(goals))) == goals


compete(run, ["redun"])
