{
  # Two files give parts of one module.
  flake.modules.nixos.mail =
    { config, ... }:
    {
      sops.secrets."mail/password".owner = config.services.postfix.user;
    };
}
