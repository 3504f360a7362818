{ ezModules, inputs, ... }:
{
  imports = [
    ezModules.backup
    inputs.agenix.nixosModules.default
    inputs.home-manager.nixosModules.default
  ];
  nixpkgs.hostPlatform = "x86_64-linux";
  users.users.nils.isNormalUser = true;
}
