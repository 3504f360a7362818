# A flake as Nix evaluates it (flake.lock, follows, call-flake), with inputs from a folder of sources, OWNER+NAME each;
# what is not there is a stub. NixOS is `stubs.nix` around the real modules of sops-nix and agenix. The value: by the
# name of each NixOS configuration its secrets, each with owner, group, mode and path.
{
  dir,
  sources,
  # By the output of flakes that holds modules, the names of those that a stub has.
  stubNames ? { },
  # The options that a stub of nixpkgs declares, [ set name ] each.
  stubOptions ? [ ],
  # The folder of the modules of nixpkgs.
  modulesPath,
}:
let
  b = builtins;
  letters = text: b.genList (i: b.substring i 1 text) (b.stringLength text);
  lower = b.replaceStrings (letters "ABCDEFGHIJKLMNOPQRSTUVWXYZ") (letters "abcdefghijklmnopqrstuvwxyz");

  # Sources by their name in lower case; projects that moved have the one that they have now.
  table = b.listToAttrs (
    map (name: {
      name = lower name;
      value = sources + "/${name}";
    }) (b.attrNames (b.readDir sources))
  );
  moved = {
    "cachix+pre-commit-hooks.nix" = "cachix+git-hooks.nix";
    "denful+den" = "vic+den";
    "denful+import-tree" = "vic+import-tree";
    "hsjobeki+haumea" = "nix-community+haumea";
    "isabelroses+easy-hosts" = "tgirlcloud+easy-hosts";
    "lnl7+nix-darwin" = "nix-darwin+nix-darwin";
    "nix-systems+x86_64-linux" = "nix-systems+default";
  };
  find = key: table.${moved.${lower key} or (lower key)} or null;
  nixpkgsLib = sources + "/nix-community+nixpkgs.lib";
  lib0 = import (nixpkgsLib + "/lib");
  packages = import nixpkgsLib { };
  homeManager = sources + "/nix-community+home-manager";
  zeros = "0000000000000000000000000000000000000000";

  # Options of nixpkgs: any values, with `enable`.
  options =
    { lib, ... }:
    let
      any = lib.types.lazyAttrsOf lib.types.anything;
      set = lib.types.submodule {
        freeformType = any;
        options.enable = lib.mkOption {
          type = lib.types.anything;
          default = false;
        };
      };
      option = lib.mkOption {
        type = lib.types.either set lib.types.anything;
        default = { };
      };
    in
    {
      options = b.foldl' lib.recursiveUpdate { } (map (path: lib.setAttrByPath path option) stubOptions);
    };

  evalNixos =
    args:
    let
      lib = args.lib or lib0;
      evaluation = lib.evalModules {
        class = "nixos";
        specialArgs = {
          inherit lib;
          pkgs = args.pkgs or packages;
          modulesPath = toString modulesPath;
        }
        // (args.specialArgs or { });
        modules = [
          options
          (import ./stubs.nix { homeLib = import (homeManager + "/modules/lib/stdlib-extended.nix") lib0; })
          (sources + "/Mic92+sops-nix/modules/sops")
          (sources + "/ryantm+agenix/modules/age.nix")
          {
            nixpkgs.hostPlatform = lib.mkDefault {
              system = "x86_64-linux";
              isLinux = true;
              isDarwin = false;
            };
          }
        ]
        ++ args.modules or [ ];
      };
    in
    evaluation // { pkgs = packages; };

  # Configurations of another kind: nothing of them is compared.
  other = kind: args: {
    _type = "configuration";
    inherit kind args;
    config = throw "the config of a ${kind}";
    options = throw "the options of a ${kind}";
    pkgs = throw "the packages of a ${kind}";
  };

  lib = lib0.extend (
    _: before: {
      nixosSystem = evalNixos;
      nixos.evalModules = evalNixos;
      version = "26.05pre-git";
      trivial = before.trivial // {
        release = "26.05";
        version = "26.05";
      };
    }
  );
  nixpkgs = {
    inherit lib;
    _type = "flake";
    outPath = toString nixpkgsLib;
    nixosModules = modules "nixosModules";
    legacyPackages = lib.genAttrs lib.systems.flakeExposed (system: import nixpkgsLib { inherit system; });
    inputs = { };
    outputs = { };
    sourceInfo.outPath = nixpkgsLib;
    rev = zeros;
    shortRev = "0000000";
    lastModified = 1;
    lastModifiedDate = "20260101000000";
    narHash = "";
  };

  modules =
    output:
    b.listToAttrs (
      map (name: {
        inherit name;
        value = { };
      }) ((stubNames.${output} or [ ]) ++ [ "default" ])
    );
  stub = {
    _type = "flake";
    outPath = modulesPath;
    inputs = { };
    lib = { };
    packages = { };
    overlays = { };
    nixosModules = modules "nixosModules";
    darwinModules = modules "darwinModules";
    homeModules = modules "homeModules";
    homeManagerModules = modules "homeManagerModules";
    flakeModules.default = { };
    flakeModule = { };
    rev = zeros;
  };

  # Inputs that are no source and no stub.
  special =
    name: key:
    let
      project = lower key;
      isNixpkgs =
        b.elem project [
          "nixos+nixpkgs"
          "nix-community+nixpkgs.lib"
        ]
        || find key == null
        && (
          b.match ".*nixpkgs(-unstable|-stable|-small|)" project != null
          || b.match "nixpkgs(-lib|-unstable|-stable|-small|-master|-darwin|-[0-9.]+|)(_[0-9]+)?" name != null
        );
      module = {
        default = { };
        home-manager = { };
      };
    in
    if isNixpkgs then
      nixpkgs
    else if b.match ".*\\+home-manager" project != null then
      stub
      // {
        outPath = homeManager;
        lib = {
          hm = { };
          homeManagerConfiguration = other "home";
        };
        nixosModules = module;
        darwinModules = module;
        flakeModules = module;
      }
    else if b.match ".*\\+nix-darwin" project != null then
      stub // { lib.darwinSystem = other "darwin"; }
    else
      null;

  lock =
    if b.pathExists (dir + "/flake.lock") then
      b.fromJSON (b.readFile (dir + "/flake.lock"))
    else
      {
        nodes.root = { };
        root = "root";
      };
  resolve = spec: if b.isList spec then follow lock.root spec else spec;
  follow =
    node: path:
    if path == [ ] then node else follow (resolve lock.nodes.${node}.inputs.${b.head path}) (b.tail path);
  keyOf =
    locked:
    let
      url = b.match ".*[/:]([^/]+)/([^/]+)" (
        b.replaceStrings [ ".git" "/archive/main.tar.gz" ] [ "" "" ] (locked.url or "")
      );
    in
    if locked ? owner && locked ? repo then
      "${locked.owner}+${locked.repo}"
    else if url != null then
      b.concatStringsSep "+" url
    else
      "unknown+unknown";
  nodes = b.mapAttrs (
    name: node:
    let
      inputs = b.mapAttrs (_: spec: nodes.${resolve spec}) (node.inputs or { });
      locked = node.locked or { };
      key = keyOf locked;
      known = special name key;
      source = find key;
      inside = dir + "/${locked.path}";
    in
    if name == lock.root then
      callFlake dir inputs
    else if known != null then
      known
    else if source != null then
      if (node.flake or true) && b.pathExists (source + "/flake.nix") then
        callFlake source inputs
      else
        { outPath = source; }
    else if (locked.type or "") == "path" && b.pathExists inside then
      callFlake inside inputs
    else
      stub
  ) lock.nodes;

  callFlake =
    source: locked:
    let
      flake = import (source + "/flake.nix");
      # Without a lock an input is looked for by its address.
      declared = b.mapAttrs (
        name: input:
        let
          address = b.match "[^:]*:([^/?]+)/([^/?]+).*" (input.url or "");
          key = if address == null then "unknown+${name}" else b.concatStringsSep "+" address;
          known = special name key;
          found = find key;
        in
        if known != null then
          known
        else if found != null then
          callFlake found { }
        else
          stub
      ) (flake.inputs or { });
      formals = b.mapAttrs (name: _: if b.match "nixpkgs.*" name != null then nixpkgs else stub) (
        b.functionArgs flake.outputs
      );
      inputs = formals // declared // locked;
      outputs = flake.outputs (inputs // { self = result; });
      result = outputs // {
        inherit outputs inputs;
        _type = "flake";
        outPath = toString source;
        sourceInfo.outPath = toString source;
        rev = zeros;
        shortRev = "0000000";
        lastModified = 1;
        lastModifiedDate = "20260101000000";
        narHash = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
      };
    in
    result;

  facts = b.mapAttrs (
    _: secret: {
      inherit (secret)
        owner
        group
        mode
        path
        ;
    }
  );
in
b.mapAttrs (_: host: {
  sops = facts host.config.sops.secrets;
  age = facts host.config.age.secrets;
}) nodes.${lock.root}.outputs.nixosConfigurations
