# What options of NixOS are where a configuration does not set them, as far as owners and paths of
# secrets are taken from them: the defaults that nixpkgs' nixos/modules document, and modules of other
# flakes where that is said. `"*"` is a function of any other name. Read at 4aa6836 (mid-2026) and, where
# a module is known to have changed, in older revisions; what is not the same in all of them is left out.
{ config, lib, ... }:
let
  # services.<name>.user and .group; the file below nixos/modules/services.
  owners = {
    akkoma = [ "akkoma" "akkoma" ]; # web-apps/akkoma.nix
    atticd = [ "atticd" "atticd" ]; # networking/atticd.nix
    bazarr = [ "bazarr" "bazarr" ]; # misc/bazarr.nix
    buildbot-worker = [ "bbworker" "bbworker" ]; # continuous-integration/buildbot/worker.nix
    caddy = [ "caddy" "caddy" ]; # web-servers/caddy
    cadence = [ "cadence" "cadence" ]; # BCNelson/cadence, nix/module.nix
    couchdb = [ "couchdb" "couchdb" ]; # databases/couchdb.nix
    crowdsec = [ "crowdsec" "crowdsec" ]; # security/crowdsec.nix
    dawarich = [ "dawarich" "dawarich" ]; # web-apps/dawarich.nix
    deluge = [ "deluge" "deluge" ]; # torrent/deluge.nix
    filebrowser = [ "filebrowser" "filebrowser" ]; # web-apps/filebrowser.nix
    forgejo = [ "forgejo" "forgejo" ]; # misc/forgejo.nix
    gitea = [ "gitea" "gitea" ]; # misc/gitea.nix
    gitlab = [ "gitlab" "gitlab" ]; # misc/gitlab.nix
    headscale = [ "headscale" "headscale" ]; # networking/headscale.nix
    healthchecks = [ "healthchecks" "healthchecks" ]; # web-apps/healthchecks.nix
    hermes-agent = [ "hermes" "hermes" ]; # NousResearch/hermes-agent, nix/nixosModules.nix
    immich = [ "immich" "immich" ]; # web-apps/immich.nix
    komga = [ "komga" "komga" ]; # web-apps/komga.nix
    lidarr = [ "lidarr" "lidarr" ]; # misc/servarr/lidarr.nix
    loki = [ "loki" "loki" ]; # monitoring/loki.nix
    mastodon = [ "mastodon" "mastodon" ]; # web-apps/mastodon.nix
    matrix-tuwunel = [ "tuwunel" "tuwunel" ]; # matrix/tuwunel.nix
    monica = [ "monica" "monica" ]; # web-apps/monica.nix
    mpd = [ "mpd" "mpd" ]; # audio/mpd.nix
    mysql = [ "mysql" "mysql" ]; # databases/mysql.nix
    navidrome = [ "navidrome" "navidrome" ]; # audio/navidrome.nix
    nginx = [ "nginx" "nginx" ]; # web-servers/nginx
    ntfy-sh = [ "ntfy-sh" "ntfy-sh" ]; # misc/ntfy-sh.nix
    nullmailer = [ "nullmailer" "nullmailer" ]; # mail/nullmailer.nix
    outline = [ "outline" "outline" ]; # web-apps/outline.nix
    peertube = [ "peertube" "peertube" ]; # web-apps/peertube.nix
    pleroma = [ "pleroma" "pleroma" ]; # networking/pleroma.nix
    plex = [ "plex" "plex" ]; # misc/plex.nix
    pocket-id = [ "pocket-id" "pocket-id" ]; # security/pocket-id.nix
    postfix = [ "postfix" "postfix" ]; # mail/postfix.nix
    postsrsd = [ "postsrsd" "postsrsd" ]; # mail/postsrsd.nix
    qbittorrent = [ "qbittorrent" "qbittorrent" ]; # torrent/qbittorrent.nix
    radarr = [ "radarr" "radarr" ]; # misc/servarr/radarr.nix
    radicale = [ "radicale" "radicale" ]; # networking/radicale.nix
    readarr = [ "readarr" "readarr" ]; # misc/servarr/readarr.nix
    recyclarr = [ "recyclarr" "recyclarr" ]; # misc/recyclarr.nix
    rspamd = [ "rspamd" "rspamd" ]; # mail/rspamd.nix
    sabnzbd = [ "sabnzbd" "sabnzbd" ]; # networking/sabnzbd
    seafile = [ "seafile" "seafile" ]; # networking/seafile.nix
    sonarr = [ "sonarr" "sonarr" ]; # misc/servarr/sonarr.nix
    syncoid = [ "syncoid" "syncoid" ]; # backup/syncoid.nix
    syncthing = [ "syncthing" "syncthing" ]; # networking/syncthing.nix
    transmission = [ "transmission" "transmission" ]; # torrent/transmission.nix
    unbound = [ "unbound" "unbound" ]; # networking/unbound.nix
    webhook = [ "webhook" "webhook" ]; # networking/webhook.nix
    whisparr = [ "whisparr" "whisparr" ]; # misc/servarr/whisparr.nix
    zitadel = [ "zitadel" "zitadel" ]; # web-apps/zitadel.nix
  };
  # Those without an option `group`, or with one whose default was not read.
  users = {
    calibre-server = "calibre-server"; # misc/calibre-server.nix
    kavita = "kavita"; # web-apps/kavita.nix
    niks3 = "niks3"; # Mic92/niks3, nix/nixosModules/niks3.nix
    stash = "stash"; # web-apps/stash.nix
  };
  userOf = service: { User = config.services.${service}.user; };
  of =
    service:
    userOf service
    // {
      Group = config.services.${service}.group;
    };
  fixedUser = user: { User = user; };
  fixed = user: {
    User = user;
    Group = user;
  };
  # systemd.services.<name>.serviceConfig.User and .Group, of those that the unit sets.
  units =
    lib.genAttrs [
      "buildbot-worker"
      "caddy"
      "forgejo"
      "gitea"
      "headscale"
      "jellyfin"
      "lidarr"
      "mysql"
      "nginx"
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
      "loki"
      "ntfy-sh"
    ] userOf
    // lib.genAttrs [
      "go-neb"
      "grafana"
      "hercules-ci-agent"
      "oauth2-proxy"
      "prometheus"
    ] fixedUser
    // lib.genAttrs [
      "hedgedoc"
      "kanidm"
      "matrix-synapse"
      "mosquitto"
      "searx"
      "telegraf"
      "vaultwarden"
      "zigbee2mqtt"
    ] fixed
    // {
      coturn = fixed "turnserver";
      home-assistant = fixed "hass";
      # NixOS/hydra, nixos-modules
      hydra-queue-runner-dev = {
        User = "hydra-queue-runner";
        Group = "hydra";
      };
      immich-server = of "immich";
      postgresql = fixed "postgres";
    };
  forge = name: {
    user = lib.head owners.${name};
    group = lib.last owners.${name};
    stateDir = "/var/lib/${name}";
    customDir = "${config.services.${name}.stateDir}/custom";
  };
  # Servers that a module of another service may define, in some releases with that service's user:
  # nextcloud.nix, immich.nix, searx.nix and others.
  redisOfModules = [
    "gitlab"
    "immich"
    "matrix-synapse"
    "nextcloud"
    "ntopng"
    "outline"
    "searx"
    "weblate"
  ];
  stalwart =
    if lib.versionOlder config.services.stalwart.stateVersion "26.05" then
      "stalwart-mail"
    else
      "stalwart";
