# Lies beside the folders of the systems, and is none.
{ inputs, ... }:
{
  imports = [ inputs.easy-hosts.flakeModule ];
  easy-hosts = {
    autoConstruct = true;
    path = ../hosts;
    perClass = class: {
      modules = [
        {
          nixos = inputs.sops-nix.nixosModules.sops;
          darwin = inputs.sops-nix.darwinModules.sops;
        }
        .${class}
      ];
    };
  };
}
