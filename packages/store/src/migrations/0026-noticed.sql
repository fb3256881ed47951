-- What was noticed is listed with every result, and most cursors have nothing to tell.
create index pull_lane_noticed on pull_lane (tenant, connection, type) where noticed is not null;
