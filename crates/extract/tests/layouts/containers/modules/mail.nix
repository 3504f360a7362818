{ config, lib, ... }:
{
  options.harbour.mail.enable = lib.mkEnableOption "the mail server";

  config = lib.mkIf config.harbour.mail.enable {
    containers.mail = {
      vault = "mail";
      config.sops.secrets."mail/dkim".owner = "rspamd";
    };
  };
}
