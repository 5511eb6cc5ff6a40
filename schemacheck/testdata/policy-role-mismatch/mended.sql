ALTER POLICY tenant ON orders TO app_user;
