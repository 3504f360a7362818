{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    flake-parts.url = "github:hercules-ci/flake-parts";
    easy-hosts.url = "github:tgirlcloud/easy-hosts";
    sops-nix.url = "github:Mic92/sops-nix";
  };
  outputs =
    inputs:
    inputs.flake-parts.lib.mkFlake { inherit inputs; } {
      imports = [ inputs.easy-hosts.flakeModule ];
      systems = [ "x86_64-linux" ];
      easy-hosts = {
        path = ./systems;
        shared.modules = [
          inputs.sops-nix.nixosModules.sops
          { sops.defaultSopsFile = ./secrets.yaml; }
        ];
        perClass = class: { specialArgs.kind = class; };
        hosts.lantern.arch = "x86_64";
      };
    };
}
