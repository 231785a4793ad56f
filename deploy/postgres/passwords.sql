-- Passwords from the environment of psql. The server stores verifiers only, and logs no statement.
\set ON_ERROR_STOP on
\getenv owner ONRECORD_POSTGRES_OWNER
\getenv writer ONRECORD_POSTGRES_WRITER
\getenv reader ONRECORD_POSTGRES_READER
\getenv notices ONRECORD_POSTGRES_NOTICES
SET log_statement = 'none';
ALTER ROLE onrecord_owner PASSWORD :'owner';
ALTER ROLE onrecord_writer PASSWORD :'writer';
ALTER ROLE onrecord_reader PASSWORD :'reader';
ALTER ROLE onrecord_notices PASSWORD :'notices';
