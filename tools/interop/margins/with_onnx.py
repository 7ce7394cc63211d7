"""Random tree ensembles in ONNX, of every operator and mode, scored by ONNX Runtime."""

import numpy as np
import onnxruntime
from onnx import TensorProto, helper

from .case import Case

MODES = ["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GTE", "BRANCH_GT", "BRANCH_EQ", "BRANCH_NEQ"]
MEMBER = 6


class Tree:
    """A binary tree of random shape, its splits and leaves numbered apart."""

    def __init__(self, random, leaf_count, width, modes):
        self.splits, self.leaf_count = [], leaf_count
        places = [None]  # Of each leaf: the split that it hangs from, and the side.
        for number in range(leaf_count - 1):
            leaf = int(random.integers(number + 1))
            if places[leaf]:
                split, side = places[leaf]
                self.splits[split][side] = number
            value = np.float32(random.integers(-8, 9) / 2 if random.random() < 0.5 else random.normal())
            self.splits.append(
                {
                    "feature": int(random.integers(width)),
                    "mode": int(random.choice(modes)),
                    "value": value,
                    "members": sorted({float(member) for member in random.integers(0, 9, 3)}),
                    "tracks": int(random.integers(2)),
                    True: ~leaf,
                    False: ~(number + 1),
                }
            )
            places[leaf] = (number, True)
            places.append((number, False))


def make(random, row_count):
    width, groups = int(random.integers(1, 8)), int(random.choice([1, 1, 3]))
    is_new = random.random() < 0.4
    mode_count = len(MODES) + is_new
    modes = list(range(mode_count)) if random.random() < 0.6 else [int(random.integers(mode_count))]
    trees = [Tree(random, int(random.integers(1, 30)), width, modes) for _ in range(int(random.integers(1, 20)))]
    aggregate = str(random.choice(["SUM", "SUM", "AVERAGE"]))
    build = _version5 if is_new else _classic
    node, label = build(random, trees, groups, aggregate)
    output = node.output[-1]
    graph = helper.make_graph(
        [node],
        "trees",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, width])],
        [helper.make_empty_tensor_value_info(name) for name in node.output],
    )
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("ai.onnx.ml", 5 if is_new else 3)]
    file = helper.make_model(graph, opset_imports=opsets, ir_version=10).SerializeToString()
    rows = _rows(random, trees, row_count, width)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    margins = session.run([output], {"x": rows})[0].reshape(row_count, -1)
    if "binary" in label:
        margins = margins[:, 1:]
    return Case(f"onnx {label} {aggregate}", file, rows, np.ascontiguousarray(margins), [])


def _weight(random):
    return float(np.float32(random.normal()))


def _classic(random, trees, groups, aggregate):
    kind = str(random.choice(["regressor", "classifier"]))
    nodes = {name: [] for name in ("treeids", "nodeids", "featureids", "values", "modes", "truenodeids", "falsenodeids")}
    # Two labels and one score: its number may be that of either label, but has a base only with the first.
    alone = int(random.integers(2)) if kind == "classifier" and groups == 1 else 0
    tracks, votes = [], {name: [] for name in ("treeids", "nodeids", "ids", "weights")}
    for index, tree in enumerate(trees):
        count = len(tree.splits)
        rows = []
        for number, split in enumerate(tree.splits):
            children = [child if child >= 0 else count + ~child for child in (split[True], split[False])]
            rows.append((index, number, split["feature"], float(split["value"]), MODES[split["mode"]], *children))
            tracks.append(split["tracks"])
        for leaf in range(tree.leaf_count):
            rows.append((index, count + leaf, 0, 0.0, "LEAF", 0, 0))
            tracks.append(0)
            # ONNX Runtime leaves the base out where no leaf votes for a group, so the first tree votes for all.
            is_full = index == 0 or random.random() < 0.3
            for group in range(groups) if is_full else [int(random.integers(groups))]:
                vote = (index, count + leaf, alone or group, _weight(random))
                for name, value in zip(votes, vote):
                    votes[name].append(value)
        for row in rows:
            for name, value in zip(nodes, row):
                nodes[name].append(value)
    base = [_weight(random) for _ in range(groups)] if not alone and random.random() < 0.5 else []
    attributes = {f"nodes_{name}": values for name, values in nodes.items()}
    attributes["nodes_missing_value_tracks_true"] = tracks
    prefix = "class" if kind == "classifier" else "target"
    attributes |= {f"{prefix}_{name}": values for name, values in votes.items()}
    if base:
        attributes["base_values"] = base
    if kind == "classifier":
        attributes["classlabels_int64s"] = list(range(max(2, groups)))
        node = helper.make_node(
            "TreeEnsembleClassifier", ["x"], ["label", "y"], domain="ai.onnx.ml", post_transform="NONE", **attributes
        )
        return node, "classifier" + (" binary" if groups == 1 else "")
    attributes |= {"n_targets": groups, "aggregate_function": aggregate}
    return helper.make_node(
        "TreeEnsembleRegressor", ["x"], ["y"], domain="ai.onnx.ml", post_transform="NONE", **attributes
    ), "regressor"


