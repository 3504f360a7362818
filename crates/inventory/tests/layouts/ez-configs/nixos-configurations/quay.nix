{ ezModules, inputs, ... }:
{
  imports = [
    ezModules.backup
    inputs.agenix.nixosModules.default
    inputs.home-manager.nixosModules.default
  ];
  users.users.nils.isNormalUser = true;
}
