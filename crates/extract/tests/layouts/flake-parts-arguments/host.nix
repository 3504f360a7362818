{ owner }:
{ inputs, ... }:
{
  flake.nixosConfigurations.shelf = inputs.nixpkgs.lib.nixosSystem {
    modules = [
      inputs.agenix.nixosModules.default
      {
        users.users.${owner}.isNormalUser = true;
        age.secrets.imported = {
          file = ./b.age;
          inherit owner;
        };
      }
    ];
  };
}
