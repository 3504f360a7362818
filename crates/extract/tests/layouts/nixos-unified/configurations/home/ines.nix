{ flake, ... }:
{
  imports = [ flake.inputs.agenix.homeManagerModules.default ];
  home.username = "ines";
  home.homeDirectory = "/home/ines";
  age.secrets.forge = {
    file = flake.self + /secrets/forge.age;
    path = "/home/ines/.forge";
  };
}
