"""The labelled events that a model is trained on: features made by `indelible features`, labels beside them."""

import csv
import gzip
import hashlib
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
    records = folder / f"{name}.jsonl.gz"
    table = scratch / f"{name}.csv"
    command = [indelible, "features", records, "--out", table, "--format", SOURCES[name]]
    subprocess.run([str(part) for part in command], check=True)
    with table.open() as lines:
        names = lines.readline().strip().split(",")[1:]
        rows = np.loadtxt(lines, delimiter=",", dtype=np.int64, ndmin=2)
    with gzip.open(folder / f"{name}.labels.csv.gz", "rt") as lines:
        labels = list(csv.DictReader(lines))
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


def group_of(name: str, label: dict[str, str], row: int) -> str:
    """What must stay together: an attack technique, a day of background, a family of prompts.

    A documented detonation that was moved into another account is the technique it was, so `spliced:X` and X are one.
    """
    if label["malicious"] == "1":
        return f"{name}/{label['scenario'].removeprefix('spliced:')}"
    if name == "genai_prompts":
        return f"{name}/{label['scenario']}/{label['stream']}"
    return f"{name}/background/{label['ts'][:13]}"
