{ age.secrets.host-b.file = ./b.age; }
