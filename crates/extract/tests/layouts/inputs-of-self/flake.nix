# The inputs of a flake are those of its inputs, without itself.
{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    sops-nix.url = "github:Mic92/sops-nix";
  };

  outputs =
    { self, nixpkgs, ... }@inputs:
    let
      inherit (nixpkgs) lib;
      inputsOf = flake: if flake ? inputs && flake.inputs != { } then collector flake else [ ];
      collect = flake: [ flake.outPath ] ++ inputsOf flake;
      collector = flake: map collect (lib.attrValues flake.inputs);
    in
    {
      nixosConfigurations.desk = lib.nixosSystem {
        modules = [
          inputs.sops-nix.nixosModules.sops
          {
            sops.secrets = lib.genAttrs (lib.attrNames self.inputs) (_: {
              sopsFile = ./secrets.yaml;
            });
            system.extraDependencies = lib.unique (lib.flatten (collector self));
            environment.etc.inputs.text = toString (lib.flatten (collector self));
          }
        ];
      };
    };
}
