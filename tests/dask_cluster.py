"""A Dask scheduler on a free port of this machine, and workers as they are asked for."""

import os
import subprocess
import sys
from contextlib import contextmanager


@contextmanager
def dask_cluster():
    """Give the scheduler's address and a function that starts a worker; all end with the block."""
    started = []

    def start(*words, **environment):
        process = subprocess.Popen(
            [sys.executable, "-m", "distributed.cli." + words[0], *words[1:]],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **environment},
        )
        started.append(process)
        return process

    scheduler = start("dask_scheduler", "--port", "0", "--host", "127.0.0.1", "--no-dashboard", "--no-show")
    address = next(line.split()[-1] for line in scheduler.stderr if "Scheduler at:" in line)

    def start_worker(**environment):
        options = ("--nthreads", "1", "--no-dashboard", "--no-nanny", "--death-timeout", "60")
        return start("dask_worker", address, *options, "--local-directory", "/tmp", **environment)

    try:
        yield address, start_worker
    finally:
        for process in started:
            process.kill()
            process.communicate()


def wait_for_workers(address, number):
    """Return when so many workers have joined."""
    from distributed import Client

    with Client(address) as client:
        client.wait_for_workers(number, timeout=60)
