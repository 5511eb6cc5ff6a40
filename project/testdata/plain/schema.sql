CREATE TABLE subscribers (id serial PRIMARY KEY, email text NOT NULL);
CREATE TABLE lists (id serial PRIMARY KEY, name text NOT NULL);
CREATE TABLE subscriber_lists (subscriber_id int REFERENCES subscribers, list_id int REFERENCES lists);
