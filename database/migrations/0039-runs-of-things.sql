-- The run behind a model version and behind an alert, so that its log is one step away.

alter table model_versions add column run_id bigint;
comment on column model_versions.run_id is 'The run that trained and registered it; null for versions of earlier releases. The run may be forgotten since.';

alter table alerts add column run_id bigint;
comment on column alerts.run_id is 'The run that it is about: that checked the file, that failed, or the last one of a pipeline that is late; null when it is about none.';
