{ inputs, self, ... }:
{
  flake.nixosConfigurations.attic = inputs.nixpkgs.lib.nixosSystem {
    modules = [
      self.inputs.sops-nix.nixosModules.sops
      (
        { config, lib, ... }:
        {
          nixpkgs.hostPlatform = "x86_64-linux";
          sops.secrets.cache-key = lib.mkIf (config.nixpkgs.hostPlatform.system == "x86_64-linux") {
            sopsFile = ../secrets.yaml;
            owner = inputs.team.admin;
          };
        }
      )
    ];
  };
}
