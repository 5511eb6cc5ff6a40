CREATE TABLE organizations (id uuid PRIMARY KEY);
CREATE TABLE projects (id uuid PRIMARY KEY, "organizationId" uuid NOT NULL REFERENCES organizations (id));
CREATE TABLE members ("organizationId" uuid NOT NULL REFERENCES organizations (id), user_id uuid NOT NULL);
CREATE TABLE environments (id uuid PRIMARY KEY, project_id uuid NOT NULL REFERENCES projects (id));
CREATE TABLE deployments (
    id               uuid PRIMARY KEY,
    project_id       uuid NOT NULL REFERENCES projects (id),
    "organizationId" uuid NOT NULL REFERENCES organizations (id)
);
CREATE TABLE tokens (
    id               uuid PRIMARY KEY,
    project_id       uuid REFERENCES projects (id),
    "organizationId" uuid NOT NULL REFERENCES organizations (id)
);
CREATE TABLE users (id uuid PRIMARY KEY, account_id text);
CREATE TABLE schema_migrations (version bigint NOT NULL, dirty boolean NOT NULL);
CREATE TABLE domains (id uuid PRIMARY KEY, project_id uuid NOT NULL REFERENCES projects (id));
CREATE TABLE variables (id uuid PRIMARY KEY, project_id uuid NOT NULL REFERENCES projects (id));
