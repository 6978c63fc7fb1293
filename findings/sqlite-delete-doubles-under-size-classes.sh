#!/usr/bin/env bash
# sqlite3 3.40.1-2+deb12u2 (Debian 12), libmimalloc2.0 2.0.9+ds-2, libtcmalloc-minimal4 2.10-1, glibc 2.36-9+deb12u14.
#
# Deleting rows from an in-memory database doubles the memory of its process under mimalloc and tcmalloc, and not at all under glibc. Seen
# (VmRSS in kB): 150,000 rows of 600 bytes, then `delete ... where a % 10 <> 0`: glibc 111,784 to 112,116; mimalloc 130,752 to 257,672;
# tcmalloc 130,472 to 246,488. `drop table` and `vacuum` afterwards change nothing: the empty database keeps twice what it had when full.
# A guess at the reason: the delete frees pages of one size while its journal asks for blocks of another, and an allocator with size
# classes cannot make the one of the other.
. "$(dirname "$(realpath "$0")")/packages.sh"
unpack sqlite3=3.40.1-2+deb12u2 libsqlite3-0=3.40.1-2+deb12u2 libmimalloc2.0=2.0.9+ds-2 libtcmalloc-minimal4=2.10-1 libreadline8 libtinfo6
expect "glibc" "$(dpkg-query -W -f '${Version}' libc6)" "2.36-9+deb12u14"
libraries=$PWD/root/usr/lib/x86_64-linux-gnu:$PWD/root/lib/x86_64-linux-gnu

cat > rows.sql <<'SQL'
create table t(a integer primary key, b text);
with recursive n(i) as (select 1 union all select i + 1 from n where i < 150000) insert into t select i, hex(randomblob(300)) from n;
.shell echo $(grep VmRSS /proc/$PPID/status | tr -dc 0-9)
delete from t where a % 10 <> 0;
.shell echo $(grep VmRSS /proc/$PPID/status | tr -dc 0-9)
drop table t;
vacuum;
.shell echo $(grep VmRSS /proc/$PPID/status | tr -dc 0-9)
SQL

# growth ALLOCATOR: memory after the delete and when all is gone, to that of the full database.
growth() {
    LD_LIBRARY_PATH=$libraries LD_PRELOAD=$1 root/usr/bin/sqlite3 :memory: <rows.sql |
        awk 'NR == 1 { full = $1 }
             NR > 1 { printf("%s%s", (NR > 2 ? ", then " : ""), ($1 < 1.2 * full) ? "the same" : ($1 > 1.7 * full) ? "twice" : "more") }'
}
expect "glibc, after the delete" "$(growth '')" "the same, then the same"
expect "mimalloc" "$(growth libmimalloc.so.2)" "twice, then twice"
expect "tcmalloc" "$(growth libtcmalloc_minimal.so.4)" "twice, then twice"
