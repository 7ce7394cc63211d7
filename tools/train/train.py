#!/usr/bin/env python3
"""Trains the analyzer's model: the same records and the same versions make the same file, byte for byte.

Every figure in the card is of rows whose fold (splits.py) the judging model had not seen; evaluate.py adds to it.
"""

import argparse
import json
import tempfile
from pathlib import Path

import numpy as np
import xgboost

import datasets
import learning
import metrics
import splits

# Bounds of the ranges of raw margins for which the card compares odds with what was true.
CALIBRATION = [-8, -6, -4, -2, 0, 2, 4]


def judge(part: datasets.Dataset, margin: np.ndarray, thresholds: dict[str, float]) -> dict:
    """The figures of one source, of its rows that have a label."""
    used = part.malicious >= 0
    malicious, margin, fold = part.malicious[used], margin[used], part.fold[used]
    severities = {name: limit for name, limit in thresholds.items() if name in learning.FALSE_POSITIVE_RATES}
    share = lambda kind: {
        name: round(float(np.mean(margin[malicious == kind] >= limit)), 5) for name, limit in severities.items()
    }
    result = {
        "malicious": int((malicious == 1).sum()),
        "benign": int((malicious == 0).sum()),
        "false_positive_rate": share(0),
    }
    if (malicious == 1).any():
        ranked = metrics.rankings(malicious, margin, fold)
        samples = metrics.drawn(fold, part.group[used])
        draws = [metrics.figures(ranked, counts) for counts in samples if metrics.has_both(ranked, counts)]
        for i, name in enumerate(("average_precision", "recall_at_1_percent_false_positives")):
            result[name] = round(float(metrics.figures(ranked)[i]), 4)
            result[f"{name}_95"] = metrics.interval(np.array(draws)[:, i])
        result["recall"] = share(1)
    return result


def calibration(parts: list, margins: list[np.ndarray]) -> list[dict]:
    """How many of the rows of a range of margins were malicious, with the weights that the model was trained with."""
    margin, malicious, weight = [], [], []
    for part, values in zip(parts, margins):
        used = part.malicious >= 0
        margin.append(values[used])
        malicious.append(part.malicious[used])
        weight.append(learning.weights(part.malicious[used], part.scenario[used]))
    margin, malicious, weight = map(np.concatenate, (margin, malicious, weight))
    bounds = [-np.inf, *CALIBRATION, np.inf]
    rows = []
    for low, high in zip(bounds, bounds[1:]):
        mask = (margin >= low) & (margin < high)
        if mask.any():
            expected = 1 / (1 + np.exp(-margin[mask].astype(np.float64)))
            rows.append(
                {
                    "margin_below": None if high == np.inf else high,
                    "events": int(mask.sum()),
                    "expected": round(float(np.average(expected, weights=weight[mask])), 4),
                    "malicious": round(float(np.average(malicious[mask], weights=weight[mask])), 4),
                }
            )
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of NAME.jsonl.gz and NAME.labels.csv.gz")
    parser.add_argument("--indelible", type=Path, required=True, help="the indelible executable")
    parser.add_argument("--out", type=Path, required=True, help="model file to write; its card is written beside it")
    parser.add_argument("--margins", type=Path, help="file for the margins of unseen rows; taken, not made, when it is there")
    parser.add_argument("--sources", type=Path, default=Path(__file__).with_name("sources.json"))
    arguments = parser.parse_args()

    schema_hash, _ = datasets.schema(arguments.indelible)
    with tempfile.TemporaryDirectory() as scratch:
        parts = datasets.load_all(arguments.data, arguments.indelible, Path(scratch))
    if arguments.margins and arguments.margins.exists():
        stored = np.load(arguments.margins)
        held_out = [stored[part.name] for part in parts]
    else:
        held_out = learning.out_of_fold(parts)
    if arguments.margins:
        np.savez(arguments.margins, **{part.name: margin for part, margin in zip(parts, held_out)})
    thresholds = learning.thresholds(parts, held_out)

    model = learning.final(parts)
    model.set_attr(**{"indelible.name": arguments.out.stem, "indelible.schema": schema_hash})
    for name, limit in thresholds.items():
        model.set_attr(**{f"indelible.threshold.{name}": repr(np.float32(limit).item())})
    arguments.out.write_bytes(bytes(model.save_raw("json")))

    described = json.loads(arguments.sources.read_text())
    rates = learning.FALSE_POSITIVE_RATES
    card = {
        "name": arguments.out.stem,
        "model_sha256": datasets.digest(arguments.out),
        "schema_sha256": schema_hash,
        "schema_features": len(parts[0].names),
        "unused_features": sorted(datasets.UNUSED),
        "trees": model.num_boosted_rounds(),
        "library": f"xgboost {xgboost.__version__}",
        "parameters": {**learning.PARAMETERS, "rounds": learning.ROUNDS},
        "thresholds": {
            name: {"raw_margin": limit, **({"false_positive_rate": rates[name]} if name in rates else {})}
            for name, limit in thresholds.items()
        },
        "evaluation": {
            "method": f"{splits.FOLDS} folds by technique, scenario type, variant of injection and stretch of time",
            "sources": {part.name: judge(part, margin, thresholds) for part, margin in zip(parts, held_out)},
            "calibration": calibration(parts, held_out),
        },
        "data": [
            {"name": part.name, "records_sha256": part.records_sha256, **described["sources"][part.name]}
            for part in parts
        ],
        "limits": described["limits"],
    }
    card_path = arguments.out.with_name(f"{arguments.out.stem}.card.json")
    card_path.write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
