CREATE TABLE "Ümlaut" (id int,
  tenant_id uuid
);
-- a comment
CREATE FUNCTION touched() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RETURN NEW;
END
$$;
CREATE TRIGGER touched BEFORE UPDATE ON "Ümlaut" FOR EACH ROW EXECUTE FUNCTION touched();
