#!/usr/bin/env python3
"""Trains the analyzer's model: the same records and the same versions make the same file, byte for byte.

Rows are split by group (technique, stretch of background, part of a list of prompts), never at random, and every figure
in the card is of rows whose group the judging model had not seen.
"""

import argparse
import hashlib
import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import xgboost

import datasets
import metrics

FOLDS = 5
ROUNDS = 150
BENIGN_ROWS_MAX = 8000
PARAMETERS = {
    "objective": "binary:logistic",
    "base_score": 0.5,  # Its margin is exactly 0: no logarithm of another machine in the sum.
    "tree_method": "hist",
    "grow_policy": "lossguide",
    "max_leaves": 31,
    "max_depth": 8,
    "learning_rate": 0.07,
    "min_child_weight": 2.0,
    "colsample_bytree": 0.5,
    "subsample": 0.8,
    "reg_lambda": 2.0,
    "seed": 1,
    "nthread": 1,  # Sums of several threads have no fixed order.
}
# Share of benign events, each source counting the same, that reach a severity.
FALSE_POSITIVE_RATES = {"low": 0.02, "medium": 0.005, "high": 0.001, "critical": 0.0002}
# Weight of a source's benign and malicious rows.
BENIGN_WEIGHT, MALICIOUS_WEIGHT = 1000.0, 300.0


def fold_of(group: str) -> int:
    """A fold for a group, by its name alone."""
    return int(hashlib.sha256(group.encode()).hexdigest(), 16) % FOLDS


def weights(malicious: np.ndarray) -> np.ndarray:
    counts = {label: max(1, int(np.sum(malicious == label))) for label in (0, 1)}
    return np.where(malicious == 1, MALICIOUS_WEIGHT / counts[1], BENIGN_WEIGHT / counts[0])


