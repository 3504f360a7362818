{
  age.secrets.backup = {
    file = ../backup.age;
    owner = "nils";
  };
}
