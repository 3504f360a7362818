{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    sops-nix.url = "github:Mic92/sops-nix";
    microvm.url = "github:microvm-nix/microvm.nix";
  };
  outputs =
    { self, nixpkgs, sops-nix, microvm, ... }:
    {
      nixosConfigurations.desk = nixpkgs.lib.nixosSystem {
        modules = [
          sops-nix.nixosModules.sops
          microvm.nixosModules.host
          {
            microvm.vms = {
              web = {
                specialArgs.port = "one";
                config =
                  { port, ... }:
                  {
                    sops.secrets.${port}.sopsFile = ./web.yaml;
                    microvm.shares = [
                      { tag = "ssh"; source = "/persist/ssh"; mountPoint = "/etc/ssh"; proto = "virtiofs"; }
                    ];
                  };
              };
              # Its system is another output.
              other.flake = self;
            };
            containers.cell = {
              path = "/nix/var/nix/profiles/cell";
            };
          }
        ];
      };
    };
}