def thinned(part, mask: np.ndarray) -> np.ndarray:
    """The rows of a mask, its benign ones evenly thinned to what a source may contribute."""
    benign = np.flatnonzero(mask & (part.malicious == 0))
    step = -(-len(benign) // BENIGN_ROWS_MAX)
    kept = mask & (part.malicious == 1)
    kept[benign[:: max(1, step)]] = True
    return kept


def fit(parts: list, names: list[str], keep: list[np.ndarray]) -> xgboost.Booster:
    keep = [thinned(part, mask) for part, mask in zip(parts, keep)]
    rows = np.concatenate([part.features[mask] for part, mask in zip(parts, keep)])
    labels = np.concatenate([part.malicious[mask] for part, mask in zip(parts, keep)])
    weight = np.concatenate([weights(part.malicious[mask]) for part, mask in zip(parts, keep)])
    data = xgboost.DMatrix(rows, label=labels, weight=weight, feature_names=names)
    return xgboost.train(PARAMETERS, data, num_boost_round=ROUNDS)


def margins(model: xgboost.Booster, rows: np.ndarray, names: list[str]) -> np.ndarray:
    return model.predict(xgboost.DMatrix(rows, feature_names=names), output_margin=True)


def out_of_fold(parts: list, names: list[str]) -> list[np.ndarray]:
    """For each source, every row's margin by the model that was trained without its group's fold."""
    folds = [np.array([fold_of(group) for group in part.group]) for part in parts]
    results = [np.zeros(len(part.features), dtype=np.float32) for part in parts]
    for fold in range(FOLDS):
        keep = [(part.malicious >= 0) & (rows != fold) for part, rows in zip(parts, folds)]
        model = fit(parts, names, keep)
        for result, part, rows in zip(results, parts, folds):
            held = rows == fold
            if held.any():
                result[held] = margins(model, part.features[held], names)
        print(f"fold {fold + 1} of {FOLDS}", flush=True)
    return results


def judge(part, margin: np.ndarray, thresholds: dict[str, float]) -> dict:
    """The figures of one source, of its rows that have a label."""
    used = part.malicious >= 0
    malicious, margin, group = part.malicious[used], margin[used], part.group[used]
    result = {
        "malicious": int(malicious.sum()),
        "benign": int((malicious == 0).sum()),
        "false_positive_rate": {
            name: round(float(np.mean(margin[malicious == 0] >= limit)), 5) for name, limit in thresholds.items()
        },
    }
    if malicious.sum() > 0:
        recall = lambda labels, values: metrics.recall_at_false_positive_rate(labels, values, 0.01)
        result["average_precision"] = round(metrics.average_precision(malicious, margin), 3)
        result["average_precision_95"] = metrics.interval(malicious, margin, group, metrics.average_precision)
        result["recall_at_1_percent_false_positives"] = round(recall(malicious, margin), 3)
        result["recall_at_1_percent_false_positives_95"] = metrics.interval(malicious, margin, group, recall)
        result["recall"] = {
            name: round(float(np.mean(margin[malicious == 1] >= limit)), 3) for name, limit in thresholds.items()
        }
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of NAME.jsonl.gz and NAME.labels.csv.gz")
    parser.add_argument("--indelible", type=Path, required=True, help="the indelible executable")
    parser.add_argument("--out", type=Path, required=True, help="model file to write; its card is written beside it")
    parser.add_argument("--sources", type=Path, default=Path(__file__).with_name("sources.json"))
    arguments = parser.parse_args()

    schema = subprocess.run(
        [str(arguments.indelible), "features", "--schema"], check=True, capture_output=True
    ).stdout
    schema_hash = hashlib.sha256(schema).hexdigest()
    with tempfile.TemporaryDirectory() as scratch:
        parts = [
            datasets.load(name, arguments.data, arguments.indelible, Path(scratch))
            for name in [*datasets.SOURCES, datasets.SIMULATED]
        ]
    names = parts[0].names

    held_out = out_of_fold(parts, names)
    benign = [margin[part.malicious == 0] for part, margin in zip(parts, held_out)]
    thresholds = {
        name: float(np.float32(metrics.threshold_at(benign, rate))) for name, rate in FALSE_POSITIVE_RATES.items()
    }

    model = fit(parts, names, [part.malicious >= 0 for part in parts])
    model.set_attr(**{"indelible.name": arguments.out.stem, "indelible.schema": schema_hash})
    for name, limit in thresholds.items():
        model.set_attr(**{f"indelible.threshold.{name}": repr(np.float32(limit).item())})
    arguments.out.write_bytes(bytes(model.save_raw("json")))

    card = {
        "name": arguments.out.stem,
        "model_sha256": hashlib.sha256(arguments.out.read_bytes()).hexdigest(),
        "schema_sha256": schema_hash,
        "schema_features": len(names),
        "library": f"xgboost {xgboost.__version__}",
        "parameters": {**PARAMETERS, "rounds": ROUNDS},
        "thresholds": {
            name: {"raw_margin": limit, "false_positive_rate": FALSE_POSITIVE_RATES[name]}
            for name, limit in thresholds.items()
        },
        "evaluation": {
            "method": f"{FOLDS} folds by group: technique, minute or hour of background, part of a list of prompts",
            "unused_features": sorted(datasets.UNUSED),
            "sources": {part.name: judge(part, margin, thresholds) for part, margin in zip(parts, held_out)},
        },
        "data": [
            {"name": part.name, "records_sha256": part.records_sha256, **source}
            for part, source in zip(parts, sources_of(arguments.sources, parts))
        ],
        "limits": json.loads(arguments.sources.read_text())["limits"],
    }
    card_path = arguments.out.with_name(f"{arguments.out.stem}.card.json")
    card_path.write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n")


def sources_of(path: Path, parts: list) -> list[dict]:
    described = json.loads(path.read_text())["sources"]
    return [described[part.name] for part in parts]


if __name__ == "__main__":
    main()
