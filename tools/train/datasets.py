"""The labelled events that a model is trained on: features made by `indelible features`, labels beside them."""

import csv
import gzip
import hashlib
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.sparse

import lexicon
import splits

# Name and format. Others in the folder are unlabelled, or contain one another.
SOURCES = {
    "cloudtrail_spliced": "cloudtrail",
    "otrf_cloud": "cloudtrail",
    "k8s_audit_perfspec": "k8s",
    "genai_prompts": "genai",
    "synthetic_corp": "jsonl",
}
# Events of audit logs of many vendors, each the test of a rule: for categories alone, as whether the rule must fire says
# little of the event.
CATEGORY_SOURCE = "panther_rule_tests"

# Records that `indelible simulate` makes, with its own truth about each; any format, judged record by record.
SIMULATED = "simulated"
SIMULATED_EVENTS, SIMULATED_SEED = 20_000, 1

# Features that the shipped model does without; a model of one's own log may use them. The first row tells where in a
# recording of a few hours a row stands, and so whether it is an attack; the second names the source, or tells a
# documented attack from a recorded one; the third are buckets, which say nothing of an action that was not seen.
UNUSED = {
    "hour", "weekday", "actor.events", "actor.new_hour", "actor.addresses", "actor.agents", "actor.actions",
    "format", "source_family", "sign.automation", "actor.agent_change", "actor.events_this_hour",
    "action", "verb", "service", "code", "agent_family", "target_kind",
}  # fmt: skip
CATEGORIES = (
    "authentication privilege_change identity_change admin_change data_access secrets_access resource_read execution "
    "discovery defense_evasion exfiltration impact genai_use genai_abuse other"
).split()
PROMPT_SCORE = "prompt.score"


@dataclass
class Dataset:
    """One source: a row per event, in the order of its file."""

    name: str
    features: np.ndarray
    names: list[str]
    malicious: np.ndarray  # 1, 0, or -1 for rows that are not used.
    category: np.ndarray  # Empty where nobody said.
    scenario: np.ndarray
    fold: np.ndarray
    group: np.ndarray
    prompts: scipy.sparse.csr_matrix  # What the words of a call of a model fall into; empty rows for other events.
    records_sha256: str
    lines: np.ndarray  # The record of each row.
    path: Path

    def column(self, name: str) -> np.ndarray:
        return self.features[:, self.names.index(name)]


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def labels_of(name: str, folder: Path) -> list[dict[str, str]]:
    with gzip.open(folder / f"{name}.labels.csv.gz", "rt") as lines:
        return list(csv.DictReader(lines))


def records_of(path: Path) -> list[bytes]:
    opened = gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")
    with opened as lines:
        return [line.rstrip(b"\n") for line in lines]


def run(command: list) -> bytes:
    return subprocess.run([str(part) for part in command], check=True, stdout=subprocess.PIPE).stdout


def schema(indelible: Path) -> tuple[str, np.ndarray]:
    """The schema's hash, and the weights of its lexicon."""
    text = run([indelible, "features", "--schema"])
    line = next(line for line in text.decode().splitlines() if line.startswith("lexicon prompt "))
    weights = [lexicon.ALPHABET.index(letter) + lexicon.WEIGHT_MIN for letter in line.rpartition(" ")[2]]
    return hashlib.sha256(text).hexdigest(), np.array(weights)


def load(name: str, folder: Path, indelible: Path, scratch: Path) -> Dataset:
    """Makes the features of one source and joins them with its labels, row by row."""
    if name == SIMULATED:
        records, labels = simulate(indelible, scratch)
    else:
        records, labels = folder / f"{name}.jsonl.gz", labels_of(name, folder)
    kind = ["--format", SOURCES[name]] if name in SOURCES else []
    table = scratch / f"{name}.csv"
    run([indelible, "features", records, "--out", table, *kind])
    with table.open() as lines:
        names = lines.readline().strip().split(",")[1:]
        rows = np.loadtxt(lines, delimiter=",", dtype=np.int64, ndmin=2)
    rows[:, [1 + position for position, column in enumerate(names) if column in UNUSED]] = 0
    lines = rows[:, 0]
    kept = [labels[line] for line in lines]
    is_prompt = rows[:, 1 + names.index("category")] == CATEGORIES.index("genai_use")
    raw = records_of(records)
    return Dataset(
        name=name,
        features=rows[:, 1:].astype(np.float32),
        names=names,
        malicious=np.array([int(label["malicious"] or -1) for label in kept], dtype=np.int8),
        # What an attack was for is another question than what the event is about.
        category=np.array(["" if label["category_src"] == "mitre" else label["category"] for label in kept]),
        scenario=np.array([splits.technique(label) for label in kept]),
        fold=splits.folds(name, kept),
        group=splits.groups(name, kept),
        prompts=lexicon.table([raw[line] if prompt else b"" for line, prompt in zip(lines, is_prompt)]),
        records_sha256=digest(records),
        lines=lines,
        path=records,
    )


def load_all(folder: Path, indelible: Path, scratch: Path, names: list[str] | None = None) -> list[Dataset]:
    """All sources; stops when the lexicon's arithmetic here is not the analyzer's."""
    weights = schema(indelible)[1]
    parts = []
    for name in names or [*SOURCES, SIMULATED]:
        part = load(name, folder, indelible, scratch)
        if not np.array_equal(lexicon.scores(part.prompts, weights), part.column(PROMPT_SCORE)):
            raise SystemExit(f"{name}: prompts score otherwise here than in {indelible}; one of the two has changed.")
        parts.append(part)
    return parts


def simulate(indelible: Path, scratch: Path) -> tuple[Path, list[dict[str, str]]]:
    """Simulated records, and their labels with the names that the other sources use."""
    records, truth = scratch / "simulated.jsonl", scratch / "simulated.labels.jsonl"
    output = run([indelible, "simulate", "--events", SIMULATED_EVENTS, "--seed", SIMULATED_SEED, "--labels", truth])
    records.write_bytes(output)
    labels = []
    for line in truth.read_text().splitlines():
        label = json.loads(line)
        malicious = "1" if label["kind"] == "abuse" else "0"
        # Each run of a scenario is the same technique.
        scenario = label["scenario"].rpartition("/")[0]
        labels.append(
            {"malicious": malicious, "scenario": scenario, "category": label["category"], "category_src": "simulated"}
        )
    return records, labels
