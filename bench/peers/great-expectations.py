"""Great Expectations 1.x over pandas: twelve expectations, complete results with row indexes, both parts written.

Does not do: read files (pandas does, with its losses, see pandas-pandera.py) or split rows (done here from the indexes).
"""

import logging
import os
import warnings

os.environ["GX_ANALYTICS_ENABLED"] = "false"
os.environ["TQDM_DISABLE"] = "1"
warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)

import great_expectations as gx
import great_expectations.expectations as gxe
import pandas as pd
import pyarrow
import pyarrow.csv

from contestant import CLASSES, SEXES, compete

EXPECTATIONS = [
    gxe.ExpectColumnValuesToNotBeNull(column="id"),
    gxe.ExpectColumnValuesToBeInSet(column="id_is_integer", value_set=[True]),
    gxe.ExpectColumnValuesToBeUnique(column="id"),
    gxe.ExpectColumnValuesToNotBeNull(column="age"),
    gxe.ExpectColumnValuesToBeInSet(column="age_is_number", value_set=[True]),
    gxe.ExpectColumnValuesToBeBetween(column="age_number", min_value=0, max_value=120),
    gxe.ExpectColumnValuesToNotBeNull(column="sex"),
    gxe.ExpectColumnValuesToBeInSet(column="sex", value_set=SEXES),
    gxe.ExpectColumnValuesToBeInSet(column="class", value_set=CLASSES),
    gxe.ExpectColumnValuesToBeInSet(column="fare_is_number", value_set=[True]),
    gxe.ExpectColumnValuesToBeBetween(column="fare_number", min_value=0, max_value=1000),
    gxe.ExpectColumnValuesToBeInSet(column="ts_is_timestamp", value_set=[True]),
]
context = gx.get_context(mode="ephemeral")
context.variables.progress_bars = {"globally": False}
asset = context.data_sources.add_pandas("memory").add_dataframe_asset("people")
batch_definition = asset.add_batch_definition_whole_dataframe("whole")
suite = gx.ExpectationSuite(name="people", expectations=EXPECTATIONS)
RESULT_FORMAT = {"result_format": "COMPLETE", "unexpected_index_column_names": ["number"], "return_unexpected_index_query": False}


def work(file, folder):
    raw = pd.read_csv(file, dtype=str, keep_default_na=False, na_values=[""], on_bad_lines="skip")
    frame = raw.copy()
    frame["number"] = range(len(frame))
    for name, kind in (("id", "integer"), ("age", "number"), ("fare", "number")):
        frame[f"{name}_number"] = pd.to_numeric(raw[name], errors="coerce")
        frame[f"{name}_is_{kind}"] = raw[name].isna() | frame[f"{name}_number"].notna()
    frame["ts_is_timestamp"] = raw["ts"].isna() | pd.to_datetime(raw["ts"], format="ISO8601", errors="coerce").notna()
    result = batch_definition.get_batch({"dataframe": frame}).validate(suite, result_format=RESULT_FORMAT)
    reasons = {}
    for found in result.results:
        name = f'{found.expectation_config.kwargs["column"]}: {found.expectation_config.type}'
        for place in found.result.get("unexpected_index_list") or []:
            reasons.setdefault(place["number"], []).append(name)
    is_bad = raw.index.isin(reasons)
    bad = raw[is_bad].assign(violations=[ "; ".join(reasons[number]) for number in raw.index[is_bad]])
    write(raw[~is_bad], f"{folder}/good.csv")
    write(bad, f"{folder}/bad.csv")
    return len(raw) - len(bad), len(bad), 0


def write(frame, path):
    pyarrow.csv.write_csv(pyarrow.Table.from_pandas(frame, preserve_index=False), path)


compete(work, ["great_expectations", "pandas"])
