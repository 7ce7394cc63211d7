"""Measures Indelible and its peers in one run, on this machine, and prints medians, ratios and the machine's own limit."""

import argparse
import json
import os
import statistics
import subprocess
import sys

from . import analyze, ours, peers, verify
from .machine import Unavailable

# What the project promises: our batches over a peer's, as events/s.
RATIOS = {"Redis stream": 4, "SQLite WAL": 7, "PostgreSQL COPY": 12, "PostgreSQL rows": 12, "NATS JetStream": 12}


def arguments():
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("binaries", help="folder of the release executables")
    parser.add_argument("--native", required=True, help="folder of the compiled C programs")
    parser.add_argument("--environment", required=True, help="Python environment with nats-server and nats-py")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--scale", type=float, default=1.0, help="share of the usual number of events")
    parser.add_argument("--only", help="measurements to make, separated by semicolons")
    parser.add_argument("--json", help="also write every round to this file")
    return parser.parse_args()


def cases(options):
    def scaled(events):
        return max(2_048, int(events * options.scale) // 1_000 * 1_000)

    def load(name):
        with ours.suite(options.binaries) as suite:
            return suite.load(name, options.scale)

    return {
        "machine": lambda: ours.limit(options.native),
        **{f"Indelible, {name}": lambda name=name: load(name) for name in ours.LOADS},
        "Redis stream": lambda: peers.redis(scaled(600_000)),
        "SQLite WAL": lambda: peers.sqlite(scaled(400_000), options.native),
        "PostgreSQL COPY": lambda: peers.postgres(scaled(200_000), copy=True),
        "PostgreSQL rows": lambda: peers.postgres(scaled(150_000), copy=False),
        "NATS JetStream": lambda: peers.nats(scaled(12_000), options.environment),
        "tiles": lambda: ours.tiles(options.binaries),
        "ten million": lambda: ours.ten_million(options.binaries, options.scale),
        "verification": lambda: verify.verification(options.binaries, options.native, options.scale),
        "keeping up": lambda: verify.keeping_up(options.binaries, options.scale),
        "analyzing": lambda: analyze.analyzing(options.binaries, options.scale),
        "submitting": lambda: analyze.submitting(options.binaries, options.scale),
    }


def measure(options):
    """Every case once a round, so that a slow minute of the machine meets them all alike."""
    results, refused = {}, {}
    chosen = cases(options)
    if options.only:
        wanted = [name.strip() for name in options.only.split(";")]
        chosen = {name: case for name, case in chosen.items() if name in wanted}
    for number in range(options.rounds):
        for name, case in chosen.items():
            if name in refused:
                continue
            print(f"round {number + 1} of {options.rounds}: {name}", file=sys.stderr, flush=True)
            try:
                result = case()
            except (Unavailable, subprocess.CalledProcessError, OSError) as failure:
                refused[name] = str(failure)
                continue
            results.setdefault(name, []).append(result)
    return results, refused


def median(rounds, key):
    values = [one[key] for one in rounds if one.get(key) is not None]
    return statistics.median(values) if values else None


def show(results, refused, rounds):
    print(f"\nMedian of {rounds}, {peers.EVENT_BYTES}-byte events, {os.cpu_count()} cores, everything on this machine\n")
    print(f"  {'':28}{'events/s':>12}{'server CPU us/event':>22}{'p50 ms':>10}{'p99 ms':>10}")
    for name, each in results.items():
        if "cpu_us_per_event" not in each[0]:
            continue
        cells = [median(each, key) for key in ("events_per_second", "cpu_us_per_event", "p50_ms", "p99_ms")]
        text = [f"{cells[0]:>12,.0f}", f"{cells[1]:>22.2f}"]
        text += [f"{cell:>10.3f}" if cell is not None else f"{'':>10}" for cell in cells[2:]]
        print(f"  {name:28}{''.join(text)}")
    show_limit(results)
    show_ratios(results)
    show_large(results)
    show_verification(results)
    show_analysis(results)
    for name, reason in refused.items():
        print(f"\n  NOT MEASURED: {name}: {reason}")


def show_limit(results):
    machine = results.get("machine")
    if not machine:
        return
    parts = {key: median(machine, key) for key in ("receive_ns", "leaf_ns", "node_ns", "write_ns")}
    total = sum(parts.values())
    text = " + ".join(f"{key.removesuffix('_ns')} {value:.0f}" for key, value in parts.items())
    print(f"\n  physical limit of one core: {text} = {total:.0f} ns/event ({machine[0]['kernel']})")
    batches = results.get("Indelible, batches")
    if batches:
        used = median(batches, "cpu_us_per_event") * 1000
        print(f"  ledger, batches: {used:.0f} ns/event: {100 * total / used:.0f} % of the limit (asked: at most 550 ns)")
    page = median(machine, "fdatasync_p50_ms")
    print(f"  4 KiB write + fdatasync: p50 {page:.3f} ms")
    single = results.get("Indelible, one at a time")
    if single:
        p50, bound = median(single, "p50_ms"), 2 * page + 0.1
        print(f"  one event at a time: p50 {p50:.3f} ms; asked: at most 2 x {page:.3f} + 0.1 = {bound:.3f} ms")


def show_ratios(results):
    batches = results.get("Indelible, batches")
    print()
    for name, asked in RATIOS.items():
        if batches and name in results:
            ratio = median(batches, "events_per_second") / median(results[name], "events_per_second")
            print(f"  {ratio:6.1f} x {name} (asked: {asked})")
    if "tiles" in results:
        own, nginx = median(results["tiles"], "ours"), median(results["tiles"], "nginx")
        print(f"  {own / nginx:6.2f} x nginx for tiles: {own:,.0f}/s against {nginx:,.0f}/s (asked: 0.5)")


def show_large(results):
    large = results.get("ten million")
    if not large:
        return
    print("\n  a log of ten million entries")
    for key, text, asked in (
        ("start_ms", "ms from start to serving", "under 1000"),
        ("resident_mb", "MB resident at most while it grew", "under 200"),
        ("beside_bytes", "bytes on disk for an entry beside its own", "at most 45"),
        ("proofs_per_core", "inclusion proofs a second and core", "at least 100,000"),
    ):
        print(f"  {median(large, key):12,.1f} {text} (asked: {asked})")


def show_rows(rows):
    for each, key, text, asked in rows:
        print(f"  {median(each, key):14,.2f} {text}" + (f" (asked: {asked})" if asked else ""))


def show_verification(results):
    full, beside = results.get("verification"), results.get("keeping up")
    rows = []
    if full:
        print("\n  verification of a log of ten million entries, entries a second")
        rows += [
            (full, "limit_per_core", "read and hash alone, a core", None),
            (full, "files_per_core", "exported files, a core", "at least 2,000,000"),
            (full, "share_of_limit", "share of read and hash", "at least 0.6"),
            (full, "files_per_second", "exported files, wall clock", None),
            (full, "files_mb", "MB resident at most", "under 150"),
            (full, "stream_per_second", "over the RPC stream", "at least 1,000,000"),
            (full, "stream_per_core", "over the RPC stream, a core of the verifier", None),
            (full, "stream_mb", "MB resident at most", "under 150"),
            (full, "go", "Go x/mod sumdb/tlog, a core", None),
            (full, "aics", "aics-tlog, a core", None),
        ]
    if beside:
        rows += [
            (beside, "appended_per_second", "events appended beside a verifier", "at least 300,000"),
            (beside, "verified_per_second", "appended and verified", "at least 300,000"),
            (beside, "behind_seconds", "s until the last one was verified", None),
        ]
    show_rows(rows)


def show_analysis(results):
    rows = []
    judged, submitted = results.get("analyzing"), results.get("submitting")
    if judged:
        print("\n  verdicts with the shipped model, beside the ledger and the load")
        rows += [
            (judged, "per_second_1", "events/s that one analyzer keeps up with", "at least 100,000"),
            (judged, "analyzer_us_1", "us of CPU for an event, one analyzer", None),
            (judged, "ledger_us_1", "us of CPU for an event, its ledger", None),
            (judged, "growth_2", "more CPU for an event with 2 analyzers, as a share", "at most 0.1"),
            (judged, "growth_4", "more CPU for an event with 4 analyzers, as a share", "at most 0.1"),
            (judged, "paced_per_second", "events/s of the load for the next figure", "50,000"),
            (judged, "paced_p99_ms", "ms from event to verdict at most, 99 of 100 appends", "under 250"),
        ]
    if submitted:
        rows += [
            (submitted, "per_second", "events/s through ingest, durable", None),
            (submitted, "ingest_us", "us of CPU of ingest for an event", "at most 2"),
            (submitted, "ledger_us", "us of CPU of the ledger for an event", None),
        ]
    show_rows(rows)


def main():
    options = arguments()
    results, refused = measure(options)
    show(results, refused, options.rounds)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump({"results": results, "refused": refused}, file, indent=1)
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
