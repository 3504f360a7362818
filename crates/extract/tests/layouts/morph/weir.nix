{ ... }:
{
  age.secrets.water.file = ./water.age;
}
