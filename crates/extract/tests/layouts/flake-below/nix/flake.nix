{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    agenix.url = "github:ryantm/agenix";
  };
  outputs = inputs: {
    nixosConfigurations.desk = inputs.nixpkgs.lib.nixosSystem {
      modules = [
        inputs.agenix.nixosModules.default
        ./modules/mail.nix
      ];
    };
  };
}
