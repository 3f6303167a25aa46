ALTER TABLE users
    ADD COLUMN theme text NOT NULL DEFAULT 'system'
        CONSTRAINT users_theme_check CHECK (theme IN ('light', 'dark', 'system'));

-- Events are listed by time, of an organization and of one actor.
CREATE INDEX audit_events_organization_id_at_idx ON audit_events (organization_id, at, id);
CREATE INDEX audit_events_actor_id_at_idx ON audit_events (actor_id, at, id) WHERE actor_id IS NOT NULL;
DROP INDEX audit_events_organization_id_idx;
