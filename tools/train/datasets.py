"""The labelled events that a model is trained on: features made by `indelible features`, labels beside them."""

import csv
import gzip
import hashlib
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np

# Name, format and a rule for which rows count. Others in the folder are unlabelled, or contain one another.
SOURCES = {
    "cloudtrail_spliced": "cloudtrail",
    "otrf_cloud": "cloudtrail",
    "k8s_audit_perfspec": "k8s",
    "genai_prompts": "genai",
    "synthetic_corp": "jsonl",
}

# Records that `indelible simulate` makes, with its own truth about each; any format, judged record by record.
SIMULATED = "simulated"
SIMULATED_EVENTS, SIMULATED_SEED = 20_000, 1
# Stretches of the simulated company's ordinary work.
SIMULATED_TOGETHER = 500

# Neighbours in a list of prompts resemble each other.
PROMPTS_TOGETHER = 50
# How much of a time such as 2023-07-10T12:03:17Z is the same within a stretch of background: a minute, or an hour.
BACKGROUND_TOGETHER = {"cloudtrail_spliced": 16, "otrf_cloud": 16, "k8s_audit_perfspec": 16, "synthetic_corp": 13}
# The first tell where in a recording of a few hours a row stands, and so whether it is an attack; the others are buckets,
# which say nothing of an action that was not seen. Both make a model that looks better than it is, so it does without.
UNUSED = {
    "hour", "weekday", "actor.events", "actor.new_hour", "actor.addresses", "actor.agents", "actor.actions",
    "action", "verb", "service", "code", "agent_family", "target_kind",
}


@dataclass
class Dataset:
    """One source: a row per event, in the order of its file."""

    name: str
    features: np.ndarray
    names: list[str]
    malicious: np.ndarray  # 1, 0, or -1 for rows that are not used.
    group: np.ndarray  # Rows of one group are never on both sides of a split.
    records_sha256: str


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def load(name: str, folder: Path, indelible: Path, scratch: Path) -> Dataset:
    """Makes the features of one source and joins them with its labels, row by row."""
    if name == SIMULATED:
        records, labels, kind = *simulate(indelible, scratch), []
    else:
        records = folder / f"{name}.jsonl.gz"
        with gzip.open(folder / f"{name}.labels.csv.gz", "rt") as lines:
            labels = list(csv.DictReader(lines))
        kind = ["--format", SOURCES[name]]
    table = scratch / f"{name}.csv"
    command = [indelible, "features", records, "--out", table, *kind]
    subprocess.run([str(part) for part in command], check=True)
    with table.open() as lines:
        names = lines.readline().strip().split(",")[1:]
        rows = np.loadtxt(lines, delimiter=",", dtype=np.int64, ndmin=2)
    rows[:, [1 + position for position, column in enumerate(names) if column in UNUSED]] = 0
    labels = [labels[index] for index in rows[:, 0]]
    malicious = np.array([int(label["malicious"] or -1) for label in labels], dtype=np.int8)
    return Dataset(
        name=name,
        features=rows[:, 1:].astype(np.float32),
        names=names,
        malicious=malicious,
        group=np.array([group_of(name, label, row) for row, label in enumerate(labels)]),
        records_sha256=digest(records),
    )


def simulate(indelible: Path, scratch: Path) -> tuple[Path, list[dict[str, str]]]:
    """Simulated records, and their labels with the names that the other sources use."""
    records, truth = scratch / "simulated.jsonl", scratch / "simulated.labels.jsonl"
    command = [indelible, "simulate", "--events", SIMULATED_EVENTS, "--seed", SIMULATED_SEED, "--labels", truth]
    with records.open("wb") as output:
        subprocess.run([str(part) for part in command], check=True, stdout=output)
    labels = []
    for line in truth.read_text().splitlines():
        label = json.loads(line)
        # Each run of a scenario is the same technique.
        scenario = label["scenario"].rpartition("/")[0]
        labels.append({"malicious": "1" if label["kind"] == "abuse" else "0", "scenario": scenario})
    return records, labels


def group_of(name: str, label: dict[str, str], row: int) -> str:
    """What must stay together: an attack technique, a stretch of background, a part of a list of prompts.

    A documented detonation that was moved into another account is the technique it was, so `spliced:X` and X are one.
    """
    if name == "genai_prompts":
        return f"{name}/{label['scenario']}/{row // PROMPTS_TOGETHER}"
    if name == SIMULATED:
        return f"{name}/{label['scenario'] or row // SIMULATED_TOGETHER}"
    if label["malicious"] == "1":
        return f"{name}/{label['scenario'].removeprefix('spliced:')}"
    return f"{name}/background/{label['ts'][:BACKGROUND_TOGETHER[name]]}"
