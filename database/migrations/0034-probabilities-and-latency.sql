-- What a model says of every class, and how long a prediction took. Owner: ml.

alter table predictions add column probabilities jsonb;
comment on column predictions.probabilities is 'The probability of each class, by its name; null for numbers, and for predictions made before this was stored.';
alter table predictions add column latency_ms double precision;
comment on column predictions.latency_ms is 'Milliseconds from when the request had arrived whole until its rows were predicted: their check, the wait for others that are stored together, and the model. Storing is not in it. Null for predictions made before this was stored.';
