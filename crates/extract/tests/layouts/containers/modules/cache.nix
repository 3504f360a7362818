{ vault, ... }:
{
  age.secrets.signing = {
    file = ../secrets/${vault}.age;
    owner = "nobody";
    mode = "0440";
  };
}
