{ inputs, config, ... }:
{
  systems = [ "x86_64-linux" ];
  perSystem =
    { pkgs, ... }:
    {
      devShells.default = pkgs.mkShell { };
    };
  flake.nixosConfigurations.post = inputs.nixpkgs.lib.nixosSystem {
    modules = [
      inputs.sops-nix.nixosModules.sops
      config.flake.modules.nixos.mail
      config.flake.modules.nixos.relay
      {
        nixpkgs.hostPlatform = "x86_64-linux";
        sops.defaultSopsFile = ../secrets.yaml;
      }
    ];
  };
}
