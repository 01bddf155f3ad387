"""What every Python engine does around its work: arguments, the clock, and the line of JSON at the end.

Arguments: <goals> <folder>. Imports are done before the clock starts. `run(goals, folder)` is called twice in one process:
cold, with nothing known, and warm, with everything complete.
"""

import json
import os
import sys
import time
from importlib.metadata import version


def compete(run, packages):
    goals, folder = int(sys.argv[1]), sys.argv[2]
    told = {"versions": {name: version(name) for name in packages}, "goals": goals}
    for name in ("cold", "warm"):
        started, started_processor = time.perf_counter(), processor_seconds()
        run(goals, folder)
        told[name] = {"seconds": time.perf_counter() - started, "processorSeconds": processor_seconds() - started_processor}
    print()
    print(json.dumps(told), flush=True)


def processor_seconds():
    """Of this process and of all that descend from it."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system + descendants_seconds(os.getpid())


def descendants_seconds(pid):
    ticks = os.sysconf("SC_CLK_TCK")
    total = 0.0
    for child in children_of(pid):
        try:
            with open(f"/proc/{child}/stat") as file:
                fields = file.read().rsplit(")", 1)[1].split()
            total += sum(map(int, fields[11:15])) / ticks + descendants_seconds(child)
        except OSError:
            continue  # It ended meanwhile.
    return total


def children_of(pid):
    found = []
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/children") as file:
                found += file.read().split()
    except OSError:
        pass  # It ended meanwhile, or this is not Linux.
    return found
