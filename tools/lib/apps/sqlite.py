# SPDX-License-Identifier: Apache-2.0
"""Checks of the published sqlite3 shell against Debian's.

Database files are compared through what the native program says of them (integrity and dump), not byte by byte:
the two builds differ in version and in defaults such as secure_delete. SQL comes from standard input or .read,
because that build flushes its output before it reads a line, but not when main returns. Its C stack has 64 KiB: no deeply
nested expressions. Numbers are kept free of what changed between 3.40 and 3.45 (rounding, shortest digits).
"""

from apps.check import Check

NATIVE = "/usr/bin/sqlite3"
INSPECT = f"for db in *.db; do {NATIVE} $db 'pragma integrity_check' .dump; done"
COUNT_UP = "with recursive n(i) as (select 1 union all select i + 1 from n where i < {}) "


def sql(name, text, *options, db="t.db", after=INSPECT, expect=("ok\n",), **more):
    """`sqlite3 options t.db` fed with text; afterwards the native program inspects the database."""
    return Check("sqlite3/" + name, ("sqlite3", *options, db), stdin=text, after=after, expect=expect, ignore=("*.db",),
                 **more)


def query(name, text, *options, expect, **more):
    """Statements on a database in memory: only the output counts."""
    return sql(name, text, *options, db=":memory:", after="", expect=expect, **more)


def chinook(name, text, *options, **more):
    return sql(name, text, *options, db="chinook.db", samples=("chinook.db",),
               after=f"{NATIVE} chinook.db 'pragma integrity_check'; {NATIVE} chinook.db .dump | cksum", **more)


SAMPLES = [
    Check("sqlite3/sample-read", ("sqlite3", "chinook.db", ".read list_albums.sql"), ignore=("*.db",),
          samples=("chinook.db", "list_albums.sql"), expect=("Ace Of Spades",)),
    chinook("sample-queries", """
select count(*), sum(milliseconds), max(unitprice) from tracks;
select ar.name, count(*) n from artists ar join albums al using (artistid) group by 1 order by n desc, 1 limit 5;
select g.name, cast(avg(t.milliseconds) as int) from tracks t join genres g using (genreid) group by 1 order by 1;
select c.country, round(sum(i.total), 2) from customers c join invoices i using (customerid) group by 1 order by 2 desc, 1;
select m.lastname, group_concat(e.lastname) from employees e join employees m on m.employeeid = e.reportsto group by 1;
select name from tracks where name like '%love%' and composer is null order by name;
explain query plan select * from tracks where albumid = 3;
""", expect=("3503|", "ok\n"), normalise=((r"\(?~?\d+ rows\)?", ""),)),
    chinook("sample-modify", """
pragma foreign_keys = on;
begin;
insert into artists (name) values ('New Artist');
insert into albums (title, artistid) select 'New Album', max(artistid) from artists;
update tracks set unitprice = unitprice * 2 where genreid = 2;
delete from playlist_track where playlistid = 1;
create table summary as select genreid, count(*) n from tracks group by 1;
create index tracks_by_length on tracks (milliseconds);
commit;
select changes(), total_changes();
vacuum;
select count(*), sum(n) from summary;
""", expect=("25|3503", "ok\n")),
    chinook("sample-schema", ".tables\n.schema albums\n.indexes tracks\n.dump genres\n", expect=("Bossa Nova", "ok\n")),
    chinook("sample-fresh-dump", ".output dump.sql\n.dump artists albums playlists playlist_track customers\n.output\nselect 'dumped';\n", expect=("dumped",)),
]

