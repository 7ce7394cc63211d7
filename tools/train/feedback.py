#!/usr/bin/env python3
"""What people's labels say of the model, and whether they may change it.

report   precision by category over time, drift of features and scores, and what the last change of model did
retrain  trains with labels, unless they would make the model worse on attacks that it is known to find

Input, one JSON object a line:
  labels    {"event_index","label","author","time","reason"}, in log order; label is benign, malicious or a category, time
            is RFC 3339; of one author's labels of an event the last counts
  verdicts  what `indelible verdicts --json` prints
Features are what `indelible export features` writes.
"""

import argparse
import csv
import json
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import scipy.sparse

import datasets
import learning
import metrics

# More labels of one reviewer do not count: no single person moves the model far.
LABELS_OF_ONE_REVIEWER = 200
# A reviewer who contradicts the model on more events than this needs a second person's same label on each.
CONTRADICTIONS_ALONE = 20
# A retrain is refused when a known source, or one known attack beside benign rows, loses more average precision.
AREA_LOSS_MAX = 0.02
SCENARIO_LOSS_MAX = 0.1
# Rows of a scenario that a loss is judged by.
SCENARIO_ROWS_MIN = 5
# Population stability: below the first nothing has happened, above the second the model sees another world.
DRIFT_SLIGHT, DRIFT_LARGE = 0.1, 0.25
DRIFT_BINS = 10
MALICIOUS_CATEGORIES = {"exfiltration", "genai_abuse", "impact", "defense_evasion"}


@dataclass(frozen=True)
class Label:
    event_index: int
    label: str
    reviewer: str
    time: str

    @property
    def malicious(self) -> int:
        """1 or 0; -1 for a category that says nothing of it."""
        if self.label in ("benign", "malicious"):
            return int(self.label == "malicious")
        return 1 if self.label in MALICIOUS_CATEGORIES else -1


@dataclass
class Refusal(Exception):
    """Why labels were not learnt from."""

    reasons: list[dict]


def json_lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines() if line.strip()]


def labels_of(path: Path) -> list[Label]:
    last: dict[tuple[int, str], Label] = {}
    for line in json_lines(path):
        label = Label(int(line["event_index"]), line["label"], line["author"], line.get("time", ""))
        last[label.event_index, label.reviewer] = label
    return list(last.values())


# MARK: - Report


def stability(reference: np.ndarray, current: np.ndarray) -> float:
    """The population stability index, over the reference's tenths; a half is added to empty cells."""
    edges = np.unique(np.quantile(reference, np.linspace(0, 1, DRIFT_BINS + 1)[1:-1]))
    cells = len(edges) + 1
    before = np.bincount(np.searchsorted(edges, reference, side="right"), minlength=cells) + 0.5
    after = np.bincount(np.searchsorted(edges, current, side="right"), minlength=cells) + 0.5
    before, after = before / before.sum(), after / after.sum()
    return float(np.sum((after - before) * np.log(after / before)))


def precision_over_time(verdicts: list[dict], labels: list[Label]) -> list[dict]:
    """Of the labelled verdicts above `none`, by the label's month and the verdict's category: how many were right."""
    shown = {verdict["event_index"]: verdict for verdict in verdicts if verdict["severity"] != "none"}
    cells: dict[tuple[str, str], list[int]] = defaultdict(list)
    for label in labels:
        if label.event_index in shown and label.malicious >= 0:
            cells[label.time[:7], shown[label.event_index]["category"]].append(label.malicious)
    return [
        {"month": month, "category": category, "labelled": len(values), "precision": round(sum(values) / len(values), 4)}
        for (month, category), values in sorted(cells.items())
    ]


def drift(reference: np.ndarray, current: np.ndarray, names: list[str]) -> list[dict]:
    """Features that moved, the one that moved most first."""
    moved = []
    for position, name in enumerate(names):
        index = stability(reference[:, position], current[:, position])
        if index >= DRIFT_SLIGHT:
            moved.append({"feature": name, "psi": round(index, 4), "is_large": index >= DRIFT_LARGE})
    return sorted(moved, key=lambda row: (-row["psi"], row["feature"]))


def margin_of(verdict: dict) -> float | None:
    return float(np.uint32(int(verdict["margin_bits"][0], 16)).view(np.float32)) if verdict["margin_bits"] else None


