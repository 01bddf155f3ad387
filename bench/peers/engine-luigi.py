"""Luigi: one file for each task, named when it is whole. The local scheduler, in memory.

Durable: the file of each task, flushed to the disk here before it is named; Luigi by itself does not (`plain` leaves it out). No history, no record of what was read or which code ran: a file
that exists is complete. With more than one worker Luigi forks a process for each task, which takes far longer for no-ops.
"""

import logging
import os
import sys

import luigi

from engine_clock import compete

IS_FLUSHED = "plain" not in sys.argv[3:]
logging.disable(logging.CRITICAL)


class Noop(luigi.Task):
    n = luigi.IntParameter()
    folder = luigi.Parameter(significant=False)

    def output(self):
        return luigi.LocalTarget(os.path.join(self.folder, f"{self.n}.txt"))

    def run(self):
        with self.output().open("w") as file:
            file.write(str(self.n))
            if IS_FLUSHED:
                file.flush()
                os.fsync(file.fileno())


def run(goals, folder):
    ok = luigi.build([Noop(n=n, folder=folder) for n in range(goals)], local_scheduler=True, workers=1, no_lock=True)
    assert ok


compete(run, ["luigi"])
