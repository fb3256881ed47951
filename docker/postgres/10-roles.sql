-- Passwords come from secrets, so that they are in no command line and in no environment.
\set owner_password `cat /run/secrets/owner_password`
\set app_password `cat /run/secrets/app_password`
\i /etc/loopwell/roles.sql
