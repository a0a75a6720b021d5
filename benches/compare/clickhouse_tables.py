"""4xx by status, path, client and hour of a log in the combined format, and their sum, by ClickHouse.

It is ClickHouse as a library, chdb. Spaces divide the fields of a line and quotes hold them
together.
"""

import sys

import chdb

QUERY = """
    SELECT status, path, client, hour, count() FROM (
        SELECT
            status,
            client,
            substring(stamp, 2, 14) AS hour,
            cutQueryStringAndFragment(splitByChar(' ', request)[2]) AS path
        FROM file('%s', CustomSeparated, 'client String, ident String, login String, stamp String,
            zone String, request String, status UInt16, bytes UInt64, referer String,
            agent String')
        WHERE status BETWEEN 400 AND 499)
    GROUP BY GROUPING SETS ((), (status), (path), (client), (hour))
    SETTINGS format_custom_escaping_rule = 'CSV', format_custom_field_delimiter = ' '
"""

print(chdb.query(QUERY % sys.argv[1].replace("\\", "\\\\").replace("'", "\\'"), "TSV"))