def model_change(verdicts: list[dict]) -> dict | None:
    """What the last model says otherwise than the one before: of the events that both judged, and of the stream."""
    order = list(dict.fromkeys(verdict["model"] for verdict in sorted(verdicts, key=lambda v: v["entry_index"])))
    if len(order) < 2:
        return None
    before, after = order[-2:]
    of = {model: [v for v in verdicts if v["model"] == model] for model in (before, after)}
    severity = {model: {v["event_index"]: v["severity"] for v in of[model]} for model in of}
    shared = sorted(set(severity[before]) & set(severity[after]))
    pairs: dict[str, int] = defaultdict(int)
    for index in shared:
        pairs[f"{severity[before][index]} to {severity[after][index]}"] += 1
    margins = {model: np.array([m for v in of[model] if (m := margin_of(v)) is not None]) for model in of}
    return {
        "before": before,
        "after": after,
        "events_that_both_judged": len(shared),
        "severities": dict(sorted(pairs.items())),
        "score_psi": round(stability(margins[before], margins[after]), 4),
        "alerts_per_1000_before": round(1000 * np.mean([v["severity"] != "none" for v in of[before]]), 3),
        "alerts_per_1000_after": round(1000 * np.mean([v["severity"] != "none" for v in of[after]]), 3),
    }


