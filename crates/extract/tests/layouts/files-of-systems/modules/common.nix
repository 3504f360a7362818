{ ... }:
{
  age.secrets.tide.file = ../tide.age;
}
