"""polars alone: the twelve expectations as expressions, both parts written. The fastest way in Python that we know.

Does not do: notice ragged rows (it cuts or fills them) or broken quotes; say what it could not read; describe or report
anything: the contract is the code below.

The form of a file is the end of its name, as in forms.ts, with the settings that read it. Where numbers have a comma, it is
replaced before they are read: `decimal_comma` is for columns whose every cell is a number.
"""

import sys

import polars as pl

from contestant import CLASSES, SEXES, compete

FORM = sys.argv[2].rsplit("-form-", 1)[1].removesuffix(".csv") if "-form-" in sys.argv[2] else "default"
SETTINGS = {
    "default": {},
    "bar": {"separator": "|"},
    "comma": {"separator": ";"},
    "latin": {"encoding": "cp1252"},
    "trailing": {"columns": range(7)},
}[FORM]
IS_COMMA = FORM == "comma"


def number(name):
    text = pl.col(name).str.replace(",", ".", literal=True) if IS_COMMA else pl.col(name)
    return text.cast(pl.Float64, strict=False)


ID = pl.col("id").cast(pl.Int64, strict=False)
AGE, FARE = number("age"), number("fare")
TS = pl.col("ts").str.to_datetime(strict=False, format="%d.%m.%Y %H:%M:%S" if IS_COMMA else "%Y-%m-%dT%H:%M:%S")
EXPECTATIONS = {
    "id: not null": pl.col("id").is_null(),
    "id: integer": pl.col("id").is_not_null() & ID.is_null(),
    "id: unique": pl.col("id").is_not_null() & ~pl.col("id").is_first_distinct(),
    "age: not null": pl.col("age").is_null(),
    "age: number": pl.col("age").is_not_null() & AGE.is_null(),
    "age: in range": ~AGE.is_between(0, 120),
    "sex: not null": pl.col("sex").is_null(),
    "sex: in set": ~pl.col("sex").is_in(SEXES),
    "class: in set": ~pl.col("class").is_in(CLASSES),
    "fare: number": pl.col("fare").is_not_null() & FARE.is_null(),
    "fare: in range": ~FARE.is_between(0, 1000),
    "ts: timestamp": pl.col("ts").is_not_null() & TS.is_null(),
}


def work(file, folder):
    raw = pl.read_csv(file, infer_schema=False, truncate_ragged_lines=True, ignore_errors=True, **SETTINGS)
    flags = raw.select(violated.fill_null(False).alias(name) for name, violated in EXPECTATIONS.items())
    is_bad = flags.select(pl.any_horizontal(pl.all())).to_series()
    reasons = flags.filter(is_bad).select(
        pl.concat_str(*(pl.when(pl.col(name)).then(pl.lit(name)) for name in EXPECTATIONS), separator="; ", ignore_nulls=True).alias("violations")
    )
    good, bad = raw.filter(~is_bad), raw.filter(is_bad).hstack(reasons)
    if IS_COMMA:
        good = good.with_columns(AGE, FARE, TS)
    good.write_csv(f"{folder}/good.csv")
    bad.write_csv(f"{folder}/bad.csv")
    return good.height, bad.height, 0


compete(work, ["polars"])
