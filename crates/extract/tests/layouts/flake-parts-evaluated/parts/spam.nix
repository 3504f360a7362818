{
  flake.modules.nixos.mail.sops.secrets."mail/filter" = { };
}
