-- What a registry holds beside its rows. Made when the registry is created; the tables of rows,
-- `stored.<table>`, and the views of what is current follow with the first import, which decides
-- whether times are dates or days (`schema.py`).
--
-- `stored` keeps everything that was ever imported. The views in `main` show what is current.

CREATE SCHEMA stored;

CREATE SEQUENCE stored.import_ids;
CREATE SEQUENCE stored.row_ids;

-- One row: what this file is.
CREATE TABLE stored.registry (
    format INTEGER NOT NULL,
    contract VARCHAR NOT NULL,
    clock VARCHAR,
    rules VARCHAR,
    fingerprint VARCHAR NOT NULL
);

-- One row a file ever imported. A corrected file supersedes: the rows of the earlier one stay, and
-- are current no more. `reader` is the version of osteon that read the file.
CREATE TABLE stored.imports (
    import_id INTEGER NOT NULL,
    source VARCHAR NOT NULL,
    file VARCHAR NOT NULL,
    content VARCHAR NOT NULL,
    mapping VARCHAR NOT NULL,
    reader VARCHAR NOT NULL,
    complete_for VARCHAR[] NOT NULL,
    synthetic BOOLEAN NOT NULL,
    conditioned_on VARCHAR NOT NULL,
    rows_in BIGINT NOT NULL,
    imported_at TIMESTAMP NOT NULL,
    superseded_by INTEGER
);

-- Every row of a file is in exactly one of three places, for each table that the file feeds.
CREATE TABLE stored.accounting (
    import_id INTEGER NOT NULL,
    table_name VARCHAR NOT NULL,
    block INTEGER NOT NULL,
    rows_in BIGINT NOT NULL,
    stored BIGINT NOT NULL,
    not_applicable BIGINT NOT NULL,
    set_aside BIGINT NOT NULL,
    CHECK (rows_in = stored + not_applicable + set_aside)
);

-- What the reader of a file could not use.
CREATE TABLE stored.read_findings (
    import_id INTEGER NOT NULL,
    table_name VARCHAR NOT NULL,
    block INTEGER NOT NULL,
    rule VARCHAR NOT NULL,
    severity VARCHAR NOT NULL,
    excludes VARCHAR[] NOT NULL,
    column_name VARCHAR NOT NULL,
    source_row BIGINT NOT NULL,
    patient_id VARCHAR,
    reason VARCHAR NOT NULL
);

-- What the data rules find in the current rows; made anew with every import.
CREATE TABLE stored.check_findings (
    import_id INTEGER,
    table_name VARCHAR NOT NULL,
    block INTEGER,
    rule VARCHAR NOT NULL,
    severity VARCHAR NOT NULL,
    excludes VARCHAR[] NOT NULL,
    column_name VARCHAR NOT NULL,
    source_row BIGINT,
    patient_id VARCHAR,
    reason VARCHAR NOT NULL,
    row_id BIGINT
);

CREATE VIEW current_imports AS
SELECT * EXCLUDE (superseded_by) FROM stored.imports WHERE superseded_by IS NULL;

CREATE VIEW stored.rejected AS
SELECT import_id, table_name, block, row_id
FROM stored.check_findings
WHERE severity = 'reject' AND row_id IS NOT NULL;

-- Everything that is wrong with the current data. A finding without a row is about the registry.
CREATE VIEW findings AS
SELECT
    rule, severity, table_name, column_name, source, file, source_row, row_id, import_id,
    patient_id, reason, excludes
FROM (
    SELECT *, NULL::BIGINT AS row_id FROM stored.read_findings
    SEMI JOIN current_imports USING (import_id)
    UNION ALL BY NAME
    SELECT * FROM stored.check_findings
)
LEFT JOIN current_imports USING (import_id);

-- Who must be left out of which analyses, and why.
CREATE VIEW excluded AS
SELECT DISTINCT patient_id, unnest(excludes) AS analysis, rule
FROM findings
WHERE patient_id IS NOT NULL;

-- The accounting of the current files. What a data rule rejects moves from stored to set aside.
CREATE VIEW source_counts AS
SELECT
    source, file, table_name, block, accounting.rows_in,
    stored - coalesce(rejected, 0) AS stored,
    not_applicable,
    set_aside + coalesce(rejected, 0) AS set_aside
FROM stored.accounting AS accounting
JOIN current_imports USING (import_id)
LEFT JOIN (
    SELECT import_id, table_name, block, count(*) AS rejected
    FROM stored.rejected
    GROUP BY ALL
) USING (import_id, table_name, block);
