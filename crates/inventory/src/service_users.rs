//! Users and groups that modules of NixOS create for their services.
//!
//! nixpkgs is not read, so a user that `services.grafana.enable = true` creates is not seen. An
//! owner with one of these names is never called undeclared. The names are those of the `User=`,
//! `users.users` and `users.groups` entries of the NixOS modules for services that occur in public
//! configurations, and the fixed ones of `misc/ids.nix`.

/// Sorted.
#[rustfmt::skip]
pub(crate) const NAMES: &[&str] = &[
    "acme", "actual", "adguardhome", "adm", "aerospike", "akkoma", "alertmanager", "alsa", "apache", "aria2",
    "asterisk", "atd", "atftpd", "attic", "atticd", "atuin", "audio", "audiobookshelf", "autobrr", "avahi",
    "bazarr", "bbworker", "bepasty", "beszel", "bin", "bind", "bitcoind", "bitlbee", "bitwarden_rs",
    "blackbox-exporter", "blocky", "boinc", "bookstack", "borg", "borgbackup", "buildbot", "buildbot-master",
    "buildbot-worker", "buildkite", "caddy", "calibre-server", "calibre-web", "cassandra", "cdrom", "ceph",
    "cgit", "changedetection-io", "chrony", "clamav", "clickhouse", "clightd", "cloudflared", "cockroachdb",
    "code-server", "colord", "consul", "continuwuity", "coturn", "couchdb", "couchpotato", "crafty",
    "crowdsec", "cups", "daemon", "davfs2", "dawarich", "deluge", "dendrite", "dex", "dhcpcd", "dialout",
    "discourse", "disk", "disnix", "dkimproxy_out", "dnscrypt-proxy", "dnsmasq", "docker", "docker-auth",
    "docker-registry", "docuseal", "dokuwiki", "donetick", "dovecot2", "dovenull", "draupnir", "drone",
    "duckdns", "elasticsearch", "element-call", "esphome", "etcd", "etebase-server", "exim", "exporter",
    "factorio", "fail2ban", "fcron", "filebrowser", "firebird", "firefly-iii", "flatpak", "floppy", "forgejo",
    "forgejo-runner", "foundationdb", "fprintd", "freeswitch", "freshrss", "frigate", "ftp", "fusion",
    "fwupd-refresh", "garage", "gatus", "gdm", "geoclue", "geoip", "gitea", "gitea-runner", "github-runner",
    "gitlab", "gitlab-runner", "gitolite", "glance", "glitchtip", "go-neb", "go2rtc", "gogs", "gonic", "gotify",
    "gotosocial", "grafana", "grafana-image-renderer", "graphite", "greeter", "grist-core", "grocy", "guix",
    "gunicorn", "haproxy", "harmonia", "harmonia-daemon", "hass", "headscale", "healthchecks", "hedgedoc",
    "heisenbridge", "hercules-ci-agent", "home-assistant", "homeassistant", "homebox", "homebridge",
    "homepage-dashboard", "hostapd", "httpd", "hydra", "hydra-evaluator", "hydra-queue-runner", "hydra-www",
    "i2pd", "icecast", "immich", "influxdb", "influxdb2", "input", "invidious", "invoiceplane", "iodined",
    "ipfs", "isponsorblocktv", "isso", "jackaudio", "jackett", "jellyfin", "jellyseerr", "jellystat",
    "jenkins", "jicofo", "jitsi-meet", "jitsi-videobridge", "jool", "jupyter", "jupyterhub", "kamailio",
    "kanidm", "kapacitor", "karakeep", "karma", "kavita", "kdeconnect", "kea", "keycloak", "keyd", "keys",
    "klipper", "kmem", "knot", "knot-resolver", "komga", "kresd", "kubernetes", "kubo", "kvm", "languagetool",
    "lasuite-docs", "lavalink", "ldap", "lemmy", "libretranslate", "libvirtd", "lidarr", "lightdm",
    "lighttpd", "linkding", "linkwarden", "livebook", "livekit", "lk-jwt-service", "lldap", "logrotate",
    "loki", "lp", "lxc", "lxd", "maddy", "maildrop", "mailman", "mailpit", "mailserver", "mastodon", "matomo",
    "matrix-appservice-irc", "matrix-conduit", "matrix-hookshot", "matrix-sliding-sync", "matrix-synapse",
    "matter-server", "mattermost", "maubot", "mautrix", "mautrix-discord", "mautrix-signal",
    "mautrix-telegram", "mautrix-whatsapp", "mealie", "media", "mediatomb", "mediawiki", "memcached", "memos",
    "messagebus", "metabase", "microbin", "microsocks", "minecraft", "minetest", "minidlna", "miniflux",
    "minio", "mjolnir", "mjpg-streamer", "mobilizon", "monero", "mongodb", "monica", "moosefs", "mopidy",
    "mosquitto", "mpd", "mpdscribble", "mumble", "munin", "murmur", "mysql", "n8n", "named", "nats",
    "navidrome", "nebula", "netbird", "netbox", "netdata", "networkmanager", "nextcloud", "nginx", "ngircd",
    "nix-serve", "nixbld", "nixbot", "nixos", "nm-iodine", "nm-openvpn", "nobody", "node-exporter",
    "node-red", "nogroup", "nscd", "nsd", "nslcd", "ntfy-sh", "ntp", "nullmailer", "nut", "nzbget",
    "nzbhydra2", "oauth2-proxy", "oci-registry", "ocis", "octoprint", "ollama", "ombi", "onlyoffice",
    "open-webui", "opendkim", "opendmarc", "openldap", "opensearch", "opensnitch", "opentelemetry-collector",
    "openvpn", "outline", "overseerr", "owncast", "paperless", "pdns", "pdns-recursor", "pds", "peertube",
    "pelican-wings", "pgadmin", "pgbouncer", "photoprism", "phpfpm", "pihole", "pinchflat", "pixelfed",
    "plausible", "pleroma", "plex", "plugdev", "pocket-id", "polaris", "polkituser", "postdrop", "postfix",
    "postgres", "postgrest", "postsrsd", "powerdns", "privoxy", "prometheus", "prometheus-exporter",
    "promtail", "prosody", "prowlarr", "public-inbox", "pulse", "qbittorrent", "quassel", "rabbitmq",
    "radarr", "radicale", "radicle", "radvd", "readarr", "recyclarr", "redis", "redlib", "redmine",
    "remark42", "render", "restic", "restic-rest-server", "rfkill", "root", "roundcube", "rpc", "rqbit",
    "rslsync", "rspamd", "rss-bridge", "rstudio-server", "rsyslogd", "rtkit", "rtorrent", "rustdesk",
    "sabnzbd", "samba", "saned", "scanner", "screen", "scrutiny", "sddm", "seafile", "searx", "sgx", "shadow",
    "shiori", "sickbeard", "slskd", "slurm", "smartctl-exporter", "smokeping", "smtpd", "snapserver",
    "snipe-it", "soft-serve", "soju", "sonarr", "sourcehut", "spamd", "spotifyd", "squid", "sshd", "ssl-cert",
    "sssd", "stalwart", "stalwart-mail", "stash", "statsd", "step-ca", "stirling-pdf", "strfry", "subsonic", "supybot",
    "suwayomi", "sympa", "synapse-admin", "syncthing", "systemd-coredump", "systemd-journal",
    "systemd-network", "systemd-oom", "systemd-resolve", "systemd-timesync", "tailscale", "tandoor_recipes",
    "tang", "tape", "tautulli", "tcpcryptd", "teamspeak", "teamspeak3", "technitium", "telegraf", "tempo",
    "terraria", "tftpd", "thelounge", "tinyproxy", "tor", "traccar", "traefik", "transfer-sh", "transmission",
    "trilium", "tss", "tt_rss", "tty", "tuptime", "turnserver", "tvheadend", "ulogd", "umami", "unbound",
    "unifi", "unifi-poller", "unpackerr", "unpoller-exporter", "uptime-kuma", "usbmux", "users", "utmp",
    "uucp", "uwsgi", "varnish", "vault", "vaultwarden", "vboxusers", "vdirsyncer", "vector", "victorialogs",
    "victoriametrics", "video", "vikunja", "virtualmail", "vmail", "vms", "vnstat", "vsftpd", "wakapi",
    "wallabag", "wastebin", "webdav", "weblate", "wg-access-server", "wheel", "whisparr", "whoogle",
    "wiki-js", "wireshark", "woodpecker-agent", "woodpecker-server", "wordpress", "wpa_supplicant",
    "writefreely", "wwwrun", "wyoming", "xmrig", "yggdrasil", "zabbix", "zabbix-agent", "zabbix-server",
    "zammad", "zerotierone", "zfs", "zigbee2mqtt", "zitadel", "znc", "zookeeper", "zrepl", "zwave-js-ui",
];

