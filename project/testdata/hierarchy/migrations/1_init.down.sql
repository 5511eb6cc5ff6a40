DROP TABLE tokens, deployments, environments, members, projects, organizations;
