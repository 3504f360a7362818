{ age.secrets.host-a.file = ./a.age; }