/// Users that modules of NixOS create with a primary group of the same name, in order.
#[rustfmt::skip]
pub(crate) const SAME_GROUP: &[&str] = &[
    "acme", "akkoma", "caddy", "couchdb", "crowdsec", "deluge", "dovecot2", "forgejo", "freshrss", "gitea",
    "gitlab", "grafana", "hass", "headscale", "hercules-ci-agent", "immich", "jellyfin", "kanidm", "lidarr",
    "loki", "mastodon", "matrix-synapse", "mosquitto", "mysql", "named", "navidrome", "nextcloud", "nginx",
    "oauth2-proxy", "outline", "paperless", "peertube", "pocket-id", "postfix", "postgres", "postsrsd",
    "prometheus", "qbittorrent", "radarr", "radicale", "rspamd", "sabnzbd", "sonarr", "syncthing",
    "systemd-network", "telegraf", "transmission", "turnserver", "unbound", "vaultwarden", "wpa_supplicant",
    "zigbee2mqtt",
];

/// Prefixes of names that are made per instance: `redis-immich`, `nebula-home`.
const PREFIXES: &[&str] = &[
    "authelia-",
    "gitea-",
    "github-runner-",
    "mautrix-",
    "nebula-",
    "netbird-",
    "nixbld",
    "redis-",
    "systemd-",
];

/// Whether a module of NixOS may create a user or group of that name.
#[must_use]
pub fn is_service_user(name: &str) -> bool {
    let is_made_per_instance = || PREFIXES.iter().any(|prefix| name.starts_with(prefix));
    NAMES.binary_search(&name).is_ok() || is_made_per_instance() || name.ends_with("-exporter")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_sorted_for_the_search() {
        assert!(NAMES.is_sorted());
        assert!(SAME_GROUP.is_sorted());
        assert!(is_service_user("grafana"));
        assert!(is_service_user("redis-immich"));
        assert!(!is_service_user("alice"));
    }
}
