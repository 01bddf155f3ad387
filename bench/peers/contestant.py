"""What every Python contestant does around its work: arguments, repetitions, the clock, and the line of JSON at the end.

Imports are done before the clock starts. Arguments: check|profile <file> <folder> <repetitions>.
"""

import json
import os
import shutil
import sys
import time
from importlib.metadata import version

COLUMNS = ["id", "age", "sex", "class", "fare", "country", "ts"]
SEXES = ["male", "female"]
CLASSES = ["first", "second", "third"]


def compete(work, packages):
    """Runs `work(file, folder)`, which returns (good, bad, rejected) or None, as often as asked."""
    _, file, folder, repetitions = sys.argv[1:5]
    seconds, processor_seconds, rows = [], [], None
    for repetition in range(int(repetitions)):
        into = os.path.join(folder, f"peer-{os.getpid()}-{repetition}")
        os.makedirs(into)
        started, started_processor = time.perf_counter(), time.process_time()
        rows = work(file, into)
        seconds.append(time.perf_counter() - started)
        processor_seconds.append(time.process_time() - started_processor)
        shutil.rmtree(into)
    told = {"versions": {name: version(name) for name in packages}, "seconds": seconds, "processorSeconds": processor_seconds}
    if rows is not None:
        told["rows"] = dict(zip(("good", "bad", "rejected"), map(int, rows)))
    print()
    print(json.dumps(told))
