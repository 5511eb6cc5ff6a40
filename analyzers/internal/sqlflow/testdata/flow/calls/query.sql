SELECT id
FROM embedded