def features_of(path: Path) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Names, indexes and values."""
    with path.open() as lines:
        names = next(csv.reader(lines))[1:]
        rows = np.loadtxt(lines, delimiter=",", dtype=np.int64, ndmin=2)
    return names, rows[:, 0], rows[:, 1:].astype(np.float32)


# MARK: - Retraining


def admitted(labels: list[Label], verdict_is_malicious: dict[int, bool]) -> tuple[list[Label], list[dict]]:
    """Labels that count, and what was left out, with the reason.

    The first labels of each reviewer count, up to a bound. Somebody who contradicts the model on many events needs a
    second person for each of them; labels that contradict one another count for nothing.
    """
    notes = []
    said: dict[int, set[int]] = defaultdict(set)
    people: dict[tuple[int, int], set[str]] = defaultdict(set)
    for label in labels:
        if label.malicious >= 0:
            said[label.event_index].add(label.malicious)
            people[label.event_index, label.malicious].add(label.reviewer)
    disputed = {index for index, answers in said.items() if len(answers) > 1}
    if disputed:
        notes.append({"reason": "reviewers disagree", "events": sorted(disputed)})
    kept = []
    for reviewer in sorted({label.reviewer for label in labels}):
        own = sorted(
            (label for label in labels if label.reviewer == reviewer and label.malicious >= 0),
            key=lambda label: (label.time, label.event_index),
        )
        if len(own) > LABELS_OF_ONE_REVIEWER:
            left_out = len(own) - LABELS_OF_ONE_REVIEWER
            notes.append({"reason": "too many labels of one reviewer", "reviewer": reviewer, "left_out": left_out})
        own = [label for label in own[:LABELS_OF_ONE_REVIEWER] if label.event_index not in disputed]
        against = [
            label for label in own if verdict_is_malicious.get(label.event_index, False) != bool(label.malicious)
        ]
        if len(against) > CONTRADICTIONS_ALONE:
            alone = {label for label in against if len(people[label.event_index, label.malicious]) < 2}
            if alone:
                note = {"reason": "a bulk relabel needs a second person", "reviewer": reviewer}
                notes.append({**note, "left_out": len(alone)})
            own = [label for label in own if label not in alone]
        kept += own
    return kept, notes


def as_part(labels: list[Label], names: list[str], indexes: np.ndarray, values: np.ndarray) -> datasets.Dataset:
    """Labels as one more source: trained on, judged by nothing."""
    position = {int(index): row for row, index in enumerate(indexes)}
    known = [label for label in labels if label.event_index in position]
    features = values[[position[label.event_index] for label in known]].copy()
    features[:, [names.index(name) for name in datasets.UNUSED if name in names]] = 0
    count = len(known)
    return datasets.Dataset(
        name=learning.LABELS,
        features=features,
        names=names,
        malicious=np.array([label.malicious for label in known], dtype=np.int8),
        category=np.full(count, ""),
        scenario=np.array([label.reviewer for label in known]),
        fold=np.full(count, -1),
        group=np.array([label.reviewer for label in known]),
        prompts=scipy.sparse.csr_matrix((count, 1)),
        records_sha256="",
        lines=np.array([label.event_index for label in known]),
        path=Path(),
    )


def without(part: datasets.Dataset, reviewer: str) -> datasets.Dataset:
    rows = part.scenario != reviewer
    names = ("features", "malicious", "category", "scenario", "fold", "group", "lines", "prompts")
    return replace(part, **{name: getattr(part, name)[rows] for name in names})


def area(malicious: np.ndarray, margin: np.ndarray, fold: np.ndarray) -> float:
    return round(float(metrics.figures(metrics.rankings(malicious, margin, fold))[0]), 4)


def losses(parts: list[datasets.Dataset], before: list[np.ndarray], after: list[np.ndarray]) -> list[dict]:
    """What the new margins lose against the old ones, on rows that neither model had seen."""
    found = []
    for part, old, new in zip(parts, before, after):
        used = part.malicious >= 0
        malicious, fold = part.malicious[used], part.fold[used]
        if not (malicious == 1).any() or not (malicious == 0).any():
            continue
        areas = [area(malicious, margin[used], fold) for margin in (old, new)]
        if areas[0] - areas[1] > AREA_LOSS_MAX:
            found.append({"source": part.name, "average_precision": areas})
        for scenario in sorted(set(part.scenario[used][malicious == 1])):
            rows = (malicious == 0) | (part.scenario[used] == scenario)
            if (malicious[rows] == 1).sum() < SCENARIO_ROWS_MIN:
                continue
            areas = [area(malicious[rows], margin[used][rows], fold[rows]) for margin in (old, new)]
            if areas[0] - areas[1] > SCENARIO_LOSS_MAX:
                found.append({"source": part.name, "attack": str(scenario), "average_precision": areas})
    return found


def retrain(parts: list[datasets.Dataset], labelled: datasets.Dataset):
    """The model of all rows and labels, and its thresholds.

    - Raises Refusal when labels would make it worse on what it is known to find, naming what is lost, and the reviewers
      without whose labels nothing would be.
    """
    before = learning.out_of_fold(parts)
    after = learning.out_of_fold([*parts, labelled])[:-1]
    worse = losses(parts, before, after)
    if worse:
        reviewers = sorted(set(labelled.scenario))
        cause = [
            str(reviewer)
            for reviewer in reviewers
            if not losses(parts, before, learning.out_of_fold([*parts, without(labelled, reviewer)])[:-1])
        ]
        raise Refusal([{"reason": "the labels would blind the model", "lost": worse, "without_labels_of": cause}])
    return learning.final([*parts, labelled]), learning.thresholds(parts, after)


# MARK: - Commands


def report(arguments) -> dict:
    verdicts = json_lines(arguments.verdicts)
    labels = labels_of(arguments.labels)
    result = {
        "verdicts": len(verdicts),
        "labels": len(labels),
        "precision": precision_over_time(verdicts, labels),
        "model_change": model_change(verdicts),
    }
    if arguments.features and arguments.reference:
        names, _, current = features_of(arguments.features)
        other_names, _, reference = features_of(arguments.reference)
        if names != other_names:
            raise SystemExit(f"{arguments.features} and {arguments.reference} are of different feature schemas.")
        result["drift"] = drift(reference, current, names)
    return result


def retrained(arguments) -> dict:
    names, indexes, values = features_of(arguments.features)
    verdicts = {v["event_index"]: v["severity"] != "none" for v in json_lines(arguments.verdicts)}
    kept, notes = admitted(labels_of(arguments.labels), verdicts)
    if not kept:
        return {"accepted": False, "notes": [*notes, {"reason": "no label counts"}]}
    with tempfile.TemporaryDirectory() as scratch:
        parts = datasets.load_all(arguments.data, arguments.indelible, Path(scratch))
    if parts[0].names != names:
        raise SystemExit(f"{arguments.features} is of another feature schema than {arguments.indelible}.")
    try:
        model, thresholds = retrain(parts, as_part(kept, names, indexes, values))
    except Refusal as refusal:
        return {"accepted": False, "notes": notes, "refused": refusal.reasons}
    schema_hash, _ = datasets.schema(arguments.indelible)
    model.set_attr(**{"indelible.name": arguments.out.stem, "indelible.schema": schema_hash})
    for name, limit in thresholds.items():
        model.set_attr(**{f"indelible.threshold.{name}": repr(np.float32(limit).item())})
    arguments.out.write_bytes(bytes(model.save_raw("json")))
    return {"accepted": True, "labels": len(kept), "notes": notes, "model_sha256": datasets.digest(arguments.out)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("report")
    one.add_argument("--reference", type=Path, help="features of the time that the model was trained or taken into use")
    two = commands.add_parser("retrain")
    two.add_argument("--data", type=Path, required=True, help="folder of NAME.jsonl.gz and NAME.labels.csv.gz")
    two.add_argument("--indelible", type=Path, required=True, help="the indelible executable")
    two.add_argument("--out", type=Path, required=True, help="model file to write")
    for command in (one, two):
        command.add_argument("--verdicts", type=Path, required=True)
        command.add_argument("--labels", type=Path, required=True)
        command.add_argument("--features", type=Path, required=command is two)
    arguments = parser.parse_args()
    result = report(arguments) if arguments.command == "report" else retrained(arguments)
    print(json.dumps(result, indent=2))
    sys.exit(0 if result.get("accepted", True) else 1)


if __name__ == "__main__":
    main()
