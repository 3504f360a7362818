# easy-hosts' flake-parts module (its README: hosts, shared, perClass, perArch, path, autoConstruct).
{
  nixosSystem,
  darwinSystem,
  entries,
  ...
}:
{
  config,
  lib,
  inputs,
  self,
  ...
}:
let
  inherit (lib) mkOption types;
  cfg = config.easy-hosts;
  parts = {
    modules = mkOption {
      type = types.listOf types.deferredModule;
      default = [ ];
    };
    specialArgs = mkOption {
      type = types.lazyAttrsOf types.raw;
      default = { };
    };
  };
  text =
    default:
    mkOption {
      type = types.str;
      inherit default;
    };
  host = {
    options = parts // {
      arch = text "x86_64";
      class = text "nixos";
      path = mkOption {
        type = types.nullOr types.raw;
        default = null;
      };
      deployable = mkOption {
        type = types.bool;
        default = false;
      };
      tags = mkOption {
        type = types.listOf types.str;
        default = [ ];
      };
    };
    freeformType = types.lazyAttrsOf types.raw;
  };
  # `<path>/<architecture>-<class>/<host>`, or `<path>/<host>` where all have one system.
  ofSystem =
    system: folder:
    let
      words = lib.splitString "-" system;
      class = lib.last words;
    in
    lib.mapAttrs (_: path: {
      arch = lib.head words;
      class = if class == "linux" then "nixos" else class;
      inherit path;
    }) (entries folder);
  constructed =
    if !cfg.autoConstruct || cfg.path == null then
      { }
    else if cfg.onlySystem != null then
      ofSystem cfg.onlySystem cfg.path
    else
      lib.concatMapAttrs ofSystem (entries cfg.path);
  isDarwin = given: given.class == "darwin";
  build =
    name: given:
    let
      ofClass = cfg.perClass given.class;
      ofArchitecture = cfg.perArch given.arch;
      path = if given.path != null then given.path else cfg.path + "/${name}";
      hasPath = given.path != null || (cfg.path != null && builtins.pathExists path);
    in
    (if isDarwin given then darwinSystem else nixosSystem) {
      specialArgs = {
        inherit inputs self;
        self' = lib.mapAttrs (_: output: output."${given.arch}-linux" or output) self;
        inputs' = lib.mapAttrs (_: input: lib.mapAttrs (_: output: output."${given.arch}-linux" or output) input) inputs;
      }
      // cfg.shared.specialArgs
      // (ofClass.specialArgs or { })
      // (ofArchitecture.specialArgs or { })
      // given.specialArgs;
      modules = [
        {
          networking.hostName = lib.mkDefault name;
          nixpkgs.hostPlatform = lib.mkDefault "${given.arch}-${if isDarwin given then "darwin" else "linux"}";
        }
      ]
      ++ lib.optional hasPath path
      ++ cfg.shared.modules
      ++ (ofClass.modules or [ ])
      ++ (ofArchitecture.modules or [ ])
      ++ given.modules;
    };
  hosts = which: lib.mapAttrs build (lib.filterAttrs (_: which) cfg.hosts);
in
{
  _file = "«mcp-lint»/easy-hosts.nix";
  key = "«mcp-lint»/easy-hosts.nix";
  options.easy-hosts = {
    autoConstruct = mkOption {
      type = types.bool;
      default = false;
    };
    path = mkOption {
      type = types.nullOr types.raw;
      default = null;
    };
    onlySystem = mkOption {
      type = types.nullOr types.str;
      default = null;
    };
    hosts = mkOption {
      type = types.lazyAttrsOf (types.submodule host);
      default = { };
    };
    shared = parts;
    perClass = mkOption {
      type = types.raw;
      default = _: { };
    };
    perArch = mkOption {
      type = types.raw;
      default = _: { };
    };
    additionalClasses = mkOption {
      type = types.lazyAttrsOf types.str;
      default = { };
    };
  };
  config = {
    easy-hosts.hosts = lib.mapAttrs (_: lib.mapAttrs (_: lib.mkDefault)) constructed;
    flake.nixosConfigurations = hosts (given: !isDarwin given);
    flake.darwinConfigurations = hosts isDarwin;
  };
}
