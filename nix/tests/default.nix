# What the modules make of the configurations beside this file, as plain data:
#
#   nix-instantiate --eval --strict --json nix/tests
#
# The snapshots are in crates/runtime-check/tests/snapshots.
let
  stub = import ./stub-lib.nix;
  configurations = import ./configurations.nix;

  pkgs = isLinux: {
    mcp-lint = "/nix/store/00000000000000000000000000000000-mcp-lint";
    stdenv.hostPlatform = { inherit isLinux; };
    writeText = name: text: {
      inherit text;
      outPath = "/nix/store/00000000000000000000000000000000-${name}";
    };
    callPackage = _: _: throw "the package is built although pkgs has it";
  };

  enabledWith = settings: configuration:
    stub.recursiveUpdate configuration { services.mcp-lint = { enable = true; } // settings; };

  nixos = stub.evaluate (import ../modules/nixos.nix) (pkgs true);
  darwin = stub.evaluate (import ../modules/darwin.nix) (pkgs false);
  home = isLinux: stub.evaluate (import ../modules/home-manager.nix) (pkgs isLinux);

  strict = {
    failActivation = true;
    timer = "daily";
    extraArgs = [ "--format" "json" "it's" ];
    extraManifest.readers = [
      { secret = "wifi"; user = "alice"; via = "nm-applet"; moment = "session"; }
    ];
  };
in
{
  nixos = nixos (enabledWith { } configurations.nixos);
  nixos-strict = nixos (enabledWith (removeAttrs strict [ "failActivation" ]) configurations.nixos);
  nixos-off = (nixos configurations.nixos).config;
  nixos-without-managers = nixos (enabledWith { } { networking.hostName = "bare"; });
  darwin = darwin (enabledWith { interval = 86400; } configurations.darwin);
  home-manager = home true (enabledWith { failOnError = false; } configurations.home);
  home-manager-strict = home true (enabledWith strict configurations.home);
  home-manager-darwin = (home false (enabledWith { } configurations.home)).config;
}
