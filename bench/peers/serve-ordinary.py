"""FastAPI with scikit-learn as an ordinary engineer writes it: a pydantic model, a pipeline over a data frame, a session of SQLAlchemy.

Arguments: <address of the database>. Prints `ready <port> <versions>`.
"""

import sys
from datetime import datetime, timezone
from typing import Annotated, Literal

import pandas as pd
from fastapi import Depends, FastAPI, Header
from pydantic import BaseModel, ConfigDict, Field
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sqlalchemy import JSON, create_engine, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

from serve_peer import NEIGHBOURS, TRAINING, serve

database = create_engine(sys.argv[1].replace("postgres://", "postgresql+psycopg://"))
sessions = sessionmaker(database, expire_on_commit=False)


class Base(DeclarativeBase):
    pass


class Prediction(Base):
    __tablename__ = "bench_ordinary_predictions"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    source: Mapped[str]
    model_version: Mapped[int]
    features: Mapped[dict] = mapped_column(JSON)
    prediction: Mapped[str]
    probability: Mapped[float]


class Row(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    cabin: Literal["1st", "2nd", "3rd", "crew"] = Field(alias="class")
    sex: Literal["female", "male"]
    age: Annotated[float, Field(ge=0, le=100)] | None = None


def train():
    with database.connect() as connection:
        rows = pd.read_sql(text(TRAINING), connection)
    columns = ColumnTransformer(
        [
            ("categories", OneHotEncoder(), ["class", "sex"]),
            ("age", make_pipeline(SimpleImputer(), StandardScaler()), ["age"]),
        ]
    )
    return make_pipeline(columns, KNeighborsClassifier(NEIGHBOURS)).fit(rows[["class", "sex", "age"]], rows["survived"])


Base.metadata.create_all(database)
model = train()
app = FastAPI()


def session():
    with sessions() as opened:
        yield opened


@app.post("/api/predict")
def predict(
    body: Row | Annotated[list[Row], Field(min_length=1, max_length=10_000)],
    opened: Annotated[Session, Depends(session)],
    x_weir_source: Annotated[str, Header()] = "api",
):
    given = body if isinstance(body, list) else [body]
    rows = [row.model_dump(by_alias=True) for row in given]
    probabilities = model.predict_proba(pd.DataFrame(rows, columns=["class", "sex", "age"]).astype({"age": float}))
    at = datetime.now(timezone.utc)
    made = [
        Prediction(
            at=at,
            source=x_weir_source,
            model_version=1,
            features=row,
            prediction=str(model.classes_[each.argmax()]),
            probability=float(each.max()),
        )
        for row, each in zip(rows, probabilities)
    ]
    opened.add_all(made)
    opened.commit()
    return {
        "modelVersion": "bench@1",
        "predictions": [
            {
                "id": str(each.id),
                "at": each.at,
                "source": each.source,
                "features": each.features,
                "prediction": each.prediction,
                "probability": each.probability,
            }
            for each in made
        ],
    }


serve(app, ["scikit-learn", "pandas", "SQLAlchemy", "psycopg"])
