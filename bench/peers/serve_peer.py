"""What both servers of Python have in common: the rows they learn from, the neighbours, and a port of the loopback."""

import platform
import socket
from importlib.metadata import version

import uvicorn

NEIGHBOURS = 25
TRAINING = "select class, sex, age, survived from titanic.passengers order by id"


def serve(app, packages):
    """Serves with one process, on a free port that it prints first, with the versions of the packages."""
    opened = socket.socket()
    opened.bind(("127.0.0.1", 0))
    versions = ", ".join(f"{name} {version(name)}" for name in ["fastapi", "uvicorn", *packages])
    print(f"ready {opened.getsockname()[1]} Python {platform.python_version()}, {versions}", flush=True)
    config = uvicorn.Config(app, log_level="warning", access_log=False)
    uvicorn.Server(config).run(sockets=[opened])
