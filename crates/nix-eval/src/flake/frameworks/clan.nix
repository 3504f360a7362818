# clan-core's `lib.clan` and `lib.buildClan`: the machines of a clan (its docs: machines, inventory).
{
  lib,
  nixosSystem,
  darwinSystem,
  entries,
  ...
}:
clan:
let
  directory = clan.directory or (clan.self or { outPath = /nowhere; }).outPath;
  inventory = clan.inventory.machines or { };
  instances = lib.attrValues (clan.inventory.instances or { });
  written = clan.machines or { };
  folders = lib.filterAttrs (_: path: builtins.pathExists (path + "/configuration.nix")) (
    entries (directory + "/machines")
  );
  names = lib.unique (lib.attrNames written ++ lib.attrNames inventory ++ lib.attrNames folders);
  # A machine has a role of a service by its name or by a tag.
  tagsOf =
    name:
    [
      "all"
      (classOf name)
    ]
    ++ (inventory.${name}.tags or [ ]);
  namesIn = names: if lib.isAttrs names then lib.attrNames names else names;
  hasRole =
    name: role:
    (role.machines or { }) ? ${name}
    || lib.any (tag: lib.elem tag (tagsOf name)) (namesIn (role.tags or [ ]));
  # clanServices/users: the user that an instance is for.
  usersOf =
    name: instance: role:
    let
      settings = (role.settings or { }) // (role.machines.${name}.settings or { });
    in
    lib.optional
      ((instance.module.name or "") == "users" && (instance.module.input or "clan-core") == "clan-core" && settings ? user)
      {
        users.users.${settings.user} = {
          isNormalUser = lib.mkDefault (settings.user != "root");
          extraGroups = settings.groups or [ ];
        };
      };
  ofServices =
    name:
    lib.concatMap (
      instance:
      lib.concatMap (
        role:
        lib.optionals (hasRole name role) (
          map (module: if lib.isString module then directory + "/${module}" else module) (
            role.extraModules or [ ]
          )
          ++ lib.optionals (classOf name == "nixos") (usersOf name instance role)
        )
      ) (lib.attrValues (instance.roles or { }))
    ) instances;
  # nixosModules/clanCore/sops.nix: what lies in `sops/secrets` for the machine, or for a group that it is in.
  foldersIn =
    folder:
    lib.optionals (builtins.pathExists folder) (
      lib.attrNames (lib.filterAttrs (_: kind: kind == "directory") (builtins.readDir folder))
    );
  secrets = directory + "/sops/secrets";
  groups = directory + "/sops/groups";
  secretsOf =
    machine:
    let
      isIn = folder: builtins.pathExists (folder + "/machines/${machine}");
      ofMachine = lib.filter (group: isIn (groups + "/${group}")) (foldersIn groups);
      isFor =
        secret:
        isIn (secrets + "/${secret}")
        || lib.any (group: builtins.pathExists (secrets + "/${secret}/groups/${group}")) ofMachine;
    in
    lib.genAttrs (lib.filter isFor (foldersIn secrets)) (secret: {
      sopsFile = secrets + "/${secret}/secret";
      format = "binary";
    });
  classOf = name: inventory.${name}.machineClass or "nixos";
  machine =
    name:
    (if classOf name == "darwin" then darwinSystem else nixosSystem) {
      specialArgs = {
        self = clan.self or { };
      }
      // (clan.specialArgs or { });
      modules =
        lib.optional (written ? ${name}) written.${name}
        ++ lib.optional (folders ? ${name}) (folders.${name} + "/configuration.nix")
        ++ ofServices name
        ++ [
          {
            networking.hostName = lib.mkDefault name;
            sops.secrets = secretsOf name;
            # nixosModules/clanCore/vars/secret/sops: the key that clan uploads.
            sops.age.keyFile = lib.mkDefault "/var/lib/sops-nix/key.txt";
          }
        ];
    };
  ofClass = class: lib.genAttrs (lib.filter (name: classOf name == class) names) machine;
  config = {
    nixosConfigurations = ofClass "nixos";
    darwinConfigurations = ofClass "darwin";
    nixosModules = { };
    darwinModules = { };
    clanInternals = { };
  };
in
config // { inherit config; }
