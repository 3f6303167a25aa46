-- One schema and one least-privilege role for each service. Safe to repeat.
-- Run as a superuser in the database ai_english. Passwords are set apart, with ALTER ROLE … PASSWORD.
DO $$
DECLARE
    area text;
    role text;
BEGIN
    FOREACH area IN ARRAY ARRAY['auth', 'learning', 'ai', 'export'] LOOP
        role := area || '_svc';
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
            EXECUTE format('CREATE ROLE %I LOGIN', role);
        END IF;
        EXECUTE format('CREATE SCHEMA IF NOT EXISTS %I AUTHORIZATION %I', area, role);
        EXECUTE format('REVOKE ALL ON SCHEMA %I FROM PUBLIC', area);
        EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), role);
    END LOOP;
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
END
$$;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
