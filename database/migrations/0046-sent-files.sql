-- A file that is to be predicted is an artifact, which every worker reads; what makes two jobs the same is on record.

alter table prediction_jobs add column digest text, add column contract text;
comment on column prediction_jobs.digest is 'SHA-256 of the file that was sent; null in jobs of versions that kept it in a folder.';
comment on column prediction_jobs.contract is 'Identity of the contract that its rows are judged by; null as above.';

create index prediction_jobs_digest on prediction_jobs (digest);
