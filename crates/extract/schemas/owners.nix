# Owners of secrets and their groups on NixOS, for the schemas of the systems and the managers.
{
  known,
  serviceUsers,
  sameGroupUsers,
  groupOfServiceUsers,
  ...
}:
rec {
  # A user whom a module of NixOS creates has its group from there.
  isOfNixos = user: builtins.elem user sameGroupUsers;
  groupOfNixos =
    services: user: if builtins.elem user groupOfServiceUsers then services.${user}.group else user;
  # In a configuration from which modules may be missing.
  within =
    { config, isWhole }:
    {
      # A user that a module outside the project may declare is not known; any other that is not
      # declared is an error, as it is in Nix.
      usersWith =
        name: if isWhole && !(builtins.elem name serviceUsers) then known config.users.users else config.users.users;
      # A user of NixOS that the project does not mention.
      hasOwnGroup = owner: isOfNixos owner && !(known config.users.users ? ${owner});
      ownGroup = groupOfNixos config.services;
    };
}
