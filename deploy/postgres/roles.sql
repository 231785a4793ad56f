-- Rendered from onrecord_services/engines/roles.py; a test holds the two together.
-- Passwords are set apart, so that none stands here: \password onrecord_owner, and so on.
\set ON_ERROR_STOP on
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'onrecord_owner') THEN CREATE ROLE onrecord_owner; END IF;
END $$;
ALTER ROLE onrecord_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'onrecord_writer') THEN CREATE ROLE onrecord_writer; END IF;
END $$;
ALTER ROLE onrecord_writer LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'onrecord_reader') THEN CREATE ROLE onrecord_reader; END IF;
END $$;
ALTER ROLE onrecord_reader LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'onrecord_notices') THEN CREATE ROLE onrecord_notices; END IF;
END $$;
ALTER ROLE onrecord_notices LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
SELECT $make$CREATE DATABASE onrecord OWNER onrecord_owner TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'$make$ WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'onrecord') \gexec
\connect onrecord
REVOKE ALL ON DATABASE onrecord FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE onrecord TO onrecord_owner, onrecord_writer;
GRANT CONNECT ON DATABASE onrecord TO onrecord_reader, onrecord_notices;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE onrecord_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER ROLE onrecord_reader IN DATABASE onrecord SET default_transaction_read_only = on;
ALTER ROLE onrecord_writer IN DATABASE onrecord SET idle_in_transaction_session_timeout = '60s';
ALTER ROLE onrecord_reader IN DATABASE onrecord SET idle_in_transaction_session_timeout = '60s';
ALTER ROLE onrecord_notices IN DATABASE onrecord SET idle_in_transaction_session_timeout = '60s';
ALTER ROLE onrecord_reader IN DATABASE onrecord SET statement_timeout = '30s';
