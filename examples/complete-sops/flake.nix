# flake.nix
{
  inputs = {
    nixpkgs.url = "github:nixos/nixpkgs/nixos-unstable";
    home-manager.url = "github:nix-community/home-manager";
    sops-nix.url = "github:Mic92/sops-nix";
    mcp-home-manager.url = "github:lewisflude/mcp-home-manager";
  };

  outputs = { nixpkgs, home-manager, sops-nix, mcp-home-manager, ... }: {
    nixosConfigurations.hostname = nixpkgs.lib.nixosSystem {
      modules = [
        sops-nix.nixosModules.sops
        home-manager.nixosModules.home-manager
        {
          # System-level sops config
          sops = {
            defaultSopsFile = ./secrets/secrets.yaml;
            age.keyFile = "/home/youruser/.config/sops/age/keys.txt";
            #             ^ warning[decryption-key-unavailable-at-boot]
            #             ^ warning[system-secrets-decryptable-by-user-key]

            secrets = {
              github_token = {
                owner = "youruser";
                #       ^ warning[secret-owner-not-declared]
                mode = "0400";
                path = "/run/secrets-for-users/GITHUB_TOKEN";
                #      ^ warning[path-inside-secrets-for-users]
              };
              openai_api_key = {
                owner = "youruser";
                mode = "0400";
                path = "/run/secrets-for-users/OPENAI_API_KEY";
                #      ^ warning[path-inside-secrets-for-users]
              };
            };
          };

          # Home Manager config
          home-manager.users.youruser = {
            imports = [ mcp-home-manager.homeManagerModules.default ];

            services.mcp = {
              enable = true;
              #        ^ info[mcp-wrapper-fails-open]
              secretsPath = "/run/secrets-for-users";

              servers = {
                github.enabled = true;
                openai.enabled = true;
                docs.enabled = true;
              };
            };
          };
        }
      ];
    };
  };
}
