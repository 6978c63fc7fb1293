-- sqlite3 :memory: fills a database with values of 200 to 3,800 bytes, deletes nine rows in ten, here and there, then all of it.
.shell echo mark started $(grep ^VmRSS: /proc/$PPID/status | tr -dc 0-9)
create table documents(id integer primary key, name text, body blob);
with recursive n(i) as (select 1 union all select i + 1 from n where i < 70000)
insert into documents select i, 'document ' || i, zeroblob(200 + i * 7919 % 3600) from n;
create index names on documents(name);
.shell echo mark full $(grep ^VmRSS: /proc/$PPID/status | tr -dc 0-9)
delete from documents where id % 10 <> 0;
.shell echo mark 90%_deleted $(grep ^VmRSS: /proc/$PPID/status | tr -dc 0-9)
drop table documents;
vacuum;
.shell echo mark dropped $(grep ^VmRSS: /proc/$PPID/status | tr -dc 0-9)
.shell sleep 1.5
.shell echo mark idle $(grep ^VmRSS: /proc/$PPID/status | tr -dc 0-9)
