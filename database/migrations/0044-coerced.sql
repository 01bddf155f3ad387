-- What was changed of rows before they were predicted, as the columns of the contract allow.

alter table predictions add column coerced jsonb;
comment on column predictions.coerced is 'By column, the changes of its field; null where nothing was changed, or where a file was checked before.';

alter table prediction_jobs add column coerced jsonb;
comment on column prediction_jobs.coerced is 'How many cells of the file were changed, by column and change; null where none was.';