CHANGES = [
    sql("create-insert", """
create table people (id integer primary key, name text not null, born date, weight real, photo blob);
insert into people values (1, 'Ada', '1815-12-10', 55.5, x'00ff10'), (2, 'Ünal', null, -1e300, zeroblob(10));
insert into people (name) values ('it''s'), (char(10, 9)) returning id, name;
update people set weight = weight / 3 where id < 3 returning weight;
delete from people where id = 3;
alter table people add column note text default 'none';
alter table people rename column born to birthday;
create unique index by_name on people (name);
select *, typeof(weight), hex(photo) from people order by id;
"""),
    sql("transactions", """
create table t (x);
begin; insert into t values (1); commit;
begin; insert into t values (2); rollback;
begin; insert into t values (3); savepoint a; insert into t values (4); savepoint b; insert into t values (5);
rollback to a; insert into t values (6); release a; commit;
select group_concat(x) from t;
begin immediate; delete from t; select count(*) from t; rollback;
select count(*) from t;
commit;
rollback to nowhere;
""", expect=("1,3,6", "cannot commit - no transaction is active", "ok\n"), status=1),
    sql("journal-modes", "create table t (x);\n" + "".join(
        f"pragma journal_mode = {mode};\nbegin; insert into t values ('{mode}'); commit;\n"
        for mode in ("delete", "truncate", "persist", "memory", "wal", "delete")) + "select * from t;\n",
        expect=("persist\n", "wal\n", "ok\n"), normalise=((r"t\.db-journal.*", ""),)),
    sql("wal", """
pragma journal_mode = wal;
create table t (x, y);
""" + COUNT_UP.format(5000) + """insert into t select i, i * i from n;
pragma wal_autocheckpoint = 0;
begin; update t set y = -y where x % 3 = 0; commit;
select count(*), sum(y) from t;
pragma wal_checkpoint(truncate);
select sum(x) from t;
""", expect=("5000|", "0|0|0\n", "ok\n")),
    sql("triggers-views", """
create table account (id integer primary key, balance int check (balance >= 0));
create table audit (who, old, new);
create trigger note after update on account begin insert into audit values (new.id, old.balance, new.balance); end;
create view rich as select id from account where balance > 50;
create trigger through instead of insert on rich begin insert into account values (new.id, 51); end;
insert into account values (1, 100), (2, 10);
insert into rich values (7);
update account set balance = balance - 20 where id = 1;
update account set balance = balance - 20 where id = 2;
select * from audit; select * from rich;
""", expect=("1|100|80", "CHECK constraint failed", "ok\n"), status=1),
    sql("constraints", """
pragma foreign_keys = on;
create table a (id integer primary key, u unique);
create table b (a references a on delete cascade, n not null);
create table s (v int, w text) strict;
create table g (p int, q int generated always as (p * 2) stored);
create table wr (k text primary key, v) without rowid;
insert into a values (1, 'x'), (2, 'y'); insert into b values (1, 1), (2, 2);
insert into b values (9, 9);
insert into b values (1, null);
insert into a values (3, 'x');
insert or ignore into a values (4, 'x'); insert or replace into a values (5, 'y');
insert into s values ('text', 1);
insert into g (p) values (4); select * from g;
insert into wr values ('k', 1) on conflict do nothing; insert into wr values ('k', 2) on conflict (k) do update set v = 9;
delete from a where id = 1; select * from b; select * from wr;
""", expect=("FOREIGN KEY constraint failed", "NOT NULL constraint failed: b.n", "UNIQUE constraint failed: a.u", "k|9"),
        status=1),
    sql("big-insert", "create table t (id integer primary key, word text, v real);\nbegin;\n" + COUNT_UP.format(50000)
        + """insert into t select i, printf('word %07d %x', i * 7919 % 200003, i), i / 7.0 from n;
commit;
create index by_word on t (word);
select count(*), min(word), max(word), printf('%.3f', sum(v)) from t;
delete from t where id % 3 = 0;
vacuum;
select count(*), (select word from t order by word limit 1 offset 1000) from t;
pragma integrity_check;
""", after=f"{NATIVE} t.db 'pragma integrity_check' 'select count(*), sum(length(word)), sum(id) from t'",
        expect=("50000|", "ok\n"), timeout=120),
    sql("blobs", """
create table b (n, v blob);
insert into b values (1, zeroblob(5000000)), (2, x'' || cast('text' as blob)), (3, randomblob(100000));
select n, typeof(v), length(v), length(hex(v)) from b;
select writefile('zero.bin', v) from b where n = 1;
select length(readfile('zero.bin')), readfile('absent') is null;
update b set v = substr(v, 1, 1000) where n = 3;
select length(v) from b where n = 3;
delete from b where n = 3;
""", after=f"{NATIVE} t.db 'pragma integrity_check' 'select n, length(v) from b'"),
    sql("attach", """
attach 'second.db' as second;
attach ':memory:' as scratch;
create table main.t (x); create table second.t (x); create table scratch.t (x);
begin; insert into main.t values (1); insert into second.t values (2); insert into scratch.t values (3); commit;
select * from main.t union all select * from second.t union all select * from scratch.t;
detach second;
select * from second.t;
""", expect=("no such table: second.t", "ok\n"), status=1),
    sql("mmap", "pragma mmap_size = 268435456;\ncreate table t (x, y);\n" + COUNT_UP.format(30000)
        + "insert into t select i, hex(i) from n;\nselect count(*), sum(x), max(y) from t;\ndelete from t where x % 2;\n"
        "vacuum;\nselect count(*), sum(x) from t;\n", expect=("30000|450015000", "15000|225015000", "ok\n"),
        after=f"{NATIVE} t.db 'pragma integrity_check' 'select count(*) from t'"),
    sql("backup-and-clone", """
create table t (x); insert into t values (1), (2);
.backup copy.db
insert into t values (3);
vacuum into 'vacuumed.db';
.save saved.db
.open saved.db
select count(*) from t;
.open t.db
delete from t;
.restore copy.db
select count(*) from t;
""", expect=("3\n2\n", "ok\n")),
    sql("page-sizes", "".join(f"attach 'p{n}.db' as p{n}; pragma p{n}.page_size = {n}; create table p{n}.t (x); "
                              f"insert into p{n}.t values ({n}); pragma p{n}.page_size;\n" for n in (512, 4096, 65536))
        + "pragma page_size; pragma auto_vacuum = full; create table t (x); pragma auto_vacuum;\n",
        expect=("65536\n", "ok\n")),
]

