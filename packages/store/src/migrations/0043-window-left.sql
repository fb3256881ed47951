-- Rows of the window that were left behind its beginning, by the EHR's own count: a pull that goes on after a kill has to find as many.
alter table pull_lane add column window_left integer;
