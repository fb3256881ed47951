-- Two roles: one owns the schema and migrates, the other works and can change no table. Run once by a superuser:
-- All tenants of a database share the two: each process names its tenant in each statement (DECISIONS D137).
--   psql -v owner_password="$OWNER" -v app_password="$APP" -f roles.sql
\set ON_ERROR_STOP on
create role loopwell_owner login password :'owner_password';
create role loopwell_app login password :'app_password';
create database loopwell owner loopwell_owner;
revoke all on database loopwell from public;
grant connect on database loopwell to loopwell_owner, loopwell_app;

\connect loopwell
revoke all on schema public from public;
create schema loopwell authorization loopwell_owner;
grant usage on schema loopwell to loopwell_app;
alter default privileges for role loopwell_owner in schema loopwell grant select, insert, update, delete on tables to loopwell_app;
alter default privileges for role loopwell_owner in schema loopwell grant usage, select on sequences to loopwell_app;
-- A migration may take its time; only the working role is bound by statement_timeout.
alter role loopwell_owner set statement_timeout = 0;
