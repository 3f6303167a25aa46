-- One schema and one least-privilege role for each service, one role that monitors, one that backs up. Safe to repeat.
-- Run as a superuser in the database ai_english. Passwords are set apart, with ALTER ROLE … PASSWORD; a role without
-- one cannot sign in. Nobody else has any right: neither here nor in the databases that every server has.
DO $$
DECLARE
    area text;
    role text;
BEGIN
    FOREACH role IN ARRAY ARRAY[
        'auth_svc', 'learning_svc', 'ai_svc', 'export_svc', 'ai_english_monitor', 'ai_english_backup'
    ] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
            EXECUTE format('CREATE ROLE %I LOGIN', role);
        END IF;
        EXECUTE format('ALTER ROLE %I NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS', role);
        EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), role);
    END LOOP;
    FOREACH area IN ARRAY ARRAY['auth', 'learning', 'ai', 'export'] LOOP
        role := area || '_svc';
        EXECUTE format('CREATE SCHEMA IF NOT EXISTS %I AUTHORIZATION %I', area, role);
        EXECUTE format('REVOKE ALL ON SCHEMA %I FROM PUBLIC', area);
        -- A transaction that does nothing keeps rows locked, and dead ones from being cleared away.
        EXECUTE format('ALTER ROLE %I SET idle_in_transaction_session_timeout = ''1min''', role);
    END LOOP;
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
END
$$;
REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC;
REVOKE ALL ON SCHEMA public FROM PUBLIC;

-- Sees what the server does, and no row of any table.
GRANT pg_monitor TO ai_english_monitor;
ALTER ROLE ai_english_monitor CONNECTION LIMIT 5;
ALTER ROLE ai_english_monitor SET default_transaction_read_only = on;
ALTER ROLE ai_english_monitor SET statement_timeout = '10s';

-- Reads everything, as pg_dump must, and changes nothing.
GRANT pg_read_all_data TO ai_english_backup;
ALTER ROLE ai_english_backup SET default_transaction_read_only = on;
