{ flake, ... }:
{
  imports = [ flake.inputs.sops-nix.nixosModules.sops ];
  nixpkgs.hostPlatform = "x86_64-linux";
  sops.defaultSopsFile = flake.self + "/secrets.yaml";
  sops.secrets.token = { };
}
