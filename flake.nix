{
  description = "Who reads each secret of a Nix configuration, can they, can anybody else, and is it really encrypted?";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { self, nixpkgs }:
    let
      inherit (nixpkgs) lib;

      systems = [
        "aarch64-darwin"
        "aarch64-linux"
        "x86_64-darwin"
        "x86_64-linux"
      ];

      forEachSystem = f: lib.genAttrs systems (system: f nixpkgs.legacyPackages.${system});

      # A module that knows this flake's package.
      withPackage = module: { lib, pkgs, ... }: {
        imports = [ module ];
        services.mcp-lint.package = lib.mkDefault self.packages.${pkgs.stdenv.hostPlatform.system}.mcp-lint;
      };
    in
    {
      packages = forEachSystem (pkgs: rec {
        mcp-lint = pkgs.callPackage ./nix/package.nix {
          commit = self.rev or self.dirtyRev or null;
        };
        default = mcp-lint;
      });

      apps = forEachSystem (pkgs: rec {
        mcp-lint = {
          type = "app";
          program = lib.getExe self.packages.${pkgs.stdenv.hostPlatform.system}.mcp-lint;
          meta.description = "Check a configuration's secrets";
        };
        default = mcp-lint;
      });

      overlays.default = import ./nix/overlay.nix;

      nixosModules.default = withPackage ./nix/modules/nixos.nix;
      darwinModules.default = withPackage ./nix/modules/darwin.nix;
      homeManagerModules.default = withPackage ./nix/modules/home-manager.nix;

      lib = {
        # See nix/check.nix.
        check =
          { pkgs, ... }@arguments:
          import ./nix/check.nix (
            { package = self.packages.${pkgs.stdenv.hostPlatform.system}.mcp-lint; } // arguments
          );

        # The manifest of an evaluated configuration: `lib.manifest.nixos config`.
        manifest = import ./nix/manifest.nix { inherit lib; };
      };

      checks = forEachSystem (
        pkgs:
        let
          package = self.packages.${pkgs.stdenv.hostPlatform.system}.mcp-lint;
        in
        {
          inherit package;

          # mcp-lint on its own modules and on the example that must be clean of errors.
          own-modules = self.lib.check { inherit pkgs; src = ./nix; };
          example = self.lib.check { inherit pkgs; src = ./examples/complete-sops; };

          modules = pkgs.writeText "mcp-lint-modules.json" (
            builtins.toJSON (import ./nix/tests)
          );
        }
      );

      devShells = forEachSystem (pkgs: {
        default = pkgs.mkShell {
          packages = with pkgs; [
            cargo
            clippy
            rustc
            rustfmt
            rust-analyzer
            mdbook
            nixfmt
          ] ++ lib.optionals stdenv.hostPlatform.isLinux [ acl ];
        };
      });

      formatter = forEachSystem (pkgs: pkgs.nixfmt);
    };
}
