{ age.secrets.mail.file = ../../secrets/mail.age; }
