# snowfall-lib's `mkFlake` and `mkLib`: systems, homes and modules by folder
# (https://snowfall.org/guides/lib/quickstart).
{
  lib,
  nixosSystem,
  darwinSystem,
  homeManagerConfiguration,
  entries,
  ...
}:
let
  # Every folder below with a `default.nix`, by its path from there: `desktop/gnome`.
  moduleFolders =
    folder: prefix:
    lib.concatMapAttrs (
      name: path:
      if lib.hasSuffix ".nix" (toString path) then
        { }
      else
        lib.optionalAttrs (builtins.pathExists (path + "/default.nix")) { "${prefix}${name}" = path; }
        // moduleFolders path "${prefix}${name}/"
    ) (entries folder);
  # The functions for modules of `lib.snowfall` (https://snowfall.org/reference/lib).
  library =
    src: root:
    let
      entriesOf = kinds: path: lib.filterAttrs (_: kind: lib.elem kind kinds) (
        if builtins.pathExists path then builtins.readDir path else { }
      );
      within = path: lib.mapAttrsToList (name: _: "${path}/${name}");
      get-files = path: within path (entriesOf [ "regular" ] path);
      get-files-recursive =
        path:
        lib.concatLists (
          lib.mapAttrsToList (
            name: kind: if kind == "directory" then get-files-recursive "${path}/${name}" else [ "${path}/${name}" ]
          ) (entriesOf [ "regular" "directory" ] path)
        );
      isNix = lib.hasSuffix ".nix";
      isDefault = path: baseNameOf path == "default.nix";
      isOther = path: isNix path && !isDefault path;
      nameOf = path: lib.last (lib.splitString "/" (toString path));
      without-extension =
        path:
        let
          parts = builtins.match "(.*)\\.(.*)$" (nameOf path);
        in
        if parts == null then nameOf path else lib.head parts;
    in
    {
      fs = {
        inherit get-files get-files-recursive;
        get-file = path: "${src}/${path}";
        get-snowfall-file = path: "${root}/${path}";
        get-directories = path: within path (entriesOf [ "directory" ] path);
        get-nix-files = path: lib.filter isNix (get-files path);
        get-nix-files-recursive = path: lib.filter isNix (get-files-recursive path);
        get-default-nix-files = path: lib.filter isDefault (get-files path);
        get-default-nix-files-recursive = path: lib.filter isDefault (get-files-recursive path);
        get-non-default-nix-files = path: lib.filter isOther (get-files path);
        get-non-default-nix-files-recursive = path: lib.filter isOther (get-files-recursive path);
      };
      path = {
        get-file-name-without-extension = without-extension;
        get-parent-directory = path: baseNameOf (dirOf path);
      };
      home.split-user-and-host =
        target:
        let
          parts = lib.splitString "@" target;
        in
        {
          user = lib.head parts;
          host = if lib.length parts > 1 then lib.last parts else "";
        };
    };
  make =
    {
      inputs,
      src,
      snowfall ? { },
      ...
    }:
    let
      root = snowfall.root or src;
      namespace = snowfall.namespace or "internal";
      ownLibrary = lib.foldl (
        sum: path:
        let
          value = import path;
          given = {
            inherit inputs namespace;
            lib = extended;
            snowfall-inputs = inputs;
          };
          part =
            if builtins.isFunction value then
              value (builtins.intersectAttrs (builtins.functionArgs value) given)
            else
              value;
        in
        lib.recursiveUpdate sum part
      ) { } (
        lib.optional (builtins.pathExists (root + "/lib/default.nix")) (root + "/lib")
        ++ lib.attrValues (moduleFolders (root + "/lib") "")
      );
      # Every input's `lib`, by the name of the input.
      libraries = lib.mapAttrs (_: input: input.lib) (
        lib.filterAttrs (name: input: name != "self" && builtins.isAttrs (input.lib or null)) inputs
      );
      extended = lib // libraries // {
        snowfall = library src root;
        ${namespace} = ownLibrary;
        mkFlake = arguments: flakeOf { inherit inputs src snowfall; } arguments;
      };
    in
    {
      inherit root namespace extended;
    };
  flakeOf =
    base: arguments:
    let
      inherit (base) inputs;
      made = make (base // { snowfall = base.snowfall or { } // arguments.snowfall or { }; });
      inherit (made) root namespace extended;
      modulesOf = type: moduleFolders (root + "/modules/${type}") "";
      given = arguments.systems or { };
      homeModules = lib.attrValues (modulesOf "home") ++ arguments.homes.modules or [ ];
      # `systems/<architecture>-<format>/<host>`
      systemsIn = lib.concatLists (
        lib.mapAttrsToList (
          target: folder: lib.mapAttrsToList (host: path: { inherit target host path; }) (entries folder)
        ) (entries (root + "/systems"))
      );
      homesIn = lib.concatLists (
        lib.mapAttrsToList (
          target: folder:
          lib.mapAttrsToList (
            name: path:
            let
              parts = lib.splitString "@" name;
            in
            {
              inherit target name path;
              user = lib.head parts;
              host = if lib.length parts > 1 then lib.last parts else null;
            }
          ) (entries folder)
        ) (entries (root + "/homes"))
      );
      isDarwin = target: lib.hasSuffix "-darwin" target;
      argumentsOf = host: target: {
        inherit inputs namespace host target;
        lib = extended;
        system = if isDarwin target then target else "${lib.head (lib.splitString "-" target)}-linux";
        format = if isDarwin target then "darwin" else "linux";
        virtual = false;
        systems = { };
      };
      homeOf =
        home:
        { osConfig ? { }, ... }:
        {
          imports = [ home.path ] ++ homeModules ++ (arguments.homes.users.${home.name}.modules or [ ]);
          home.username = lib.mkDefault home.user;
        };
      system =
        {
          target,
          host,
          path,
        }:
        let
          type = if isDarwin target then "darwin" else "nixos";
          own = given.hosts.${host} or { };
          homes = lib.filter (home: home.target == target && (home.host == host || home.host == null)) homesIn;
          special = argumentsOf host target // own.specialArgs or { };
        in
        lib.nameValuePair host (
          (if type == "darwin" then darwinSystem else nixosSystem) {
            specialArgs = special;
            modules =
              lib.attrValues (modulesOf type)
              ++ given.modules.${type} or [ ]
              ++ own.modules or [ ]
              ++ [
                path
                { networking.hostName = lib.mkDefault host; }
              ]
              ++ lib.optional (homes != [ ]) {
                home-manager.extraSpecialArgs = special;
                home-manager.users = lib.listToAttrs (map (home: lib.nameValuePair home.user (homeOf home)) homes);
              };
          }
        );
      hostsOf = darwin: lib.listToAttrs (map system (lib.filter (one: isDarwin one.target == darwin) systemsIn));
      rest = removeAttrs arguments [
        "inputs"
        "src"
        "snowfall"
        "systems"
        "homes"
        "modules"
        "channels-config"
        "overlays"
        "outputs-builder"
        "alias"
        "supported-systems"
        "package-namespace"
      ];
    in
    rest
    // {
      nixosConfigurations = hostsOf false;
      darwinConfigurations = hostsOf true;
      homeConfigurations = lib.listToAttrs (
        map (
          home:
          lib.nameValuePair home.name (homeManagerConfiguration {
            extraSpecialArgs = argumentsOf home.host home.target;
            modules = [ (homeOf home) ];
          })
        ) homesIn
      );
      nixosModules = modulesOf "nixos";
      darwinModules = modulesOf "darwin";
      homeModules = modulesOf "home";
    };
in
{
  mkFlake = arguments: flakeOf arguments arguments;
  mkLib = arguments: (make arguments).extended;
}
