-- What a database allocates: cursors, pages, sorters, strings, statements.
CREATE TABLE people(id INTEGER PRIMARY KEY, name TEXT, city TEXT, born INTEGER);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000)
INSERT INTO people SELECT i, 'person ' || i * 7919 % 300000, 'city ' || i % 997, 1900 + i % 120 FROM n;
CREATE INDEX by_city ON people(city);
CREATE INDEX by_name ON people(name);
CREATE TABLE visits(person INTEGER, place TEXT);
INSERT INTO visits SELECT id * 31 % 300000, city FROM people WHERE id % 2;
SELECT count(*) FROM (SELECT city, count(*) AS c, group_concat(name) AS names FROM people GROUP BY city, born / 10);
SELECT count(*) FROM people p JOIN visits v ON v.person = p.id WHERE p.city <> v.place;
UPDATE people SET name = upper(name) || ' the ' || born WHERE id % 3 = 0;
DELETE FROM people WHERE id % 5 = 0;
SELECT count(DISTINCT substr(name, 1, 9)), max(json_array_length(json_array(name, city, born))) FROM people;