QUERIES = [
    query("recursive-cte", COUNT_UP.format(20) + """, f(a, b) as (select 0, 1 union all select b, a + b from f limit 30)
select group_concat(a) from f;
with recursive x(i, s) as (select 1, 'a' union all select i + 1, s || char(97 + i) from x where i < 10) select s from x;
with recursive q(board, row) as (select '', 0 union all
  select board || c, row + 1 from q, (select '0' c union select '1' union select '2' union select '3' union select '4'
    union select '5') where row < 6 and not exists (
    with recursive p(k) as (select 0 union all select k + 1 from p where k + 1 < row)
    select 1 from p where row > 0 and (substr(board, k + 1, 1) = c or abs(substr(board, k + 1, 1) - c) = row - k)))
select board from q where row = 6 order by 1;
with recursive tree(id, parent) as (values (1, null), (2, 1), (3, 1), (4, 2), (5, 4)),
  walk(id, path) as (select id, '/' || id from tree where parent is null
    union all select t.id, path || '/' || t.id from tree t join walk w on t.parent = w.id)
select path from walk order by path;
""", expect=("514229", "abcdefghij", "135024", "/1/2/4/5")),
    query("windows-and-aggregates", """
create table s (d text, n int);
insert into s values ('a', 3), ('a', 1), ('b', 7), ('b', 2), ('b', 2), ('c', null);
select d, n, row_number() over w, rank() over w, sum(n) over w, lag(n, 1, -1) over w from s
  window w as (partition by d order by n) order by d, n, 3;
select d, n, avg(n) over (order by d, n rows between 1 preceding and 1 following) from s order by d, n;
select d, count(*), count(n), sum(n), total(n), avg(n), min(n), group_concat(n, '+') from s group by d having count(*) > 0;
select count(distinct n), max(n) filter (where d = 'b'), first_value(n) over (order by n desc) from s;
select ntile(2) over (order by n), percent_rank() over (order by n), cume_dist() over (order by n) from s;
""", expect=("b|2|1|1|4|-1",)),
    query("functions", """
select upper('aß'), substr('héllo', 2, 3), instr('banana', 'nan'), replace('aaa', 'a', 'bc'), trim('  x '), quote('it''s');
select printf('%5d|%-5s|%05.1f|%x|%,d|%q', 42, 'ab', 3.14159, 255, 1234567, 'q''q'), format('%s', null);
select round(2.5), round(-2.5), round(1.25, 1), 7 / 2, 7 / 2.0, 7 % -3, -7 / 2, 1 / 0, 9223372036854775807 + 1;
select abs(-5), coalesce(null, 2), ifnull(null, 'n'), nullif(1, 1), iif(1 < 2, 'y', 'n'), max(1, 9, 3), sign(-2.5);
select cast('12abc' as int), cast(3.9 as int), cast('1e3' as real), typeof(1), typeof(1.0), typeof('1'), typeof(x'01');
select unicode('€'), char(8364), hex('abc'), length('€'), glob('a*c', 'abc'), 'ABC' like 'abc', 'a' < 'B' collate nocase;
select printf('%.6f', sqrt(2)), printf('%.6f', sin(1)), printf('%.6f', pow(2, 0.5)), ceil(1.2), pi() > 3.14, mod(7, 3);
select 1e308 * 10, -1e308 * 10, 0.1 + 0.2, 1e15, 1e16, 123456789012345678, 5e-324, 2.0, 1.0e100;
select 5 & 3, 5 | 3, ~5, 1 << 40, -1 >> 1, not 0, 1 is null, null is null, 1 between 0 and 2, 3 in (1, 2, 3);
""", expect=("Inf", "1,234,567")),
    query("dates", """
select date('2024-02-28', '+1 day'), date('2023-01-31', '+1 month'), datetime(0, 'unixepoch'), time('12:00', '+90 minutes');
select strftime('%Y %m %d %H:%M:%S %j %w %s', '2000-01-01 12:34:56'), julianday('2000-01-01'), date('now') > '2020';
select datetime('2024-03-31 12:00', 'localtime'), datetime('2024-07-01', 'weekday 0'), date('2024-02-30', 'start of month');
select unixepoch('1970-01-02'), date('nonsense'), abs(julianday('now') - julianday(datetime('now'))) < 0.01;
""", expect=("2024-02-29", "86400")),
    query("json", """
select json('{"a" : [1, 2, {"b": null}] }'), json_extract('{"a":{"b":[5,6]}}', '$.a.b[1]'), '{"x":"y"}' ->> 'x';
select key, value, type from json_each('{"n":1,"s":"t","a":[1],"o":{},"b":true,"z":null}');
select fullkey, atom from json_tree('[1,[2,{"k":"v"}]]') where atom is not null;
select json_group_array(column1), json_group_object('k' || column1, column1) from (values (1), (2), (3));
select json_set('{"a":1}', '$.b', json('[1]')), json_remove('[0,1,2]', '$[1]'), json_valid('{x'), json_type('[]');
""", expect=('{"k1":1,"k2":2,"k3":3}', "$[1][1].k|v")),
    query("full-text", """
create virtual table docs using fts4 (title, body);
insert into docs values ('one', 'the quick brown fox'), ('two', 'jumps over the lazy dog'), ('three', 'quick quick dogs');
select title, snippet(docs, '<', '>') from docs where docs match 'quick' order by title;
select title from docs where docs match 'dog*' order by title;
select title from docs where docs match '"lazy dog" OR title:one' order by title;
delete from docs where title = 'one'; select count(*) from docs where docs match 'quick';
create virtual table boxes using rtree (id, x0, x1, y0, y1);
insert into boxes values (1, 0, 10, 0, 10), (2, 5, 15, 5, 15), (3, 20, 30, 20, 30);
select id from boxes where x0 < 12 and x1 > 8 order by id;
""", expect=("<quick>", "three")),
    query("sort-spill", "pragma cache_size = 10; pragma temp_store = file;\ncreate table t (a, b);\n"
          + COUNT_UP.format(20000) + "insert into t select i * 48271 % 2147483647 % 100003, printf('%0100d', i) from n;\n"
          "select a, count(*) from (select a, b from t order by b desc, a) group by a order by 2 desc, 1 limit 3;\n"
          "create temp table u as select * from t order by a; select count(*), sum(a) from u;\n"
          "select sum(x) from (select distinct a + length(b) x from t);\n", expect=("20000|",), timeout=120),
    query("long-statements", "select " + " + ".join(["1"] * 60) + ";\nselect length('" + "x" * 300000 + "');\n"
          "select " + ", ".join(f"{i} as c{i}" for i in range(500)) + ";\nselect max(" + ",".join(map(str, range(100)))
          + ");\nselect 1 where 1 in (" + ",".join(map(str, range(5000))) + ");\n", expect=("60\n300000\n", "99\n1\n")),
]

