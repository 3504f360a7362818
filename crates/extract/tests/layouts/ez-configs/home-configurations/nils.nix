{ inputs, ... }:
{
  imports = [ inputs.agenix.homeManagerModules.default ];
  age.secrets.mail.file = ../mail.age;
}
