BEGIN;

-- What receivers did not simply store: one row a minute, place and reason. Reasons hold no values, so there are few.
CREATE TABLE IF NOT EXISTS enterprise.ingest_report (
    minute timestamptz NOT NULL,
    signal varchar(10) NOT NULL,
    transport varchar(10) NOT NULL,
    service varchar(255) NOT NULL,
    kind varchar(10) NOT NULL,
    reason varchar(200) NOT NULL,
    requests bigint NOT NULL,
    items bigint NOT NULL,
    sample jsonb NOT NULL DEFAULT '{}',
    first_seen timestamptz NOT NULL,
    last_seen timestamptz NOT NULL,
    PRIMARY KEY (minute, signal, transport, service, kind, reason)
);

COMMENT ON COLUMN enterprise.ingest_report.kind IS
    'refused: never stored; deferred: the sender was told to try again; altered: stored with a change; '
    'repeated: stored before';
COMMENT ON COLUMN enterprise.ingest_report.items IS 'Where the request could be read; else 0';

COMMIT;
