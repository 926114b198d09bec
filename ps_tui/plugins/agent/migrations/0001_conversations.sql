-- Conversations with an assistant, and the plans it proposes for a person to approve.

CREATE TABLE agent_conversations (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    user_n INTEGER NOT NULL REFERENCES users (n) ON DELETE CASCADE,
    session_n INTEGER REFERENCES sessions (n) ON DELETE SET NULL,
    title TEXT NOT NULL CHECK (length(title) > 0),
    created_us INTEGER NOT NULL,
    updated_us INTEGER NOT NULL,
    deleted_us INTEGER
) STRICT;

CREATE INDEX agent_conversations_by_user
    ON agent_conversations (user_n, created_us);
CREATE INDEX agent_conversations_by_session ON agent_conversations (session_n)
    WHERE session_n IS NOT NULL;

CREATE TABLE agent_messages (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    conversation_n INTEGER NOT NULL
        REFERENCES agent_conversations (n) ON DELETE CASCADE,
    role TEXT NOT NULL CHECK (role IN ('user', 'assistant', 'tool')),
    content TEXT NOT NULL,
    metadata TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(metadata)),
    created_us INTEGER NOT NULL
) STRICT;

CREATE INDEX agent_messages_by_conversation
    ON agent_messages (conversation_n, created_us);

CREATE TABLE agent_run_plans (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    conversation_n INTEGER NOT NULL
        REFERENCES agent_conversations (n) ON DELETE CASCADE,
    title TEXT NOT NULL CHECK (length(title) > 0),
    status TEXT NOT NULL DEFAULT 'proposed'
        CHECK (status IN ('proposed', 'approved', 'rejected', 'running', 'done',
                          'failed')),
    created_us INTEGER NOT NULL,
    updated_us INTEGER NOT NULL
) STRICT;

CREATE INDEX agent_run_plans_by_conversation
    ON agent_run_plans (conversation_n, created_us);

CREATE TABLE agent_run_plan_items (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    plan_n INTEGER NOT NULL REFERENCES agent_run_plans (n) ON DELETE CASCADE,
    place INTEGER NOT NULL CHECK (place > 0),
    action TEXT NOT NULL CHECK (length(action) > 0),
    arguments TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(arguments)),
    status TEXT NOT NULL DEFAULT 'pending'
        CHECK (status IN ('pending', 'running', 'done', 'failed', 'skipped')),
    result TEXT,
    created_us INTEGER NOT NULL,
    updated_us INTEGER NOT NULL,
    UNIQUE (plan_n, place)
) STRICT;
