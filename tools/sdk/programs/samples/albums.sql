-- SPDX-License-Identifier: Apache-2.0
-- A small database: tables, an index, a view, a transaction that is taken back, a query, a check.
drop table if exists albums;
create table albums (id integer primary key, artist text not null, title text not null, year integer);
create index if not exists by_artist on albums (artist);
insert into albums (artist, title, year) values
    ('The Beatles', 'Abbey Road', 1969), ('The Beatles', 'Revolver', 1966),
    ('Kraftwerk', 'Autobahn', 1974), ('Kraftwerk', 'Computerwelt', 1981), ('Nina Simone', 'Pastel Blues', 1965);
create view if not exists decades as select artist, year / 10 * 10 as decade, count(*) as albums from albums group by 1, 2;
begin;
delete from albums;
rollback;
.mode box
select * from albums order by year;
select * from decades order by decade, artist;
pragma integrity_check;
