{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    nix-darwin.url = "github:nix-darwin/nix-darwin";
    agenix.url = "github:ryantm/agenix";
    hermes-agent.url = "github:NousResearch/hermes-agent";
    microvm.url = "github:microvm-nix/microvm.nix";
    mailserver.url = "gitlab:simple-nixos-mailserver/nixos-mailserver";
  };

  outputs =
    { nixpkgs, nix-darwin, ... }@inputs:
    {
      nixosConfigurations.quay = nixpkgs.lib.nixosSystem {
        specialArgs = { inherit inputs; };
        modules = [ ./quay.nix ];
      };
      darwinConfigurations.gull = nix-darwin.lib.darwinSystem {
        modules = [
          inputs.agenix.darwinModules.default
          ./gull.nix
        ];
      };
    };
}
