BEGIN;

-- What a person keeps of a page: its filters, as the page's address has them.
CREATE TABLE IF NOT EXISTS enterprise.saved_views (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    owner varchar(255) NOT NULL,
    page varchar(50) NOT NULL,
    name varchar(255) NOT NULL,
    query text NOT NULL DEFAULT '',
    shared boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (owner, page, name)
);
CREATE INDEX IF NOT EXISTS saved_views_shared_idx ON enterprise.saved_views (page, name) WHERE shared;

COMMENT ON COLUMN enterprise.saved_views.query IS 'what follows the question mark in the address of the page';
COMMENT ON COLUMN enterprise.saved_views.shared IS 'everybody sees it; only its owner changes it';

COMMIT;
