{ age.secrets.mail.file = ./mail.age; }
