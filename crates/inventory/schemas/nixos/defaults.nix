# What options of NixOS are where a configuration does not set them, as far as owners and paths of
# secrets are taken from them: the defaults that nixpkgs' nixos/modules document, and modules of other
# flakes where that is said. `"*"` is a function of any other name.
{ config, lib, ... }:
let
  # services.<name>.user and .group
  owners = {
    akkoma = [ "akkoma" "akkoma" ];
    atticd = [ "atticd" "atticd" ];
    bazarr = [ "bazarr" "bazarr" ];
    buildbot-worker = [ "bbworker" "bbworker" ];
    caddy = [ "caddy" "caddy" ];
    couchdb = [ "couchdb" "couchdb" ];
    crowdsec = [ "crowdsec" "crowdsec" ];
    dawarich = [ "dawarich" "dawarich" ];
    deluge = [ "deluge" "deluge" ];
    filebrowser = [ "filebrowser" "filebrowser" ];
    forgejo = [ "forgejo" "forgejo" ];
    freshrss = [ "freshrss" "freshrss" ];
    gitea = [ "gitea" "gitea" ];
    gitlab = [ "gitlab" "gitlab" ];
    headscale = [ "headscale" "headscale" ];
    healthchecks = [ "healthchecks" "healthchecks" ];
    # NousResearch/hermes-agent, nix/nixosModules.nix
    hermes-agent = [ "hermes" "hermes" ];
    immich = [ "immich" "immich" ];
    jellyfin = [ "jellyfin" "jellyfin" ];
    komga = [ "komga" "komga" ];
    lidarr = [ "lidarr" "lidarr" ];
    loki = [ "loki" "loki" ];
    mastodon = [ "mastodon" "mastodon" ];
    matrix-tuwunel = [ "tuwunel" "tuwunel" ];
    monica = [ "monica" "monica" ];
    mpd = [ "mpd" "mpd" ];
    mysql = [ "mysql" "mysql" ];
    navidrome = [ "navidrome" "navidrome" ];
    nginx = [ "nginx" "nginx" ];
    ntfy-sh = [ "ntfy-sh" "ntfy-sh" ];
    nullmailer = [ "nullmailer" "nullmailer" ];
    outline = [ "outline" "outline" ];
    peertube = [ "peertube" "peertube" ];
    pleroma = [ "pleroma" "pleroma" ];
    plex = [ "plex" "plex" ];
    pocket-id = [ "pocket-id" "pocket-id" ];
    postfix = [ "postfix" "postfix" ];
    postsrsd = [ "postsrsd" "postsrsd" ];
    qbittorrent = [ "qbittorrent" "qbittorrent" ];
    radarr = [ "radarr" "radarr" ];
    radicale = [ "radicale" "radicale" ];
    readarr = [ "readarr" "readarr" ];
    recyclarr = [ "recyclarr" "recyclarr" ];
    rspamd = [ "rspamd" "rspamd" ];
    sabnzbd = [ "sabnzbd" "sabnzbd" ];
    seafile = [ "seafile" "seafile" ];
    sonarr = [ "sonarr" "sonarr" ];
    syncoid = [ "syncoid" "syncoid" ];
    syncthing = [ "syncthing" "syncthing" ];
    transmission = [ "transmission" "transmission" ];
    unbound = [ "unbound" "unbound" ];
    webhook = [ "webhook" "webhook" ];
    whisparr = [ "whisparr" "whisparr" ];
  };
  of = service: {
    User = config.services.${service}.user;
    Group = config.services.${service}.group;
  };
  fixed = user: {
    User = user;
    Group = user;
  };
  # systemd.services.<name>.serviceConfig.User and .Group
  units =
    lib.genAttrs [
      "buildbot-worker"
      "caddy"
      "forgejo"
      "gitea"
      "headscale"
      "jellyfin"
      "loki"
      "lidarr"
      "mysql"
      "nginx"
      "ntfy-sh"
      "outline"
      "pocket-id"
      "radarr"
      "radicale"
      "readarr"
      "recyclarr"
      "rspamd"
      "sonarr"
      "syncthing"
      "transmission"
      "whisparr"
    ] of
    // lib.genAttrs [
      "go-neb"
      "grafana"
      "hedgedoc"
      "hercules-ci-agent"
      "kanidm"
      "matrix-synapse"
      "mosquitto"
      "prometheus"
      "searx"
      "telegraf"
      "vaultwarden"
      "zigbee2mqtt"
    ] fixed
    // {
      coturn = fixed "turnserver";
      # NixOS/hydra, nixos-modules
      hydra-queue-runner-dev = {
        User = "hydra-queue-runner";
        Group = "hydra";
      };
      home-assistant = fixed "hass";
      immich-server = of "immich";
      postgresql = fixed "postgres";
    };
  stalwart =
    if lib.versionOlder config.services.stalwart.stateVersion "26.05" then
      "stalwart-mail"
    else
      "stalwart";
  forge = name: {
    user = lib.head owners.${name};
    group = lib.last owners.${name};
    stateDir = "/var/lib/${name}";
    customDir = "${config.services.${name}.stateDir}/custom";
  };
in
{
  services =
    lib.mapAttrs (_: owner: {
      user = lib.head owner;
      group = lib.last owner;
    }) owners
    // {
      authelia.instances."*" = name: {
        user = "authelia-${name}";
        group = "authelia-${name}";
      };
      firefly-iii = {
        user = "firefly-iii";
        group = if config.services.firefly-iii.enableNginx then "nginx" else "firefly-iii";
        enableNginx = false;
      };
      forgejo = forge "forgejo";
      gitea = forge "gitea";
      hercules-ci-agent.settings =
        let
          settings = config.services.hercules-ci-agent.settings;
        in
        {
          baseDirectory = "/var/lib/hercules-ci-agent";
          staticSecretsDirectory = "${settings.baseDirectory}/secrets";
          binaryCachesPath = "${settings.staticSecretsDirectory}/binary-caches.json";
          clusterJoinTokenPath = "${settings.staticSecretsDirectory}/cluster-join-token.key";
        };
      home-assistant.configDir = "/var/lib/hass";
      paperless.user = "paperless";
      redis.servers."*" = name: {
        user = if name == "" then "redis" else "redis-${name}";
        group = if name == "" then "redis" else "redis-${name}";
      };
      stalwart = {
        user = stalwart;
        group = stalwart;
      };
    };
  # microvm-nix/microvm.nix, nixos-modules/host/options.nix
  microvm.stateDir = "/var/lib/microvms";
  # simple-nixos-mailserver, default.nix
  mailserver.dkim.keyDirectory = "/var/dkim";
  systemd.services."*" = name: {
    name = "${name}.service";
    serviceConfig = units.${name} or { };
  };
}
