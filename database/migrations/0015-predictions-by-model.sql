-- Predictions of one model version are found without reading those of all others. Owner: ml.

create index predictions_by_model on predictions (model, model_version, at desc, id desc);
