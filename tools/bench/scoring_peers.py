"""Rows per second of CPU time on one core: Indelible and its peers, each model and batch size in the same run."""

import argparse
import json
import pathlib
import shutil
import subprocess
import time

import lightgbm
import numpy as np
import onnxruntime
import xgboost

WIDTH = 64
ROW_COUNT = 16_384
BATCHES = [1, 64, 4096]
ROUND_SECONDS = 0.3
SHAPES = {
    "A": {"title": "500 trees x 31 leaves", "classes": 1, "rounds": 500},
    "B": {"title": "100 trees, depth 6, 10 classes", "classes": 10, "rounds": 10},
}
KERNELS = ["avx512", "avx2", "portable"]


def rows(random):
    values = random.normal(0, 1, (ROW_COUNT, WIDTH)).astype(np.float32)
    values[random.random(values.shape) < 0.02] = np.nan
    return values


def labels(random, values, classes):
    known = np.nan_to_num(values)
    signal = known @ random.normal(0, 1, WIDTH) + 3 * known[:, 0] * known[:, 1] + random.normal(0, 2, len(known))
    return np.argsort(np.argsort(signal)) * max(2, classes) // len(signal)


def train(folder, name):
    """Both libraries' models of one shape, and the rows; made once."""
    shape = SHAPES[name]
    paths = {kind: folder / f"{name}.{kind}" for kind in ("txt", "json", "onnx", "f32")}
    if all(path.exists() for path in paths.values()):
        return paths
    random = np.random.default_rng(7)
    values = rows(random)
    target = labels(random, values, shape["classes"])
    values.tofile(paths["f32"])
    several = {"num_class": shape["classes"]} if shape["classes"] > 1 else {}
    limits = {"num_leaves": 31} if name == "A" else {"num_leaves": 64, "max_depth": 6, "min_data_in_leaf": 5}
    parameters = {"objective": "multiclass" if several else "binary", "verbosity": -1, "learning_rate": 0.05, "seed": 1}
    parameters |= {"num_threads": 1, **limits, **several}
    lightgbm.train(parameters, lightgbm.Dataset(values, target), shape["rounds"]).save_model(paths["txt"])
    limits = {"grow_policy": "lossguide", "max_leaves": 31, "max_depth": 0} if name == "A" else {"max_depth": 6}
    parameters = {"objective": "multi:softprob" if several else "binary:logistic", "eta": 0.05, "nthread": 1}
    parameters |= {"min_child_weight": 0.1, **limits, **several}
    xgboost.train(parameters, xgboost.DMatrix(values, target), shape["rounds"]).save_model(paths["json"])
    _convert(paths["txt"], paths["onnx"])
    return paths


def _convert(source, target):
    from onnxmltools import convert_lightgbm
    from onnxmltools.convert.common.data_types import FloatTensorType

    booster = lightgbm.Booster(model_file=str(source))
    model = convert_lightgbm(booster, initial_types=[("x", FloatTensorType([None, WIDTH]))], zipmap=False)
    target.write_bytes(model.SerializeToString())


