-- What a challenger would have predicted for the rows of a judged window. Owner: monitor.

alter table drift_windows
  add column challenger_version integer,
  add column challenger_rows integer,
  add column challenger_difference double precision;
comment on column drift_windows.challenger_version is 'The challenger when the window was judged; null without one, for the challenger''s own windows, and for arriving data.';
comment on column drift_windows.challenger_rows is 'How many predictions of the window it made again.';
comment on column drift_windows.challenger_difference is 'Share of them with another class, 0 to 1; of numbers the mean absolute difference, in the unit of the label.';
