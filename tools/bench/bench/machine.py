"""Processes, ports, folders and processor time: what every measurement needs."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


class Unavailable(Exception):
    """A peer cannot be measured here; the message says why."""


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextlib.contextmanager
def folder(name):
    """A folder on a real disk (not /tmp, which may be memory), removed at the end."""
    path = tempfile.mkdtemp(prefix=f"indelible-bench-{name}-", dir=os.environ.get("BENCH_DIR", "/var/tmp"))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def need(program):
    path = shutil.which(program)
    if path is None:
        raise Unavailable(f"there is no {program}; tools/install bench installs it")
    return path


@contextlib.contextmanager
def server(command, ready, log, seconds=20, **options):
    """Runs a server in a process group of its own until the block ends; `ready` says when it serves."""
    with open(log, "wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True, **options
        )
    try:
        deadline = time.monotonic() + seconds
        while not ready():
            if process.poll() is not None or time.monotonic() > deadline:
                with open(log, encoding="utf-8", errors="replace") as text:
                    raise Unavailable(f"{command[0]} did not start: {text.read()[-600:]}")
            time.sleep(0.02)
        yield process
    finally:
        if process.poll() is None:
            # SIGINT is a fast shutdown for PostgreSQL and a clean one for the others.
            process.send_signal(signal.SIGINT)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def accepts(port):
    """A test for `server`: something listens on the port."""

    def connected():
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
        return False

    return connected


def _stat(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        return file.read().rsplit(")", 1)[1].split()


def cpu_seconds(pid):
    """Processor time of a process, its living descendants and those it has waited for."""
    children = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError):
                children.setdefault(int(_stat(name)[1]), []).append(int(name))
    total, waiting = 0, [pid]
    while waiting:
        process = waiting.pop()
        with contextlib.suppress(OSError):
            total += sum(int(ticks) for ticks in _stat(process)[11:15])
        waiting += children.get(process, [])
    return total / TICKS_PER_SECOND


def peak_resident_bytes(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        peak = next(line for line in file if line.startswith("VmHWM:"))
    return int(peak.split()[1]) * 1024


@contextlib.contextmanager
def measured(pid, events):
    """Fills the dictionary that it hands out with the block's events/s and the server's CPU time per event."""
    result = {}
    cpu, start = cpu_seconds(pid), time.monotonic()
    yield result
    elapsed = time.monotonic() - start
    result["events_per_second"] = round(events / elapsed)
    result["cpu_us_per_event"] = round((cpu_seconds(pid) - cpu) * 1e6 / events, 2)
