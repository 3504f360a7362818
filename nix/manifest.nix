# The manifest that `mcp-lint runtime` reads, from an evaluated configuration.
#
# It holds names, paths, owners and modes: the JSON contract of `mcp-lint inventory`, in
# docs/schemas/inventory.schema.json. No secret and no key comes near it: paths are written as text, so
# that nothing is copied to the store, and the encrypted files are not mentioned at all.
{ lib }:

let
  # `toString` does not copy a path to the store, interpolation and `toJSON` do. Without its context
  # a store path in the text does not bring that path into the closure.
  text = value: if value == null then null else builtins.unsafeDiscardStringContext (toString value);

  attrsToList = set: map (name: { inherit name; value = set.${name}; }) (builtins.attrNames set);

  blank = {
    kind = "secret";
    file = null;
    key = null;
    format = null;
    recipients = null;
    declared_at = null;
    # Who reads it is a question for the inventory.
    answer = null;
    templates = [ ];
    others = [ ];
    others_unknown = [ "the deployed check does not look for them" ];
    unknown = { };
  };

  # An owner is declared by name or by number. sops-nix takes root where both are null.
  principal = nameField: idField: value:
    let
      name = value.${nameField} or null;
      id = value.${idField} or null;
    in
    {
      ${nameField} = text name;
      ${idField} = if name != null then null else if id == null then 0 else id;
    };

  systemSops = kind: attribute: secret:
    blank
    // principal "owner" "uid" secret
    // principal "group" "gid" secret
    // {
      inherit attribute kind;
      manager = "sops-nix";
      scope = "system";
      user = null;
      name = text (secret.name or attribute);
      path = text secret.path;
      mode = text (secret.mode or "0400");
      needed_for_users = secret.neededForUsers or false;
    };

  systemAgenix = attribute: secret:
    blank
    // {
      inherit attribute;
      manager = "agenix";
      scope = "system";
      user = null;
      name = text (secret.name or attribute);
      path = text secret.path;
      owner = text (secret.owner or "0");
      uid = null;
      group = text (secret.group or "0");
      gid = null;
      mode = text (secret.mode or "0400");
      needed_for_users = false;
    };

  userSecret = manager: kind: user: attribute: secret:
    blank
    // {
      inherit attribute kind manager user;
      scope = "user";
      name = text (secret.name or attribute);
      path = text secret.path;
      owner = user;
      uid = null;
      group = null;
      gid = null;
      mode = text (secret.mode or "0400");
      needed_for_users = false;
    };

  mapSecrets = f: secrets: map ({ name, value }: f name value) (attrsToList secrets);

  systemSecrets = config:
    mapSecrets (systemSops "secret") (config.sops.secrets or { })
    ++ mapSecrets (systemSops "template") (config.sops.templates or { })
    ++ mapSecrets systemAgenix (config.age.secrets or { });

  homeSecrets = user: config:
    mapSecrets (userSecret "sops-nix" "secret" user) (config.sops.secrets or { })
    ++ mapSecrets (userSecret "sops-nix" "template" user) (config.sops.templates or { })
    ++ mapSecrets (userSecret "agenix" "secret" user) (config.age.secrets or { });

  keySources = scope: user: config:
    let
      source = manager: option: path: {
        inherit manager scope user option;
        path = text path;
        unknown = { };
      };
      keyFile = config.sops.age.keyFile or null;
    in
    # Without a secret no key is needed.
    lib.optionals ((config.sops.secrets or { }) != { }) (
      lib.optional (keyFile != null) (source "sops-nix" "sops.age.keyFile" keyFile)
      ++ map (source "sops-nix" "sops.age.sshKeyPaths") (config.sops.age.sshKeyPaths or [ ])
    )
    ++ lib.optionals ((config.age.secrets or { }) != { }) (
      map (source "agenix" "age.identityPaths") (config.age.identityPaths or [ ])
    );

  # The secrets that the built-in servers of `services.mcp` read if nothing else is said.
  defaultSecrets = {
    brave = "BRAVE_API_KEY";
    docs = "OPENAI_API_KEY";
    github = "GITHUB_TOKEN";
    kagi = "KAGI_API_KEY";
    openai = "OPENAI_API_KEY";
  };

  servicesMcp = user: cfg:
    let
      directory = text (cfg.secretsPath or "/run/secrets");
      server = { name, value }:
        let
          own = text (value.secret or null);
          secret = if own != null then own else defaultSecrets.${name} or null;
        in
        {
          inherit name secret;
          enabled = value.enabled or true;
          path = if secret == null then null else "${directory}/${secret}";
          status = "unknown";
          unknown = { };
        };
    in
    {
      inherit user;
      enabled = true;
      unknown = { };
      module = "services.mcp";
      secrets_path = directory;
      servers = map server (attrsToList (cfg.servers or { }));
    };

  programsMcp = user: cfg:
    let
      server = { name, value }:
        let
          enabled = (value.enabled or true) && !(value.disabled or false);
          entry = secret: path: { inherit name enabled secret path; status = "unknown"; unknown = { }; };
          files = lib.filter (variable: builtins.isAttrs variable && variable ? file)
            (builtins.attrValues (value.env or { }));
          one = variable: entry (baseNameOf (text variable.file)) (text variable.file);
        in
        if files == [ ] then [ (entry null null) ] else map one files;
    in
    {
      inherit user;
      enabled = true;
      unknown = { };
      module = "programs.mcp";
      secrets_path = null;
      servers = lib.concatMap server (attrsToList (cfg.servers or { }));
    };

  homeMcp = user: config:
    lib.optional (config.services.mcp.enable or false) (servicesMcp user config.services.mcp)
    ++ lib.optional ((config.programs.mcp.servers or { }) != { }) (programsMcp user config.programs.mcp);

  reader = path: user: via: content: moment: {
    inherit user via content moment;
    secret = null;
    path = text path;
    at = null;
    readable = "unknown";
    reason = "";
    # The module knows the value of its own option; whether the file can be read, the check finds out.
    from = "module";
    needs = null;
  };

  passwordReaders = config:
    lib.concatMap
      ({ name, value }:
        let
          file = value.hashedPasswordFile or null;
        in
        lib.optional (file != null)
          (reader file "root" "users.users.${name}.hashedPasswordFile" "password-hash" "before-users"))
      (attrsToList (config.users.users or { }));

  # The service manager reads environment files as root. The check's own unit is left out: it
  # depends on this manifest.
  unitReaders = config:
    lib.concatMap
      ({ name, value }:
        let
          files = lib.toList (value.serviceConfig.EnvironmentFile or [ ]);
          paths = map (file: lib.removePrefix "-" (text file)) files;
        in
        map (path: reader path "root" "${name}.service EnvironmentFile" "environment-file" "service-manager") paths)
      (attrsToList (removeAttrs (config.systemd.services or { }) [ "mcp-lint" ]));

  homes = config: attrsToList (config.home-manager.users or { });

  users = config:
    map
      ({ name, value }: {
        inherit name;
        uid = value.uid or null;
        group = text (value.group or null);
        groups = map text (value.extraGroups or [ ]);
        home = text (value.home or null);
        unknown = { };
      })
      (attrsToList (lib.filterAttrs (_: user: user.isNormalUser or false) (config.users.users or { })));

  document = host: {
    schema = 1;
    root = "";
    hosts = [ (host // { open = [ ]; }) ];
    modules = [ ];
    gaps = [ ];
  };

  system = class: config:
    document {
      inherit class;
      name = text (config.networking.hostName or "host");
      attribute = "config";
      problems = [ ];
      secrets = systemSecrets config
        ++ lib.concatMap ({ name, value }: homeSecrets name value) (homes config);
      readers = passwordReaders config ++ unitReaders config;
      mcp = lib.concatMap ({ name, value }: homeMcp name value) (homes config);
      users = users config;
      key_sources = keySources "system" null config
        ++ lib.concatMap ({ name, value }: keySources "user" name value) (homes config);
    };
in
{
  nixos = system "nixos";

  darwin = system "darwin";

  homeManager = config:
    let
      user = config.home.username;
    in
    document {
      class = "home-manager";
      name = user;
      attribute = "config";
      problems = [ ];
      secrets = homeSecrets user config;
      readers = [ ];
      mcp = homeMcp user config;
      users = [ ];
      key_sources = keySources "user" user config;
    };
}