def ours(binary, model, paths, rounds, arguments):
    command = [binary, "model", "time", str(model), "--values", str(paths["f32"]), "--json", "--rounds", str(rounds)]
    done = subprocess.run(command + arguments, capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return {line["batch"]: line["rows_per_second"] for line in lines}, lines[0]


def native(program, engine, library, model, paths, shape, rounds):
    command = [program, engine, str(library), str(model), str(paths["f32"]), str(WIDTH), str(shape["classes"])]
    command += [str(rounds), *map(str, BATCHES)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return {int(batch): int(rate) for batch, rate in map(str.split, done.stdout.splitlines())}


def onnx(paths, rounds):
    """Through Python, whose calls take some microseconds: it counts for single rows only."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(paths["onnx"].read_bytes(), options, providers=["CPUExecutionProvider"])
    values = np.fromfile(paths["f32"], np.float32).reshape(-1, WIDTH)
    output = session.get_outputs()[-1].name
    rates = {}
    for batch in BATCHES:
        best = 0.0
        for _ in range(rounds):
            done, start = 0, time.process_time()
            while time.process_time() - start < ROUND_SECONDS:
                for _ in range(max(1, 1024 // batch)):
                    first = done % (len(values) - batch + 1)
                    session.run([output], {"x": values[first : first + batch]})
                    done += batch
            best = max(best, done / (time.process_time() - start))
        rates[batch] = int(best)
    return rates


def tl2cgen_library(paths, folder, name):
    library = folder / f"{name}.tl2cgen.so"
    if not library.exists():
        import tl2cgen
        import treelite

        model = treelite.frontend.load_lightgbm_model(paths["txt"])
        tl2cgen.export_lib(model, toolchain="gcc", libpath=str(library), params={"parallel_comp": 16}, nthread=1)
    return library


def lleaves_library(paths, folder, name):
    library, compiled = folder / f"{name}.lleaves.so", folder / f"{name}.lleaves.o"
    if not library.exists():
        import lleaves

        lleaves.Model(model_file=str(paths["txt"])).compile(cache=str(compiled))
        subprocess.run([shutil.which("clang") or "cc", "-shared", "-o", str(library), str(compiled), "-lm"], check=True)
    return library


def measure(options, name):
    shape, paths = SHAPES[name], train(options.models, name)
    binary = str(options.binaries / "indelible")
    results = {}
    results["Indelible"], facts = ours(binary, paths["txt"], paths, options.rounds, [])
    results["Indelible, XGBoost's model"], _ = ours(binary, paths["json"], paths, options.rounds, [])
    for kernel in KERNELS:
        try:
            arguments = ["--kernel", kernel, "--batch", "64", "--batch", "4096"]
            results[f"Indelible, {kernel}"], _ = ours(binary, paths["txt"], paths, options.rounds, arguments)
        except subprocess.CalledProcessError:
            print(f"  this machine has no {kernel}")
    peers = {
        "LightGBM": lambda: native(
            options.native, "lightgbm", _library(lightgbm, "lib_lightgbm.so"), paths["txt"], paths, shape, options.rounds
        ),
        "XGBoost": lambda: native(
            options.native, "xgboost", _library(xgboost, "libxgboost.so"), paths["json"], paths, shape, options.rounds
        ),
        "ONNX Runtime": lambda: onnx(paths, options.rounds),
        "tl2cgen": lambda: native(
            options.native, "tl2cgen", tl2cgen_library(paths, options.models, name), "-", paths, shape, options.rounds
        ),
        "lleaves": lambda: native(
            options.native, "lleaves", lleaves_library(paths, options.models, name), "-", paths, shape, options.rounds
        ),
    }
    for peer, run in peers.items():
        try:
            results[peer] = run()
        except Exception as error:  # A peer that cannot be built here says so; the others are measured all the same.
            print(f"  {peer} is not measured: {error}")
    return {"rates": results, "load_seconds": facts["load_seconds"], "resident_bytes": facts["resident_bytes"]}


def _library(module, name):
    return pathlib.Path(module.__file__).parent / "lib" / name


def show(name, result):
    print(f"\n{name}: {SHAPES[name]['title']}, {WIDTH} features; rows/s of CPU time, and ours to theirs")
    print(f"  {'':28}" + "".join(f"{batch:>12}" for batch in BATCHES))
    best = result["rates"]["Indelible"]
    for engine, rates in result["rates"].items():
        cells = "".join(f"{rates[batch]:>12,}" if batch in rates else f"{'':>12}" for batch in BATCHES)
        is_peer = not engine.startswith("Indelible")
        ratios = "  " + " ".join(f"{best[batch] / rates[batch]:.1f}" for batch in BATCHES) if is_peer else ""
        print(f"  {engine:28}{cells}{ratios}")
    before, after = result["resident_bytes"]
    print(f"  loaded in {result['load_seconds']:.3f} s of CPU; the process grew by {(after - before) / 1e6:.1f} MB")


def main():
    parser = argparse.ArgumentParser(prog="tools/bench/scoring", description=__doc__)
    parser.add_argument("--native", required=True)
    parser.add_argument("--models", type=pathlib.Path, required=True)
    parser.add_argument("--binaries", type=pathlib.Path, required=True, help="folder of the executables")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=sorted(SHAPES))
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args()
    report = {}
    for name in [options.only] if options.only else sorted(SHAPES):
        report[name] = measure(options, name)
        show(name, report[name])
    if options.json:
        options.json.write_text(json.dumps(report, indent=2) + "\n")


main()
