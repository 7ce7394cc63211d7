"""Analyzers and ingest beside a ledger: CPU time of an event, events a second, and how long events wait for verdicts."""

import json
import time
import urllib.request

from .machine import cpu_seconds, folder
from .ours import Suite
from .peers import EVENT_BYTES
from .verify import gauge

SCORED = "indelible_analyzer_scored_events_total"
VERDICT = "indelible_analyzer_verdict_seconds_bucket"


def run(binaries, analyzers, events, *shape):
    """Loads a fresh suite and waits until every event has its verdict."""
    with folder("analyze") as path:
        ours = Suite(binaries, path)
        ours.run("up", "--data", ours.data, "--detach", "--analyzers", str(analyzers), "--verifiers", "0")
        try:
            pids, http = ours.endpoints["pids"], ours.endpoints["metrics_http"]
            judging = [name for name in pids if name.startswith("analyzer")]
            # Loading the model is not a matter of events.
            before = {name: cpu_seconds(pid) for name, pid in pids.items()}
            began = time.monotonic()
            ours.run("load", "--data", ours.data, "--json", "--size", str(EVENT_BYTES), "--events", str(events), *shape)
            while sum(gauge(http[name], SCORED) for name in judging) < events:
                time.sleep(0.01)
            wall = time.monotonic() - began
            spent = {name: (cpu_seconds(pid) - before[name]) * 1e6 / events for name, pid in pids.items()}
            return {
                "per_second": events / wall,
                "analyzer_us": sum(spent[name] for name in judging),
                "ledger_us": spent["ledger"],
                "p99_ms": percentile(http[judging[0]], 0.99) * 1e3,
            }
        finally:
            ours.run("down", "--data", ours.data)


def percentile(address, share):
    """An upper bound of the seconds from an event to its verdict, from the buckets of the histogram."""
    with urllib.request.urlopen(f"{address}/metrics", timeout=10) as answer:
        lines = [line for line in answer.read().decode().splitlines() if line.startswith(VERDICT)]
    buckets = [(float(line.split('"')[1].replace("+Inf", "inf")), int(line.split()[1])) for line in lines]
    return next(bound for bound, count in buckets if count >= share * buckets[-1][1])


def analyzing(binaries, scale=1, events=1_000_000):
    events = max(50_000, int(events * scale))
    batches = ["--batch", "1000", "--connections", "16", "--prepare"]
    results = {count: run(binaries, count, events, *batches) for count in (1, 2, 4)}
    # 10,000 events under way, answered every 200 ms: about 50,000 events/s.
    paced = ["--batch", "100", "--connections", "10", "--in-flight", "10", "--ack", "checkpointed"]
    latency = run(binaries, 1, events // 2, *paced)
    one = results[1]["analyzer_us"]
    return {
        **{f"{key}_{count}": value for count, result in results.items() for key, value in result.items()},
        "growth_2": results[2]["analyzer_us"] / one - 1,
        "growth_4": results[4]["analyzer_us"] / one - 1,
        "paced_per_second": latency["per_second"],
        "paced_p99_ms": latency["p99_ms"],
    }


def submitting(binaries, scale=1, events=1_000_000):
    """Events through ingest, batch by batch, sealed there, answered when they are durable in the ledger."""
    events = max(50_000, int(events * scale))
    with folder("submit") as path:
        ours = Suite(binaries, path)
        ours.run("up", "--data", ours.data, "--detach", "--analyzers", "0", "--verifiers", "0")
        try:
            shape = ["--size", str(EVENT_BYTES), "--batch", "1000", "--connections", "16", "--prepare"]
            report = json.loads(
                ours.run("load", "--data", ours.data, "--submit", "--json", "--events", str(events), *shape)
            )
            return {
                "per_second": report["events_per_second"],
                "ingest_us": report["ingest_cpu_ns_per_event"] / 1e3,
                "ledger_us": report["ledger_cpu_ns_per_event"] / 1e3,
            }
        finally:
            ours.run("down", "--data", ours.data)
