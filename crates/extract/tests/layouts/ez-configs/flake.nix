{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    flake-parts.url = "github:hercules-ci/flake-parts";
    ez-configs.url = "github:ehllie/ez-configs";
    agenix.url = "github:ryantm/agenix";
  };
  outputs =
    inputs:
    inputs.flake-parts.lib.mkFlake { inherit inputs; } {
      imports = [ inputs.ez-configs.flakeModule ];
      systems = [ "x86_64-linux" ];
      ezConfigs = {
        root = ./.;
        globalArgs = { inherit inputs; };
        nixos.hosts.quay.userHomeModules = [ "nils" ];
      };
    };
}
