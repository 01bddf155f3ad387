-- The orders of predictions by time, ascending: a new row comes last, where an index grows without looking for its place
-- and without leaving half of each page empty. The newest first are read backwards. Over many millions of rows this takes
-- some minutes once, in which nothing is predicted. Owner: ml.
drop index predictions_by_time;
drop index predictions_by_source;
drop index predictions_by_model;
create index predictions_by_time on predictions (at, id);
create index predictions_by_source on predictions (source, at, id);
create index predictions_by_model on predictions (model, model_version, at, id);
