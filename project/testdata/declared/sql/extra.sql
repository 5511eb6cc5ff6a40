CREATE TABLE currencies (code text PRIMARY KEY);
ALTER TABLE orders ADD COLUMN currency text REFERENCES currencies (code);
