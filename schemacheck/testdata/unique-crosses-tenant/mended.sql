ALTER TABLE users DROP CONSTRAINT users_email_key, ADD UNIQUE (tenant_id, email);
DROP INDEX users_nick;
CREATE UNIQUE INDEX users_nick ON users (tenant_id, lower(nick));
ALTER TABLE domains DROP CONSTRAINT domains_pkey, ADD PRIMARY KEY (tenant_id, name);
ALTER TABLE bookings DROP CONSTRAINT bookings_during_excl;
DROP INDEX notes_2030_slug;
CREATE UNIQUE INDEX notes_2030_slug ON notes_2030 (tenant_id, slug);