SHELL = [
    query("modes", "create table t (id int, name text, v real);\ninsert into t values (1, 'plain', 1.5), (2, 'with \"quote\"',"
          " null), (3, 'comma, and''s', -2e10);\n.headers on\n" + "".join(
              f".print -- {mode}\n.mode {mode}\nselect * from t;\n" for mode in (
                  "list", "csv", "column", "line", "tabs", "quote", "json", "html", "insert", "markdown", "table", "box",
                  "ascii")) + ".mode list\n.separator ;\n.nullvalue NULL\nselect * from t;\n.mode column\n"
          ".width 4 -10 3\nselect * from t;\n", expect=("INSERT INTO", "┌", "| id |")),
    Check("sqlite3/options", "echo 'select 1 as a, null as b;' >q.sql; for o in -csv -json -line -html -box; do sqlite3 $o"
          " -header :memory: <q.sql; done; sqlite3 -list -separator '<>' -nullvalue nil -newline '!' :memory: <q.sql;"
          " sqlite3 -init init.sql :memory: <q.sql; sqlite3 -cmd 'create table c (d);' -bail :memory: <use.sql",
          files={"init.sql": ".mode quote\n", "use.sql": "insert into c values (5);\nselect * from c;\nbad;\nselect 6;\n"},
          status=1, expect=("nil", "syntax error")),
    sql("read-nested", "create table t (x);\n.read one.sql\n.read absent.sql\nselect group_concat(x) from t;\n", files={
        "one.sql": "insert into t values (1);\n.read two.sql\ninsert into t values (3);\n",
        "two.sql": "insert into t values (2);\n"}, expect=("1,2,3", "absent.sql", "ok\n"), status=1),
    sql("import-csv", """
.mode csv
.import people.csv people
create table typed (n int, s text);
.import --skip 1 numbers.csv typed
.separator |
.import bars.txt typed
.mode list
.schema people
select * from people; select typeof(n), n, s from typed;
.import absent.csv typed
""", files={"people.csv": 'name,city\nAnn,"New York, NY"\n"Bob ""B""",\n"multi\nline",x\n', "numbers.csv": "n,s\n1,one\n2,two\n",
            "bars.txt": "7|seven\n8|eight\n"}, expect=("New York, NY", "integer|7|seven", "ok\n"), status=1),
    sql("output-files", """
create table t (x); insert into t values (1), (2);
.output all.txt
select * from t;
.output
.once --bom once.csv
select 'só', x from t;
.once one.txt
select 1;
select 'on the terminal';
.mode insert copied
.output out.sql
select * from t;
.output stdout
""", expect=("on the terminal", "ok\n")),
    Check("sqlite3/dump-and-restore", "sqlite3 t.db <make.sql && sqlite3 t.db <dump.cmd >dump.sql && "
          "sqlite3 guest.db <dump.sql && " + f"{NATIVE} native.db <dump.sql && {NATIVE} t.db .dump | cmp - dump.sql",
          files={"make.sql": "create table t (a, b default 'x''y');\ninsert into t values (1.5, x'ab'), (null, char(10) || "
                             "'é'), (-0.5, 9223372036854775807);\ncreate view v as select a from t;\ncreate trigger g "
                             "after delete on t begin select 1; end;\ncreate index i on t (a) where a > 0;\n"
                             "pragma user_version = 7;\n",
                 "dump.cmd": ".dump\n"}, after=INSPECT, ignore=("*.db",), expect=("CREATE TRIGGER g", "ok\n")),
    query("dot-commands", """
.print hello
.show
.bail on
create table one (x); create table two (y); create index ix on one (x);
.tables
.tables t%
.indexes
.schema --indent
.databases
.changes on
insert into one values (1), (2);
.changes off
.parameter set :who 'me'
select :who;
.eqp on
select * from one where x = 1;
.eqp off
.nosuchcommand
select 'not reached';
""", expect=("hello", "nosuchcommand"), status=1, normalise=((r"filename: .*", ""), (r"(?m)^ +\w+: .*\n", ""),)),
]

