CREATE TABLE item(id INTEGER PRIMARY KEY, name TEXT, price REAL, note TEXT);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000)
INSERT INTO item SELECT i, printf('item-%06d', i * 7919 % 60000), i * 31 % 1000 / 10.0, hex(zeroblob(i % 60)) FROM n;
CREATE INDEX by_name ON item(name);
CREATE INDEX by_price ON item(price, name);
SELECT count(*), sum(price), min(name), max(length(note)) FROM item;
SELECT substr(name, 6, 2) AS part, count(*), round(avg(price), 3), group_concat(id % 7, '')
FROM item WHERE id % 50 = 0 GROUP BY part ORDER BY 1 LIMIT 20;
BEGIN;
DELETE FROM item WHERE id % 3 = 0;
UPDATE item SET note = note || name WHERE id % 5 = 0;
ROLLBACK;
DELETE FROM item WHERE id % 4 = 1;
SELECT a.id, b.id FROM item a JOIN item b ON b.name = printf('item-%06d', a.id)
WHERE a.price < 5 ORDER BY a.id LIMIT 30;
SELECT json_group_array(json_object('id', id, 'name', name)) FROM item WHERE id BETWEEN 100 AND 130;
VACUUM;
PRAGMA integrity_check;
SELECT count(*), total(length(note)) FROM item;
