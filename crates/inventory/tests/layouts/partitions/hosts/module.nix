{ inputs, self, ... }:
{
  flake.nixosConfigurations.attic = inputs.nixpkgs.lib.nixosSystem {
    modules = [
      self.inputs.sops-nix.nixosModules.sops
      {
        nixpkgs.hostPlatform = "x86_64-linux";
        sops.secrets.cache-key.sopsFile = ../secrets.yaml;
      }
    ];
  };
}
