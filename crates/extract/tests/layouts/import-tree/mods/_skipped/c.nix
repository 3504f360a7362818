{ age.secrets.skipped.file = ./c.age; }
