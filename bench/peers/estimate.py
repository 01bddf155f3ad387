"""Estimated accuracy by NannyML's CBPE: estimate.py <folder> <windows>; prints one line of JSON.

Both files hold doubles: probabilities of the second class, then labels. What is timed is fit and estimate; the frames are
in memory before, and the labels of what is estimated are not read.
"""

import json
import os
import sys
import time
import warnings
from importlib.metadata import version

os.environ["DO_NOT_TRACK"] = "1"
os.environ["NML_DISABLE_USAGE_LOGGING"] = "1"
warnings.simplefilter("ignore")

import numpy as np
import pandas as pd
from nannyml import CBPE

FOLDER, WINDOWS = sys.argv[1], int(sys.argv[2])


def frame_of(name):
    scores, labels = np.fromfile(f"{FOLDER}/{name}.bin").reshape(2, -1)
    return pd.DataFrame({"p": scores, "predicted": (scores > 0.5).astype(int), "y": labels.astype(int)})


reference, analysis = frame_of("reference"), frame_of("analysis").drop(columns="y")
processor, start = time.process_time(), time.perf_counter()
estimator = CBPE(
    problem_type="classification_binary",
    y_pred_proba="p",
    y_pred="predicted",
    y_true="y",
    metrics=["accuracy"],
    chunk_number=WINDOWS,
)
estimator.fit(reference)
estimated = estimator.estimate(analysis)
seconds, spent = time.perf_counter() - start, time.process_time() - processor
frame = estimated.filter(period="analysis").to_df()
print(
    json.dumps(
        {
            "version": version("nannyml"),
            "versions": {"nannyml": version("nannyml"), "pandas": version("pandas")},
            "estimates": [float(value) for value in frame["accuracy"]["value"]],
            "seconds": seconds,
            "processorSeconds": spent,
        }
    )
)
