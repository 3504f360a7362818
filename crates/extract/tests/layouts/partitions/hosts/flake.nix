{
  inputs.sops-nix.url = "github:Mic92/sops-nix";
  outputs = _: { };
}
