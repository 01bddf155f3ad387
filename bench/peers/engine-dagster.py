"""Dagster: one asset for each goal, in one process, with an instance on SQLite and results in files.

Durable: the event log and runs in SQLite, each result in a file. Warm: it is asked which assets are stale by their code
and data versions, as its pages do, and those are made: none.
"""

import logging
import os

from dagster import AssetKey, AssetSelection, DagsterInstance, Definitions, asset, in_process_executor, define_asset_job
from dagster._core.definitions.data_version import CachingStaleStatusResolver, StaleStatus
from dagster._core.loader import LoadingContextForTest

from engine_clock import compete

logging.disable(logging.CRITICAL)


def noop(n):
    @asset(name=f"noop_{n}", code_version="1")
    def made():
        return n

    return made


def run(goals, folder):
    home = os.path.join(folder, "dagster")
    os.makedirs(home, exist_ok=True)
    os.environ["DAGSTER_HOME"] = home
    assets = [noop(n) for n in range(goals)]
    definitions = Definitions(assets=assets, jobs=[define_asset_job("all", selection="*", executor_def=in_process_executor)])
    with DagsterInstance.get() as instance:
        graph = definitions.resolve_asset_graph()
        resolver = CachingStaleStatusResolver(instance, graph, loading_context=LoadingContextForTest(instance))
        keys = [AssetKey(f"noop_{n}") for n in range(goals)]
        stale = [key for key in keys if resolver.get_status(key) != StaleStatus.FRESH]
        if not stale:
            return
        result = definitions.resolve_job_def("all").execute_in_process(instance=instance, asset_selection=stale)
        assert result.success


compete(run, ["dagster"])
