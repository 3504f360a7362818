{ moduleWithSystem, ... }:
{
  # Two files give parts of one module.
  flake.modules.nixos.mail =
    { config, ... }:
    {
      sops.secrets."mail/password".owner = config.services.postfix.user;
    };
  # A part that is a function of `perSystem` first.
  flake.modules.nixos.relay = moduleWithSystem (
    { system, ... }:
    { config, lib, ... }:
    {
      sops.secrets."mail/relay-${system}".owner = config.services.postfix.user;
    }
  );
}
