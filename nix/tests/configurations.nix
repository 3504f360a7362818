# Configurations as sops-nix, agenix and Home Manager leave them, evaluated: what a module sees.
rec {
  # A path value, which must not be copied to the store.
  key = ./configurations.nix;

  home = {
    home.username = "alice";
    sops.secrets.token = {
      name = "token";
      path = "/home/alice/.config/sops-nix/secrets/token";
      mode = "0400";
    };
    sops.age.keyFile = "/home/alice/.config/sops/age/keys.txt";
    age.secrets.wifi = {
      name = "wifi";
      path = "\${XDG_RUNTIME_DIR}/agenix/wifi";
      mode = "0400";
    };
    age.identityPaths = [ "/home/alice/.ssh/id_ed25519" ];
    services.mcp = {
      enable = true;
      secretsPath = "/run/secrets";
      servers = {
        github = { enabled = true; secret = null; };
        kagi = { enabled = false; secret = null; };
        own = { enabled = true; secret = "OWN_TOKEN"; };
        time = { enabled = true; secret = null; };
      };
    };
    programs.mcp.servers = {
      linear.env.LINEAR_API_KEY.file = "/run/secrets/LINEAR_API_KEY";
      plain = { command = "x"; env.LEVEL = "info"; };
    };
  };

  nixos = {
    networking.hostName = "desk";
    sops = {
      secrets = {
        GITHUB_TOKEN = {
          name = "GITHUB_TOKEN";
          path = "/run/secrets/GITHUB_TOKEN";
          mode = "0400";
          owner = "alice";
          uid = 0;
          group = "users";
          gid = 0;
          neededForUsers = false;
        };
        password = {
          name = "password";
          path = "/run/secrets-for-users/password";
          mode = "0400";
          owner = null;
          uid = 0;
          group = null;
          gid = 0;
          neededForUsers = true;
        };
      };
      templates."app.env" = {
        name = "app.env";
        path = "/run/secrets/rendered/app.env";
        mode = "0400";
        owner = null;
        uid = null;
        group = null;
        gid = null;
      };
      age.keyFile = key;
      age.sshKeyPaths = [ "/etc/ssh/ssh_host_ed25519_key" ];
    };
    age.secrets.wifi = {
      name = "wifi";
      path = "/run/agenix/wifi";
      mode = "0440";
      owner = "0";
      group = "wheel";
    };
    age.identityPaths = [ "/etc/ssh/ssh_host_ed25519_key" ];
    users.users = {
      alice = {
        isNormalUser = true;
        uid = 1000;
        group = "users";
        extraGroups = [ "wheel" ];
        home = "/home/alice";
        hashedPasswordFile = "/run/secrets-for-users/password";
      };
      postgres = { isNormalUser = false; group = "postgres"; };
    };
    systemd.services = {
      app.serviceConfig.EnvironmentFile = [ "-/run/secrets/rendered/app.env" ];
      # The check's own unit depends on the manifest: looking at it would never end.
      mcp-lint = throw "the manifest looks at the check's own unit";
    };
    home-manager.users.alice = home;
  };

  darwin = {
    networking.hostName = "book";
    sops.secrets.GITHUB_TOKEN = {
      name = "GITHUB_TOKEN";
      path = "/run/secrets/GITHUB_TOKEN";
      mode = "0400";
      owner = "alice";
      uid = 0;
      group = "staff";
      gid = 0;
    };
    sops.age.sshKeyPaths = [ "/etc/ssh/ssh_host_ed25519_key" ];
    users.users.alice = { home = "/Users/alice"; };
  };
}
