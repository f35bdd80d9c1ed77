#!/bin/sh
# SPDX-License-Identifier: MIT
# sqlite-wal.sh [BUILD] - SQLite with a write-ahead log maps its index of the log shared, which a disk file
# cannot be without an MMU. With another journal the same database works.
. "$(dirname "$0")/prepare.sh"

cat >wal.sql <<'END'
pragma journal_mode = wal;
create table readings (time integer, value real);
with recursive n(i) as (select 1 union all select i + 1 from n where i < 1000)
insert into readings select i, i * 0.5 from n;
select count(*), sum(value) from readings;
END
sed 's/= wal/= delete/' wal.sql >delete.sql

shown nommu audit sqlite3 -init wal.sql wal.db .quit
shown nommu audit sqlite3 -init delete.sql delete.db .quit
