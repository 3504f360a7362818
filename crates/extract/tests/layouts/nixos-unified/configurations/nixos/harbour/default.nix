{ flake, ... }:
{
  imports = [
    flake.inputs.agenix.nixosModules.default
    flake.inputs.self.nixosModules.web
  ];
}