def _version5(random, trees, groups, aggregate):
    roots, features, splits, modes, tracks, members = [], [], [], [], [], []
    children = {True: ([], []), False: ([], [])}  # Positions, and whether they are leaves.
    targets, weights = [], []
    for tree in trees:
        first, first_leaf = len(features), len(targets)
        roots.append(first)
        for _ in range(tree.leaf_count):
            targets.append(int(random.integers(groups)))
            weights.append(_weight(random))
        alone = {"feature": 0, "mode": 0, "value": np.float32(0), "members": [], "tracks": 0, True: ~0, False: ~0}
        for split in tree.splits or [alone]:
            features.append(split["feature"])
            splits.append(float(split["value"]))
            modes.append(split["mode"])
            tracks.append(split["tracks"])
            if split["mode"] == MEMBER:
                members += [*split["members"], float("nan")]
            for side, (positions, leaves) in children.items():
                child = split[side]
                positions.append(first + child if child >= 0 else first_leaf + ~child)
                leaves.append(int(child < 0))
    attributes = {
        "tree_roots": roots,
        "nodes_featureids": features,
        "nodes_splits": helper.make_tensor("splits", TensorProto.FLOAT, [len(splits)], splits),
        "nodes_modes": helper.make_tensor("modes", TensorProto.UINT8, [len(modes)], modes),
        "nodes_truenodeids": children[True][0],
        "nodes_trueleafs": children[True][1],
        "nodes_falsenodeids": children[False][0],
        "nodes_falseleafs": children[False][1],
        "nodes_missing_value_tracks_true": tracks,
        "leaf_targetids": targets,
        "leaf_weights": helper.make_tensor("weights", TensorProto.FLOAT, [len(weights)], weights),
        "n_targets": groups,
        "aggregate_function": 1 if aggregate == "SUM" else 0,
        "post_transform": 0,
    }
    if members:
        attributes["membership_values"] = helper.make_tensor("members", TensorProto.FLOAT, [len(members)], members)
    return helper.make_node("TreeEnsemble", ["x"], ["y"], domain="ai.onnx.ml", **attributes), "ensemble5"


def _rows(random, trees, count, width):
    values = [split["value"] for tree in trees for split in tree.splits] or [np.float32(0)]
    rows = random.normal(0, 2, (count, width)).astype(np.float32)
    for row in rows:
        for feature in range(width):
            dice = random.random()
            value = random.choice(values)
            if dice < 0.1:
                row[feature] = np.nan
            elif dice < 0.5:
                row[feature] = random.choice([value, np.nextafter(value, np.float32(-9)), np.nextafter(value, np.float32(9))])
            elif dice < 0.7:
                row[feature] = random.integers(0, 9)
    return rows
