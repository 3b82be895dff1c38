"""Boosted trees beside LightGBM and XGBoost: the same rows, one thread each, CPU seconds and area under the curve.

Makes a virtual environment, installs the peers from PyPI into it, writes the rows as CSV for the hindsight binary and
fits all four. See README.md in this folder.
"""

import argparse
import json
import os
import pathlib
import resource
import subprocess
import sys
import venv

PACKAGES = ["lightgbm", "xgboost-cpu", "numpy", "scikit-learn"]
TREES, RATE, LEAVES, DEPTH = 100, 0.1, 31, 6
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS")


def parse():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hindsight", default="target/release/hindsight", help="the binary to measure")
    parser.add_argument("--work", default="target/peers", help="folder for the environment and the CSVs")
    parser.add_argument("--rows", type=int, default=316_767, help="training rows")
    parser.add_argument("--features", type=int, default=60)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--train", help="read this CSV or TSV instead of generating; label first, no header")
    parser.add_argument("--test", help="goes with --train")
    return parser.parse_args()


def inside_environment(work):
    """Starts this script again inside its own environment, which is made when there is none."""
    home = pathlib.Path(work) / "venv"
    python = home / "bin" / "python"
    if pathlib.Path(sys.prefix).resolve() == home.resolve():
        return
    if not python.exists():
        venv.create(home, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PACKAGES], check=True)
    # Threads are counted when the libraries load, so they are set before they are.
    environment = {**os.environ, **{name: "1" for name in THREADS}}
    sys.exit(subprocess.run([python, *sys.argv], env=environment).returncode)


def generated(rows, features, seed):
    """Ten features that tell (steps, interactions, waves), the rest noise; 2 % of values absent. The labels are
    drawn, so that even the true probabilities reach an area of only about .75."""
    import numpy as np

    dice = np.random.default_rng(seed)
    x = dice.standard_normal((rows, features)).astype(np.float32)
    log_odds = (
        0.6 * x[:, 0]
        - 0.5 * x[:, 1]
        + 0.6 * x[:, 2] * x[:, 3]
        + 0.5 * np.abs(x[:, 4])
        - 0.4 * (x[:, 5] > 0.5) * x[:, 6]
        + 0.35 * np.sin(2 * x[:, 7])
        + 0.3 * x[:, 8] ** 2 * (x[:, 9] > 0)
        - 0.5
    )
    y = (dice.random(rows) < 1 / (1 + np.exp(-log_odds))).astype(np.int8)
    x[dice.random((rows, features)) < 0.02] = np.nan
    return x, y


def read(path):
    import numpy as np

    table = np.genfromtxt(path, delimiter="\t" if "," not in open(path).readline() else ",", dtype=np.float32)
    return table[:, 1:], table[:, 0]


def write(path, x, y):
    with open(path, "w") as file:
        for label, row in zip(y, x):
            values = ",".join("" if value != value else f"{value:.9g}" for value in row)
            file.write(f"{label:.0f},{values}\n")


def cpu(who=resource.RUSAGE_SELF):
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def scored(name, seconds, probabilities, labels):
    from sklearn.metrics import log_loss, roc_auc_score

    figures = {"logloss": log_loss(labels, probabilities), "auc": roc_auc_score(labels, probabilities)}
    return {"name": name, "cpu_seconds": seconds, **figures}


def lightgbm_peer(train, test):
    import lightgbm

    spec = {"objective": "binary", "num_threads": 1, "verbose": -1, "deterministic": True, "force_row_wise": True}
    spec |= {"learning_rate": RATE, "num_leaves": LEAVES}
    began = cpu()
    model = lightgbm.train(spec, lightgbm.Dataset(train[0], train[1]), TREES)
    seconds = cpu() - began
    return scored("lightgbm", seconds, model.predict(test[0], num_threads=1), test[1])


def xgboost_peer(train, test):
    import xgboost

    spec = {"objective": "binary:logistic", "eta": RATE, "max_depth": DEPTH, "tree_method": "hist", "nthread": 1}
    began = cpu()
    model = xgboost.train(spec, xgboost.DMatrix(train[0], train[1], nthread=1), TREES)
    seconds = cpu() - began
    return scored("xgboost", seconds, model.predict(xgboost.DMatrix(test[0], nthread=1)), test[1])


def ours(hindsight, model, train, test):
    command = [hindsight, "models", "bench", "boost", "--train", train, "--test", test, "--label", "0"]
    command += ["--model", model, "--json"]
    said = subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True)
    figures = json.loads(said.stdout)
    # The command counts the CPU of the fit; reading the files is the price of a text format on either side.
    return {"name": model, **{key: figures[key] for key in ("cpu_seconds", "logloss", "auc")}}


def main():
    asked = parse()
    work = pathlib.Path(asked.work)
    work.mkdir(parents=True, exist_ok=True)
    inside_environment(work)
    if asked.train:
        train, test = read(asked.train), read(asked.test)
    else:
        held_back = max(asked.rows // 6, 1_000)
        x, y = generated(asked.rows + held_back, asked.features, asked.seed)
        train, test = (x[: asked.rows], y[: asked.rows]), (x[asked.rows :], y[asked.rows :])
    paths = [work / "train.csv", work / "test.csv"]
    for path, part in zip(paths, (train, test)):
        write(path, *part)
    print(f"{len(train[1])} x {train[0].shape[1]} rows, {len(test[1])} held back, one thread each")
    print(f"{'':10} {'peer s':>8} {'ours s':>8} {'ratio':>6} {'peer auc':>9} {'ours auc':>9} {'peer ll':>8} {'ours ll':>8}")
    for peer_of in (xgboost_peer, lightgbm_peer):
        peer = peer_of(train, test)
        own = ours(asked.hindsight, peer["name"], *paths)
        ratio = own["cpu_seconds"] / peer["cpu_seconds"]
        print(
            f"{peer['name']:10} {peer['cpu_seconds']:8.2f} {own['cpu_seconds']:8.2f} {ratio:6.2f} "
            f"{peer['auc']:9.5f} {own['auc']:9.5f} {peer['logloss']:8.5f} {own['logloss']:8.5f}"
        )


if __name__ == "__main__":
    main()
