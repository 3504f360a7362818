{ age.secrets.a.file = ./a.age; }
