"""ydata-profiling, minimal: reads a CSV or Parquet file with pandas and describes it; no page is rendered, as ours renders none here."""

import os
import warnings

os.environ["YDATA_PROFILING_NO_ANALYTICS"] = "True"
warnings.filterwarnings("ignore")

import pandas as pd
from ydata_profiling import ProfileReport

from contestant import compete


def work(file, folder):
    if file.endswith(".parquet"):
        return describe(pd.read_parquet(file))
    frame = pd.read_csv(file, on_bad_lines="skip", parse_dates=["ts"], date_format="ISO8601", low_memory=False)
    for name in ("age", "fare"):
        frame[name] = pd.to_numeric(frame[name], errors="coerce")
    describe(frame)


def describe(frame):
    ProfileReport(frame, minimal=True, progress_bar=False).get_description()


compete(work, ["ydata-profiling", "pandas"])