ERRORS = [
    query("errors", "selec 1;\nselect * from nosuch;\nselect nosuch(1);\nselect 1 +;\ninsert into t values (1);\n"
          "create table t (a, a);\ncreate table t (a unique);\ninsert into t values (1, 2);\nselect b from t;\n"
          "insert into t values (1);\ninsert into t values (1);\nselect 'still here';\nselect \"unterminated\n",
          expect=("no such table: nosuch", "UNIQUE constraint failed: t.a", "still here"), status=1),
    Check("sqlite3/error-status", "echo 'select 1;' | sqlite3 t.db; echo $?; echo 'bad' | sqlite3 t.db; echo $?; "
          "echo '.exit 5' | sqlite3 t.db; echo $?; echo .quit | sqlite3 t.db; echo $?; sqlite3 /nosuch/dir/t.db 'select 1'"
          " 2>&1; echo $?; printf 'select 1;\\nbad;\\nselect 2;\\n' | sqlite3 -bail t.db; echo $?", ignore=("*.db",),
          expect=("1\n0\n", "\n5\n", "unable to open database")),
    sql("not-a-database", "select * from t;\n", files={"t.db": "This is a text file, not a database at all.\n" * 50},
        after="cksum t.db", expect=("file is not a database",), status=1),
    Check("sqlite3/corrupted", f"{NATIVE} t.db <make.sql; printf '\\377\\377\\377\\377\\377\\377' | dd of=t.db bs=1 seek=8192"
          " conv=notrunc 2>/dev/null; sqlite3 t.db <ask.sql", files={
              "make.sql": "create table t (x);\n" + COUNT_UP.format(500) + "insert into t select printf('%0200d', i) from n;",
              "ask.sql": "select count(*) from t where x > '';\nselect 'alive';\n"}, ignore=("*.db",), status=1,
          expect=("malformed", "alive")),
    Check("sqlite3/read-only", f"{NATIVE} t.db 'create table t (x); insert into t values (1)'; sqlite3 -readonly t.db <q",
          files={"q": "select * from t;\ninsert into t values (2);\nselect count(*) from t;\n"}, ignore=("*.db",), status=1,
          expect=("attempt to write a readonly database",), after=INSPECT),
]

