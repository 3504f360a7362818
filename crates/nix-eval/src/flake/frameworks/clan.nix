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
  # nixosModules/clanCore/vars: what generators make. Their secrets are secrets of sops-nix, the rest lies in
  # `vars` as it is.
  vars =
    machine:
    { config, ... }@arguments:
    let
      inherit (lib) mkOption types;
      isDarwin = classOf machine == "darwin";
      ofOption = type: default: mkOption { inherit type default; };
      folderOf = generator: if generator.share then "shared/${generator.name}" else "per-machine/${machine}/${generator.name}";
      file =
        generator:
        { name, config, ... }@file:
        let
          written = directory + "/vars/${folderOf generator}/${file.config.name}/value";
        in
        {
          freeformType = types.lazyAttrsOf types.raw;
          options = {
            name = ofOption types.str name;
            secret = ofOption types.bool true;
            deploy = ofOption types.bool true;
            owner = ofOption types.str "root";
            group = ofOption types.str (if isDarwin then "wheel" else "root");
            mode = ofOption types.str "0400";
            neededFor = ofOption types.str "services";
            restartUnits = ofOption (types.listOf types.str) [ ];
            path = mkOption { type = types.raw; };
            value = mkOption { type = types.raw; };
          };
          config = {
            path = lib.mkOptionDefault (
              if !file.config.secret then
                written
              else if file.config.neededFor == "partitioning" then
                "/run/partitioning-secrets/${folderOf generator}/${file.config.name}"
              else if file.config.neededFor == "activation" then
                "/var/lib/sops-nix/activation/${folderOf generator}/${file.config.name}"
              else
                arguments.config.sops.secrets.${nameOf generator file.config}.path or "/no-such-path"
            );
            value = lib.mkIf (!file.config.secret) (lib.mkOptionDefault (builtins.readFile written));
          };
        };
      generator =
        { name, config, ... }:
        {
          freeformType = types.lazyAttrsOf types.raw;
          options = {
            name = ofOption types.str name;
            share = ofOption types.bool false;
            files = ofOption (types.attrsOf (types.submodule (file config))) { };
            prompts = ofOption (types.attrsOf (types.submodule {
              freeformType = types.lazyAttrsOf types.raw;
              options.persist = ofOption types.bool false;
            })) { };
          };
          config.files = lib.mapAttrs (_: _: { }) (lib.filterAttrs (_: prompt: prompt.persist) config.prompts);
        };
      nameOf = generator: file: "vars/${folderOf generator}/${file.name}";
      isDeployed = file: file.secret && file.deploy && lib.elem file.neededFor [ "users" "services" ];
      secretsOf =
        generator:
        map (
          file:
          lib.nameValuePair (nameOf generator file) (
            {
              inherit (file) owner group mode;
              neededForUsers = file.neededFor == "users";
              sopsFile = directory + "/${nameOf generator file}/secret";
              format = "binary";
            }
            // lib.optionalAttrs (!isDarwin) { inherit (file) restartUnits; }
          )
        ) (lib.filter isDeployed (lib.attrValues generator.files));
      isEncrypted = secret: builtins.pathExists secret.value.sopsFile;
      ofSops = (clan.vars.settings.secretStore or "sops") == "sops" && config.clan.core.vars.settings.secretStore == "sops";
    in
    {
      _file = "«mcp-lint»/clan.nix";
      options.clan.core.vars = {
        generators = ofOption (types.attrsOf (types.submodule generator)) { };
        settings = ofOption (types.submodule {
          freeformType = types.lazyAttrsOf types.raw;
          options.secretStore = ofOption types.str "sops";
        }) { };
      };
      config.sops.secrets = lib.mkIf ofSops (
        lib.listToAttrs (
          lib.filter isEncrypted (lib.concatMap secretsOf (lib.attrValues config.clan.core.vars.generators))
        )
      );
    };
  classOf = name: inventory.${name}.machineClass or "nixos";
  modulesOf =
    name:
    lib.optional (written ? ${name}) written.${name}
    ++ lib.optional (folders ? ${name}) (folders.${name} + "/configuration.nix")
    ++ ofServices name
    ++ [
      (vars name)
      {
        networking.hostName = lib.mkDefault name;
        sops.secrets = secretsOf name;
        # nixosModules/clanCore/vars/secret/sops: the key that clan uploads.
        sops.age.keyFile = lib.mkDefault "/var/lib/sops-nix/key.txt";
      }
    ];
  machine =
    name:
    (if classOf name == "darwin" then darwinSystem else nixosSystem) {
      specialArgs = {
        self = clan.self or { };
      }
      // (clan.specialArgs or { });
      modules = modulesOf name;
    };
  ofClass = class: lib.genAttrs (lib.filter (name: classOf name == class) names) machine;
  config = {
    nixosConfigurations = ofClass "nixos";
    darwinConfigurations = ofClass "darwin";
    nixosModules = { };
    darwinModules = { };
    clanInternals = { };
    # modules/clan/module.nix: a machine as a module, for one that is a virtual machine of another.
    outputs.moduleForMachine = lib.genAttrs names (name: {
      imports = modulesOf name;
    });
  };
in
config // { inherit config; }
