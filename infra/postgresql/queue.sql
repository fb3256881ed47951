-- Only where PostgreSQL is the queue too (QUEUE_URL=postgres://…): BullMQ keeps tables of its own and migrates them when a
-- service starts, so the working role needs a schema of its own for that. Run by a superuser, in the database loopwell.
\set ON_ERROR_STOP on
create schema bullmq authorization loopwell_app;
grant create on database loopwell to loopwell_app;
