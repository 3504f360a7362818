{ ... }: { age.secrets.plum.file = ./plum.age; }
