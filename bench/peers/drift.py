"""Drift verdicts of others, at their defaults: drift.py evidently|nannyml|scipy <folder>; prints one line of JSON.

Evidently: the test that `DataDriftPreset` selects by itself for each column, by the function that it calls, because a report
takes seconds; what is timed is the report. NannyML: `UnivariateDriftCalculator`, fitted to the reference, with chunks of the
window's size; without two such chunks in the reference it has no threshold. SciPy: one two-sample test for each column, an
alarm when any p-value is below 0.05.
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

WHO, FOLDER = sys.argv[1:3]


def windows_of(case):
    m, n, columns = case["m"], case["n"], case["columns"]
    drawn = np.fromfile(f"{FOLDER}/{case['file']}").reshape(case["windows"], len(columns), m + n)
    for window in drawn:
        frames = []
        for rows in (window[:, :m], window[:, m:]):
            values = {
                f"x{at}": rows[at] if column["kind"] == "number" else np.char.add("c", rows[at].astype(int).astype(str))
                for at, column in enumerate(columns)
            }
            frames.append(pd.DataFrame(values))
        yield frames


def names_of(case, kind):
    return [f"x{at}" for at, column in enumerate(case["columns"]) if column["kind"] == kind]


class Evidently:
    packages = ["evidently", "pandas"]

    def __init__(self):
        from evidently import DataDefinition, Dataset, Report
        from evidently.legacy.calculations.stattests import get_stattest
        from evidently.legacy.core import ColumnType
        from evidently.presets import DataDriftPreset

        self.report, self.preset, self.dataset, self.definition = Report, DataDriftPreset, Dataset, DataDefinition
        self.test, self.types = get_stattest, {"number": ColumnType.Numerical, "category": ColumnType.Categorical}

    def judge(self, case, reference, current):
        results = []
        for at, column in enumerate(case["columns"]):
            kind, before, now = self.types[column["kind"]], reference[f"x{at}"], current[f"x{at}"]
            results.append(self.test(before, now, kind, None)(before, now, kind, None))
        is_distance = case["columns"][0]["kind"] == "number" and case["m"] <= 1000
        return any(result.drifted for result in results), {"ks": results[0].drift_score} if is_distance else {}

    def prepare(self, case, reference):
        definition = self.definition(
            numerical_columns=names_of(case, "number"), categorical_columns=names_of(case, "category")
        )
        before = self.dataset.from_pandas(reference, data_definition=definition)
        return lambda current: self.report([self.preset()]).run(
            self.dataset.from_pandas(current, data_definition=definition), before
        ).dict()


class NannyML:
    packages = ["nannyml", "pandas"]

    def __init__(self):
        import nannyml

        self.calculator = nannyml.UnivariateDriftCalculator

    def fitted(self, case, reference):
        return self.calculator(column_names=list(reference.columns), chunk_size=case["n"]).fit(reference)

    def judge(self, case, reference, current):
        if case["m"] < 2 * case["n"]:
            return None, {}
        result = self.fitted(case, reference).calculate(current).filter(period="analysis").to_df()
        return bool(result.xs("alert", axis=1, level=2).to_numpy(dtype=bool).any()), {}

    def prepare(self, case, reference):
        calculator = self.fitted(case, reference)
        return lambda current: calculator.calculate(current)


class SciPy:
    packages = ["scipy", "numpy"]

    def __init__(self):
        from scipy import stats

        self.stats = stats

    def p_values(self, case, reference, current):
        found = []
        for at, column in enumerate(case["columns"]):
            before, now = reference[f"x{at}"].to_numpy(), current[f"x{at}"].to_numpy()
            if column["kind"] == "number":
                found.append(self.stats.ks_2samp(before, now, method="exact").pvalue)
            else:
                names = np.unique(np.concatenate([before, now]))
                counts = [[np.count_nonzero(side == name) for name in names] for side in (before, now)]
                found.append(self.stats.chi2_contingency(counts, correction=False).pvalue)
        return found

    def judge(self, case, reference, current):
        found = self.p_values(case, reference, current)
        return min(found) < 0.05, self.compared(case, reference["x0"], current["x0"], found[0])

    def compared(self, case, before, now, found):
        if case["columns"][0]["kind"] == "number":
            return {"ks": float(found)}
        shares = [[int((side == "c0").sum()), int((side != "c0").sum())] for side in (before, now)]
        return {"chi2": float(found), "fisher": float(self.stats.fisher_exact(shares).pvalue)}

    def prepare(self, case, reference):
        return lambda current: self.p_values(case, reference, current)


def measured(who, case):
    judged, p_values, first = [], [], None
    for reference, current in windows_of(case):
        first = first or (reference, current)
        is_drifted, found = who.judge(case, reference, current)
        judged.append(is_drifted)
        p_values.append(found)
    answer = {"alarms": None if None in judged else sum(map(bool, judged))}
    if case["isCompared"]:
        answer["pValues"] = {test: [found[test] for found in p_values] for test in p_values[0]}
    if case["repetitions"] > 0:
        answer["seconds"], answer["processorSeconds"] = timed(who, case, first)
    return answer


def timed(who, case, first):
    reference, current = first
    judge = who.prepare(case, reference)
    seconds, processor = [], []
    for _ in range(case["repetitions"]):
        start, used = time.perf_counter(), time.process_time()
        judge(current)
        seconds.append(time.perf_counter() - start)
        processor.append(time.process_time() - used)
    return seconds, processor


def main():
    who = {"evidently": Evidently, "nannyml": NannyML, "scipy": SciPy}[WHO]()
    with open(f"{FOLDER}/cases.json") as file:
        answers = [measured(who, case) for case in json.load(file)]
    print(json.dumps({"versions": {name: version(name) for name in who.packages}, "cases": answers}))


main()
