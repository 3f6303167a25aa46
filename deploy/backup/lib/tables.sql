-- Rows and checksum of every table, as `schema.table|rows|checksum`; the order of rows does not matter.
-- Stored where the variable `into` says, else printed.
\if :{?into} \else
\set into ''
\endif
SET DateStyle = 'ISO';
SET IntervalStyle = 'postgres';
SET TimeZone = 'UTC';
SET extra_float_digits = 1;
SET bytea_output = 'hex';
SELECT :'into' || format(
    'SELECT %L, count(*), coalesce(sum((''x'' || substr(md5(whole_row::text), 1, 16))::bit(64)::bigint::numeric), 0) FROM %I.%I AS whole_row',
    schemaname || '.' || tablename, schemaname, tablename)
  FROM pg_catalog.pg_tables
 WHERE schemaname !~ '^pg_' AND schemaname <> 'information_schema'
 ORDER BY schemaname, tablename
\gexec