WAIT_HELD = "until grep -q held log 2>/dev/null; do sleep 0.05; done; "
HOLD = "begin exclusive; insert into t values ('holder'); select 'held';"


def contest(name, holder, other, *, patient, expect):
    """One program holds a lock on t.db while another writes: the patient one gets its turn, the other is refused."""
    release = "echo 'commit;' >&3; "
    attempt = f"printf \"{'.timeout 20000' + chr(92) + 'n' if patient else ''}insert into t values ('other');" \
              f"\\n\" | {other} t.db 2>&1; echo status $?; "
    course = f"( sleep 0.5; {release}) & {attempt}" if patient else attempt + release
    return Check("sqlite3/" + name, f"{NATIVE} t.db 'create table t (x)'; mkfifo q; {holder} t.db <q >log & exec 3>q; "
                 f"echo \"{HOLD}\" >&3; {WAIT_HELD}{course}exec 3>&-; wait; rm q", ignore=("*.db",), after=INSPECT,
                 expect=("ok\n", "'holder'", *expect))


CONCURRENCY = [
    contest("locked-by-native", NATIVE, "sqlite3", patient=False, expect=("database is locked", "status 1")),
    contest("locks-native-out", "sqlite3", NATIVE, patient=False, expect=("database is locked", "status 1")),
    contest("waits-for-native", NATIVE, "sqlite3", patient=True, expect=("status 0", "'other'")),
    Check("sqlite3/writers", f"{NATIVE} t.db 'create table t (who, n)'; for who in 1 2 3 4; do for n in $(seq 25); do "
          "echo \"insert into t values ($who, $n);\"; done | sqlite3 -cmd '.timeout 60000' t.db & done; wait; "
          f"{NATIVE} t.db 'select who, count(*), sum(n) from t group by who' 'pragma integrity_check'", ignore=("*.db",),
          expect=("4|25|325", "ok\n"), timeout=90),
    Check("sqlite3/wal-shared", f"{NATIVE} t.db 'pragma journal_mode = wal; create table t (x);'; mkfifo q; {NATIVE} t.db "
          "<q >log & exec 3>q; echo \"begin; select count(*), 'held' from t;\" >&3; " + WAIT_HELD +
          "printf 'insert into t values (1), (2);\\nselect count(*) from t;\\n' | sqlite3 t.db; "
          "printf \"select 'snapshot', count(*) from t; commit; select 'after', count(*) from t;\\n\" >&3; exec 3>&-; wait;"
          " cat log; rm q", ignore=("*.db",), after=INSPECT, expect=("snapshot|0", "after|2", "ok\n")),
    Check("sqlite3/hot-journal", f"{NATIVE} t.db <make.sql; mkfifo q; sqlite3 t.db <q >log & pid=$!; exec 3>q; "
          "cat spoil.sql >&3; " + WAIT_HELD + "{ kill -KILL $pid; wait $pid; } 2>err; echo status $?; exec 3>&-; rm err; "
          f"ls t.db*; {NATIVE} t.db 'select count(*), sum(x) from t' 'pragma integrity_check'; rm q", ignore=("*.db",),
          files={"make.sql": "create table t (x, pad);\n" + COUNT_UP.format(3000)
                 + "insert into t select i, printf('%0100d', i) from n;",
                 "spoil.sql": "pragma cache_size = 10;\nbegin;\nupdate t set x = -x, pad = 'spoilt ' || x;\n"
                              "select count(*), 'held' from t where x < 0;\n"},
          expect=("status 137", "t.db-journal", "3000|4501500", "ok\n")),
    Check("sqlite3/recovers-native-journal", f"{NATIVE} t.db <make.sql; mkfifo q; {NATIVE} t.db <q >log & pid=$!; exec 3>q;"
          " cat spoil.sql >&3; " + WAIT_HELD + "{ kill -KILL $pid; wait $pid; } 2>err; exec 3>&-; rm q err; "
          "echo 'select count(*), sum(x) from t; pragma integrity_check;' | sqlite3 t.db; ls t.db*", ignore=("*.db",),
          files={"make.sql": "create table t (x, pad);\n" + COUNT_UP.format(3000)
                 + "insert into t select i, printf('%0100d', i) from n;",
                 "spoil.sql": "pragma cache_size = 10;\nbegin;\nupdate t set x = -x, pad = 'spoilt ' || x;\n"
                              "select count(*), 'held' from t where x < 0;\n"},
          expect=("3000|4501500", "ok\n")),
    Check("sqlite3/interrupted", "sqlite3 t.db <endless.sql >log 2>&1 & pid=$!; " + WAIT_HELD + "sleep 1; kill -INT $pid; "
          "wait $pid; echo status $?; cat log", ignore=("*.db",), status=0, files={
              "endless.sql": "select 'held';\nwith recursive n(i) as (select 1 union all select i + 1 from n) "
                             "select count(*) from n;\nselect 'goes on';\n"}, expect=("interrupted",)),
]

CHECKS = [*SAMPLES, *CHANGES, *QUERIES, *SHELL, *ERRORS, *CONCURRENCY]
