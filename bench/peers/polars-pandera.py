"""polars + pandera: everything read as text, typed columns beside it, one lazy validation, both parts written.

Does not do: notice ragged rows (it cuts or fills them) or broken quotes; say what it could not read.
"""

import pandera.polars as pa
import polars as pl

from contestant import CLASSES, COLUMNS, SEXES, compete

IS_TRUE = pa.Check.eq(True)
SCHEMA = pa.DataFrameSchema(
    {
        "id": pa.Column(str, nullable=False),
        "id_is_integer": pa.Column(bool, IS_TRUE),
        "id_is_first": pa.Column(bool, IS_TRUE),
        "age": pa.Column(str, nullable=False),
        "age_is_number": pa.Column(bool, IS_TRUE),
        "age_number": pa.Column(float, pa.Check.in_range(0, 120), nullable=True),
        "sex": pa.Column(str, pa.Check.isin(SEXES), nullable=False),
        "class": pa.Column(str, pa.Check.isin(CLASSES), nullable=True),
        "fare_is_number": pa.Column(bool, IS_TRUE),
        "fare_number": pa.Column(float, pa.Check.in_range(0, 1000), nullable=True),
        "ts_is_timestamp": pa.Column(bool, IS_TRUE),
    }
)


def work(file, folder):
    raw = pl.read_csv(file, infer_schema=False, truncate_ragged_lines=True, ignore_errors=True)
    frame = raw.with_columns(
        pl.col("age").cast(pl.Float64, strict=False).alias("age_number"),
        pl.col("fare").cast(pl.Float64, strict=False).alias("fare_number"),
        (pl.col("id").is_null() | pl.col("id").cast(pl.Int64, strict=False).is_not_null()).alias("id_is_integer"),
        (pl.col("id").is_null() | pl.col("id").is_first_distinct()).alias("id_is_first"),
        (pl.col("ts").is_null() | pl.col("ts").str.to_datetime(strict=False, format="%Y-%m-%dT%H:%M:%S").is_not_null()).alias("ts_is_timestamp"),
    ).with_columns(
        (pl.col("age").is_null() | pl.col("age_number").is_not_null()).alias("age_is_number"),
        (pl.col("fare").is_null() | pl.col("fare_number").is_not_null()).alias("fare_is_number"),
    )
    try:
        SCHEMA.validate(frame, lazy=True)
        good, bad = raw, raw.clear()
    except pa.errors.SchemaErrors as errors:
        failures = errors.failure_cases.with_columns(
            pl.concat_str("column", "check", separator=": ").alias("reason"), pl.col("index").cast(pl.UInt32)
        )
        violations = failures.group_by("index").agg(pl.col("reason").str.join("; ").alias("violations"))
        numbered = raw.with_row_index("index")
        bad = numbered.join(violations, on="index", how="inner").drop("index")
        good = numbered.join(violations, on="index", how="anti").drop("index")
    good.write_csv(f"{folder}/good.csv")
    bad.write_csv(f"{folder}/bad.csv")
    return good.height, bad.height, 0


compete(work, ["polars", "pandera"])
