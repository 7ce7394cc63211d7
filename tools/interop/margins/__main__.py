"""Makes random models, scores rows with the library and with Indelible, and compares raw margins bit by bit."""

import argparse
import collections
import csv
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

from . import with_lightgbm, with_onnx, with_xgboost

MAKERS = {"xgboost": with_xgboost.make, "lightgbm": with_lightgbm.make, "onnx": with_onnx.make}
SHOWN_MAX = 5
# Contributions are sums of many numbers, in the libraries' case of binary32, so they are not compared bit by bit.
CONTRIBUTION_ERROR_MAX = 1e-5


def write_rows(path, case, random):
    """The rows as CSV, in every form that means the same: with names and in another order, or without."""
    order = list(range(case.rows.shape[1]))
    with open(path, "w", newline="") as file:
        writer = csv.writer(file, lineterminator=str(random.choice(["\n", "\r\n"])))
        if case.names:
            random.shuffle(order)
            writer.writerow([case.names[feature] for feature in order])
        for row in case.rows:
            # Of a float32 both its own digits and those of the double that it is.
            show = str if random.random() < 0.5 else lambda value: repr(float(value))
            missing = str(random.choice(["", "nan"]))
            writer.writerow([missing if np.isnan(row[feature]) else show(row[feature]) for feature in order])


def bits(value):
    return f"{int(value.view(np.uint32 if value.dtype == np.float32 else np.uint64)):0{value.dtype.itemsize * 2}x}"


def compare(case, executable, directory, random):
    """Differences as text; none when all is equal."""
    model, rows = directory / "model", directory / "rows.csv"
    model.write_bytes(case.file)
    write_rows(rows, case, random)
    command = [executable, "model", "score", str(model), "--rows", str(rows), "--json"]
    # Where the second derivatives vanish, the libraries divide by zero.
    is_explained = case.contributions is not None and np.isfinite(case.contributions).all()
    if is_explained:
        command += ["--explain", "shap"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return [f"exit code {done.returncode}: {done.stderr.strip()}"]
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    if [line["row"] for line in lines] != list(range(len(case.rows))):
        return [f"{len(lines)} lines for {len(case.rows)} rows"]
    differences = []
    key = "margin_bits" if case.margins.dtype == np.float32 else "margin_bits64"
    for line, row, margins in zip(lines, case.rows, case.margins):
        expected = [bits(margin) for margin in margins]
        decimals = [bits(case.margins.dtype.type(margin)) for margin in line["margins"]]
        if line[key] != expected or decimals != expected:
            differences.append(f"row {line['row']} {row.tolist()}: expected {expected}, found {line[key]}")
    if is_explained and not differences:
        expected = case.contributions.reshape(len(lines), -1)
        found = np.array([np.concatenate(line["contributions"]) for line in lines])
        errors = np.abs(found - expected) / np.maximum(1, np.abs(expected).max(axis=1, keepdims=True))
        for row in np.flatnonzero(errors.max(axis=1) > CONTRIBUTION_ERROR_MAX):
            differences.append(f"row {row} is explained differently by {errors[row].max()}")
    return differences


def main():
    parser = argparse.ArgumentParser(prog="compare-margins", description=__doc__)
    parser.add_argument("--indelible", required=True, help="the executable")
    parser.add_argument("--models", type=int, default=300, help="how many models to train")
    parser.add_argument("--rows", type=int, default=64, help="rows scored with each")
    parser.add_argument("--seed", type=int, default=1, help="the first model's; each further one takes the next")
    parser.add_argument("--library", choices=sorted(MAKERS), help="only this one; by default they take turns")
    parser.add_argument("--keep", type=pathlib.Path, help="folder for the models and rows that differ")
    options = parser.parse_args()
    makers = [MAKERS[options.library]] if options.library else [MAKERS[name] for name in sorted(MAKERS)]
    kinds, combinations, failures = collections.Counter(), 0, []
    for seed in range(options.seed, options.seed + options.models):
        random = np.random.default_rng(seed)
        case = makers[seed % len(makers)](random, options.rows)
        with tempfile.TemporaryDirectory() as name:
            directory = pathlib.Path(name)
            differences = compare(case, options.indelible, directory, random)
            if differences and options.keep:
                kept = options.keep / str(seed)
                kept.mkdir(parents=True, exist_ok=True)
                for file in directory.iterdir():
                    (kept / file.name).write_bytes(file.read_bytes())
        kinds.update(set(case.label.split()) | ({"explained"} if case.contributions is not None else set()))
        combinations += len(case.rows)
        if differences:
            failures.append({"seed": seed, "model": case.label, "count": len(differences), "first": differences[0]})
    report = {
        "equal": not failures,
        "models": options.models,
        "combinations": combinations,
        "kinds": dict(sorted(kinds.items())),
        "failure_count": len(failures),
        "failures": failures[:SHOWN_MAX],
    }
    print(json.dumps(report, indent=2))
    sys.exit(1 if failures else 0)


main()
