{ kind, ... }:
{
  sops.secrets."${kind}/token".mode = "0440";
}