in
{
  services =
    lib.mapAttrs (_: owner: {
      user = lib.head owner;
      group = lib.last owner;
    }) owners
    // lib.mapAttrs (_: user: { inherit user; }) users
    // {
      # The instance "" is `authelia` in newer releases, `authelia-` in older ones.
      authelia.instances."*" =
        attribute:
        let
          inherit (config.services.authelia.instances.${attribute}) name;
          user = "authelia" + lib.optionalString (name != "") "-${name}";
        in
        lib.optionalAttrs (attribute != "") {
          name = attribute;
          inherit user;
          group = user;
        };
      firefly-iii = {
        user = "firefly-iii";
        group = if config.services.firefly-iii.enableNginx then "nginx" else "firefly-iii";
        enableNginx = false;
      };
      forgejo = forge "forgejo";
      # There is no option `group`.
      freshrss.user = "freshrss";
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
          secretsJsonPath = "${settings.staticSecretsDirectory}/secrets.json";
        };
      home-assistant.configDir = "/var/lib/hass";
      # misc/jellyfin.nix
      jellyfin = {
        user = "jellyfin";
        group = "jellyfin";
        dataDir = "/var/lib/jellyfin";
      };
      paperless.user = "paperless";
      redis.servers."*" =
        name:
        lib.optionalAttrs (!(builtins.elem name redisOfModules)) {
          user = if name == "" then "redis" else "redis-${name}";
        }
        // {
          group = config.services.redis.servers.${name}.user;
        };
      stalwart = {
        user = stalwart;
        group = stalwart;
      };
    };
  # config/networking.nix
  networking =
    let
      inherit (config.networking) hostName domain;
    in
    {
      domain = null;
      fqdn = "${hostName}.${domain}";
      fqdnOrHostName = if domain == null then hostName else "${hostName}.${domain}";
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
