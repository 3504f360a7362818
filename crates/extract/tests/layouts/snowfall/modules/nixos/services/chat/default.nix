{
  lib,
  config,
  namespace,
  ...
}:
{
  options.${namespace}.chat.enable = lib.mkEnableOption "chat";
  config = lib.mkIf config.${namespace}.chat.enable {
    sops.secrets.chat-token = lib.${namespace}.ownedBy "matrix-synapse";
  };
}
