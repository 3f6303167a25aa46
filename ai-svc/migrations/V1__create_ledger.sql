-- What every call of a model cost. Holds no text of anybody.
CREATE TABLE model_calls (
    id                uuid PRIMARY KEY,
    called_at         timestamptz NOT NULL,
    organization_id   uuid NOT NULL,
    user_id           uuid NOT NULL,
    feature           text NOT NULL,
    provider          text NOT NULL,
    model             text NOT NULL,
    prompt_tokens     bigint NOT NULL CONSTRAINT model_calls_prompt_tokens_check CHECK (prompt_tokens >= 0),
    completion_tokens bigint NOT NULL CONSTRAINT model_calls_completion_tokens_check CHECK (completion_tokens >= 0),
    -- Millionths of a unit of currency.
    cost_micros       bigint NOT NULL CONSTRAINT model_calls_cost_micros_check CHECK (cost_micros >= 0),
    latency_ms        bigint NOT NULL,
    -- `ok`, `cancelled`, or the class of the failure.
    outcome           text NOT NULL
);
CREATE INDEX model_calls_organization_id_called_at_idx ON model_calls (organization_id, called_at);
CREATE INDEX model_calls_called_at_idx ON model_calls (called_at);

-- Sums per calendar month in UTC, so that asking for the budget reads one row.
CREATE TABLE monthly_spendings (
    organization_id uuid NOT NULL,
    month           date NOT NULL,
    spent_micros    bigint NOT NULL,
    CONSTRAINT monthly_spendings_pkey PRIMARY KEY (organization_id, month)
);

-- What an organization may spend in a month; 0 means no limit.
CREATE TABLE budgets (
    organization_id uuid PRIMARY KEY,
    budget_micros   bigint NOT NULL CONSTRAINT budgets_budget_micros_check CHECK (budget_micros >= 0),
    set_by          uuid NOT NULL,
    set_at          timestamptz NOT NULL
);
