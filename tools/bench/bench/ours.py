"""Indelible itself: a ledger process and `indelible load`, on the same machine, over loopback TCP."""

import contextlib
import getpass
import json
import os
import subprocess
import time

from .machine import Unavailable, accepts, folder, free_port, measured, need, peak_resident_bytes, server
from .peers import EVENT_BYTES

# name: events, events a batch, connections, acknowledgement, requests under way on each connection.
LOADS = {
    "batches": (2_000_000, 1000, 16, "durable", 4),
    "singles": (400_000, 1, 64, "durable", 64),
    "one at a time": (3_000, 1, 1, "durable", 1),
    # 20,000 events under way, answered every 200 ms: about 100,000 events/s.
    "checkpointed": (500_000, 100, 10, "checkpointed", 20),
}


class Suite:
    """A ledger (and its ingest) in a folder of its own, without followers that would take part of the two cores."""

    def __init__(self, binaries, path):
        self.binary = f"{binaries}/indelible"
        self.data = f"{path}/data"

    def run(self, *arguments):
        done = subprocess.run([self.binary, *arguments], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Unavailable(f"indelible {' '.join(arguments[:2])}: {(done.stderr or done.stdout)[-600:]}")
        return done.stdout

    def load(self, name, scale=1):
        events, batch, connections, ack, under_way = LOADS[name]
        events = max(batch * connections, int(events * scale))
        command = ["load", "--data", self.data, "--events", str(events), "--size", str(EVENT_BYTES), "--json"]
        command += ["--batch", str(batch), "--connections", str(connections), "--ack", ack]
        # Collectors hash and seal on machines of their own; here that would take its share of the ledger's two cores.
        command += ["--in-flight", str(under_way), "--prepare"]
        with measured(self.endpoints["pids"]["ledger"], events) as processor:
            result = json.loads(self.run(*command))
        if result["errors"]:
            raise Unavailable(f"indelible load: {result['errors']} errors")
        return result | {"cpu_us_per_event": processor["cpu_us_per_event"]}

    @property
    def endpoints(self):
        with open(f"{self.data}/endpoints.json", encoding="utf-8") as file:
            return json.load(file)


@contextlib.contextmanager
def suite(binaries):
    with folder("indelible") as path:
        ours = Suite(binaries, path)
        ours.run("up", "--data", ours.data, "--detach", "--analyzers", "0", "--verifiers", "0")
        try:
            yield ours
        finally:
            ours.run("down", "--data", ours.data)


def bytes_on_disk(path):
    return sum(
        os.lstat(os.path.join(parent, name)).st_blocks * 512
        for parent, _, names in os.walk(path)
        for name in names
    )


def ten_million(binaries, scale=1, entries=10_000_000, proofs=500_000):
    """A log of ten million entries: memory while it grows, bytes on disk beside its own, start, proofs a second and core."""
    entries = int(entries * scale)
    with folder("large") as path:
        ours = Suite(binaries, path)
        start = ["up", "--data", ours.data, "--detach", "--analyzers", "0", "--verifiers", "0"]
        ours.run(*start)
        try:
            load = ["load", "--data", ours.data, "--json"]
            shape = ["--size", str(EVENT_BYTES), "--batch", "1000", "--connections", "16"]
            ours.run(*load, *shape, "--events", str(entries), "--ack", "checkpointed")
            resident = peak_resident_bytes(ours.endpoints["pids"]["ledger"])
            ours.run("down", "--data", ours.data)
            # One seal of some 200 bytes for each batch is an entry too; an entry has two bytes of length before it.
            held = entries * EVENT_BYTES
            beside = (bytes_on_disk(f"{ours.data}/ledger") - held) / entries
            ready = f"{path}/ready.json"
            began = time.monotonic()
            ledger = [f"{binaries}/indelible-ledger", "--data", f"{ours.data}/ledger", "--ready-file", ready]
            ledger += ["--origin", ours.endpoints["origin"], "--key", f"{ours.data}/keys/log.key"]
            ledger += ["--listen", "127.0.0.1:0", "--http", "127.0.0.1:0"]
            with server(ledger, lambda: os.path.exists(ready), f"{path}/ledger.log"):
                start_ms = (time.monotonic() - began) * 1e3
            ours.run(*start)
            pid = ours.endpoints["pids"]["ledger"]
            ours.run(*load, "--proofs", "--events", str(proofs // 10), "--connections", "2")
            with measured(pid, proofs) as processor:
                ours.run(*load, "--proofs", "--events", str(proofs), "--connections", "2")
            return {
                "resident_mb": resident / 1e6,
                "beside_bytes": beside,
                "start_ms": start_ms,
                "proofs_per_core": 1e6 / processor["cpu_us_per_event"],
            }
        finally:
            ours.run("down", "--data", ours.data)


PATHS = """
local paths = {%s}
local at = 0
request = function()
  at = at %% #paths + 1
  return wrk.format("GET", "/" .. paths[at])
end
"""

NGINX = """
daemon off; user {user}; worker_processes 1; pid {path}/nginx.pid; error_log {path}/error.log;
events {{ worker_connections 1024; }}
http {{
    access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000; open_file_cache max=10000;
    client_body_temp_path {path}/1; proxy_temp_path {path}/2; fastcgi_temp_path {path}/3;
    uwsgi_temp_path {path}/4; scgi_temp_path {path}/5;
    server {{ listen 127.0.0.1:{port}; root {root}; }}
}}
"""


def tiles(binaries, seconds=5):
    """Requests a second for the same tiles, from the ledger and from nginx over the exported files."""
    wrk, nginx = need("wrk"), need("nginx")
    with suite(binaries) as ours, folder("tiles") as path:
        ours.load("batches", scale=0.1)
        exported = f"{path}/exported"
        ours.run("export", "tiles", exported, "--data", ours.data)
        names = [
            os.path.relpath(os.path.join(parent, file), exported)
            for parent, _, files in os.walk(f"{exported}/tile/0")
            for file in files
        ]
        script = f"{path}/paths.lua"
        with open(script, "w", encoding="utf-8") as file:
            file.write(PATHS % ",".join(f'"{name}"' for name in sorted(names)))
        port = free_port()
        with open(f"{path}/nginx.conf", "w", encoding="utf-8") as file:
            file.write(NGINX.format(path=path, port=port, root=exported, user=getpass.getuser()))
        os.chmod(path, 0o755)

        def requests(base):
            command = [wrk, "-t1", "-c16", f"-d{seconds}s", "-s", script, base]
            text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            if "Non-2xx" in text or "Socket errors" in text:
                raise Unavailable(f"wrk: {text[-400:]}")
            return float(text.split("Requests/sec:")[1].split()[0])

        with server([nginx, "-p", path, "-c", f"{path}/nginx.conf"], accepts(port), f"{path}/log"):
            theirs = requests(f"http://127.0.0.1:{port}")
        return {"ours": requests(ours.endpoints["tiles_http"]), "nginx": theirs}


def limit(native):
    with folder("limit") as path:
        done = subprocess.run([f"{native}/limit", path], check=True, capture_output=True, text=True)
    return json.loads(done.stdout)

