"""Verification of a large log: from files, over the RPC stream, beside a ledger that takes events in; and the peers'."""

import atexit
import contextlib
import functools
import json
import os
import subprocess
import time
import urllib.request

from .machine import Unavailable, folder
from .ours import Suite
from .peers import EVENT_BYTES

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
INTEROP = f"{ROOT}/tools/interop"


def spent(command, **options):
    """Runs a program to its end: wall and CPU seconds, and the most memory that it held."""
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
    # What they print fits into the pipes.
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - began
    output, errors = process.stdout.read(), process.stderr.read()
    process.stdout.close()
    process.stderr.close()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise Unavailable(f"{os.path.basename(command[0])}: {(errors or output).decode(errors='replace')[-400:]}")
    return {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "resident_mb": usage.ru_maxrss / 1024, "output": output}


@functools.cache
def log(binaries, entries):
    """A running suite with that many events, and its export; made once, taken away at the end."""
    stack = contextlib.ExitStack()
    atexit.register(stack.close)
    path = stack.enter_context(folder("verify"))
    ours = Suite(binaries, path)
    ours.run("up", "--data", ours.data, "--detach", "--analyzers", "0", "--verifiers", "0")
    stack.callback(ours.run, "down", "--data", ours.data)
    shape = ["--events", str(entries), "--size", str(EVENT_BYTES), "--batch", "1000", "--ack", "checkpointed"]
    ours.run("load", "--data", ours.data, "--prepare", "--json", *shape)
    tiles, vkey = f"{path}/tiles", f"{path}/vkey"
    ours.run("export", "tiles", tiles, "--data", ours.data)
    with open(vkey, "w", encoding="utf-8") as file:
        file.write(ours.endpoints["log_vkey"] + "\n")
    return ours, tiles, vkey


def size_of(tiles):
    with open(f"{tiles}/checkpoint", encoding="utf-8") as file:
        return int(file.read().split("\n")[1])


def verification(binaries, native, scale=1, entries=10_000_000):
    ours, tiles, vkey = log(binaries, max(100_000, int(entries * scale)))
    size = size_of(tiles)
    least = json.loads(spent([f"{native}/read_hash", tiles])["output"])
    files = spent([ours.binary, "verify", "--tiles", tiles, "--vkey", vkey])
    stream = spent([ours.binary, "verify", "--log", ours.endpoints["ledger_rpc"], "--vkey", vkey])
    result = {
        "limit_per_core": least["entries"] / least["cpu_seconds"],
        "files_per_core": size / files["cpu"],
        "files_per_second": size / files["wall"],
        "files_mb": files["resident_mb"],
        "stream_per_second": size / stream["wall"],
        "stream_per_core": size / stream["cpu"],
        "stream_mb": stream["resident_mb"],
    }
    result["share_of_limit"] = result["files_per_core"] / result["limit_per_core"]
    return result | {"go": go(tiles, vkey), "aics": aics(tiles)}


def go(tiles, vkey):
    """Entries a second and core of Go's x/mod/sumdb/tlog; proofs of single entries left out as far as the tool allows."""
    command = [f"{INTEROP}/verify-log", "--tiles", tiles, "--vkey", vkey, "--inclusion", "1"]
    subprocess.run([command[0], "-h"], capture_output=True, check=False)  # Builds it, the first time.
    return size_of(tiles) / spent(command)["cpu"]


def aics(tiles):
    """Entries a second and core of PyPI's aics-tlog."""
    install = f'. "{INTEROP}/aics.sh"; install_aics; echo "$venv"'
    done = subprocess.run(["bash", "-c", install, f"{INTEROP}/bench"], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Unavailable(f"aics-tlog: {done.stderr[-300:]}")
    script = os.path.join(os.path.dirname(__file__), "audit_aics.py")
    return size_of(tiles) / spent([f"{done.stdout.strip()}/bin/python", script, tiles])["cpu"]


def gauge(address, name):
    with urllib.request.urlopen(f"{address}/metrics", timeout=10) as answer:
        for line in answer.read().decode().splitlines():
            if line.startswith(name + " "):
                return int(line.split()[1])
    return 0


def keeping_up(binaries, scale=1, events=6_000_000):
    """Events a second that are appended and verified, with ledger, verifier and load on the same cores."""
    events = max(100_000, int(events * scale))
    with folder("keep-up") as path:
        ours = Suite(binaries, path)
        ours.run("up", "--data", ours.data, "--detach", "--analyzers", "0", "--verifiers", "1")
        try:
            http = ours.endpoints["metrics_http"]["verifier"]
            shape = ["--events", str(events), "--size", str(EVENT_BYTES), "--batch", "1000", "--connections", "16"]
            appended = json.loads(ours.run("load", "--data", ours.data, "--json", "--prepare", *shape))
            loaded = time.monotonic()
            while gauge(http, "indelible_verifier_verified_size") < events:
                time.sleep(0.01)
            behind = time.monotonic() - loaded
            taken = events / appended["events_per_second"]
            return {
                "appended_per_second": appended["events_per_second"],
                "verified_per_second": events / (taken + behind),
                "behind_seconds": behind,
            }
        finally:
            ours.run("down", "--data", ours.data)
