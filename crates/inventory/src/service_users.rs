//! Users and groups that modules of NixOS create for their services.
//!
//! nixpkgs is not read, so a user that `services.grafana.enable = true` creates is not seen. An
//! owner with one of these names is never called undeclared. The names are those of the `User=`,
//! `users.users` and `users.groups` entries of the NixOS modules for services that occur in public
//! configurations, and the fixed ones of `misc/ids.nix`.

/// Sorted.
#[rustfmt::skip]
pub const NAMES: &[&str] = &[
    "acme", "activemq", "actual", "adbusers", "adguardhome", "adm", "aerospike", "airsonic", "akkoma", "alerta",
    "alertmanager", "alsa", "amule", "apache", "apache-kafka", "archisteamfarm", "aria2", "asterisk", "atd",
    "atftpd", "attic", "atticd", "atuin", "audio", "audiobookshelf", "autobrr", "automatic-timezoned", "avahi",
    "avahi-autoipd", "bacula", "baikal", "bazarr", "bbworker", "bepasty", "beszel", "beszel-agent", "bin",
    "bind", "bitcoind", "bitlbee", "bitwarden_rs", "blackbox-exporter", "blocky", "boinc", "bookstack", "borg",
    "borgbackup", "bosun", "btrbk", "buildbot", "buildbot-master", "buildbot-worker", "buildkite", "caddy",
    "cadvisor", "calibre-server", "calibre-web", "canaille", "cassandra", "castopod", "cdrom", "ceph",
    "certspotter", "cfdyndns", "cfssl", "cgit", "changedetection-io", "chrony", "clamav", "clickhouse",
    "clightd", "clock", "cloudflared", "cloudlog", "cockroachdb", "code-server", "coder", "collectd", "colord",
    "consul", "continuwuity", "cosmic-greeter", "coturn", "couchdb", "couchpotato", "crafty", "cross-seed",
    "crowdsec", "cups", "cyrus", "daemon", "datadog", "davfs2", "davis", "dawarich", "deluge", "dendrite",
    "dex", "dhcpcd", "dialout", "dictd", "discourse", "disk", "disnix", "distcc", "dkimproxy_out", "dnscache",
    "dnscrypt-proxy", "dnsmasq", "docker", "docker-auth", "docker-registry", "docuseal", "dokuwiki", "dolibarr",
    "donetick", "dovecot", "dovecot2", "dovenull", "dovenull2", "draupnir", "drone", "dspam", "duckdns",
    "duplicati", "ejabberd", "elasticsearch", "element-call", "engelsystem", "epgstation", "esphome", "etcd",
    "etebase-server", "exim", "exporter", "factorio", "fail2ban", "fcron", "filebrowser", "firebird",
    "firefly-iii", "flarum", "flatpak", "floppy", "foldingathome", "forgejo", "forgejo-runner", "foundationdb",
    "fourstore", "fourstorehttp", "fprintd", "freenet", "freeswitch", "freshrss", "frigate", "ftp", "fusion",
    "fwupd-refresh", "galene", "gamemode", "gancio", "garage", "gatus", "gdm", "gemstash", "geoclue", "geoip",
    "git", "gitea", "gitea-runner", "github-runner", "gitit", "gitlab", "gitlab-runner", "gitolite", "glance",
    "glitchtip", "gnome-remote-desktop", "gnunet", "go-neb", "go2rtc", "gocd-agent", "gocd-server", "gogs",
    "gollum", "gonic", "gotify", "gotosocial", "gpsd", "grafana", "grafana-image-renderer", "graphite",
    "graylog", "greeter", "grist-core", "grocy", "guix", "gunicorn", "hadoop", "haldaemon", "haproxy",
    "harmonia", "harmonia-daemon", "hass", "hbase", "hdfs", "headphones", "headscale", "healthchecks",
    "hedgedoc", "heisenbridge", "hercules-ci-agent", "home-assistant", "homeassistant", "homebox", "homebridge",
    "homepage-dashboard", "hostapd", "hound", "hqplayer", "httpd", "hydra", "hydra-evaluator",
    "hydra-queue-runner", "hydra-www", "i2c", "i2p", "i2pd", "icecast", "icingaweb2", "ihaskell", "immich",
    "inadyn", "incus", "incus-admin", "infinoted", "influxdb", "influxdb2", "input", "invidious",
    "invoiceplane", "iodined", "ipfs", "ircd", "isponsorblocktv", "isso", "jackaudio", "jackett", "jellyfin",
    "jellyseerr", "jellystat", "jenkins", "jibri", "jicofo", "jitsi-meet", "jitsi-videobridge", "jool",
    "journalwatch", "jupyter", "jupyterhub", "kamailio", "kanboard", "kanidm", "kanidm-authorized-keys",
    "kanidm-unixd", "kapacitor", "karakeep", "karma", "kavita", "kdeconnect", "kea", "keepalived_script",
    "keycloak", "keyd", "keys", "kimai", "klipper", "kmem", "knot", "knot-resolver", "kodi", "komga", "kresd",
    "kubernetes", "kubo", "kvm", "lambdabot", "languagetool", "lasuite-docs", "lavalink", "ldap", "leaps",
    "lemmy", "librenms", "libretranslate", "libvirtd", "lidarr", "lightdm", "lighttpd", "linkding",
    "linkwarden", "liquidsoap", "lirc", "litestream", "livebook", "livekit", "lk-jwt-service", "lldap",
    "localtimed", "logrotate", "loki", "lp", "lpadmin", "lxc", "lxd", "maddy", "maildrop", "mailman", "mailpit",
    "mailserver", "mapred", "mastodon", "mathics", "matomo", "matrix-appservice-irc", "matrix-conduit",
    "matrix-hookshot", "matrix-sliding-sync", "matrix-synapse", "matter-server", "matterbridge", "mattermost",
    "maubot", "mautrix", "mautrix-discord", "mautrix-signal", "mautrix-telegram", "mautrix-whatsapp", "mealie",
    "media", "mediagoblin", "mediatomb", "mediawiki", "memcached", "memos", "messagebus", "metabase",
    "microbin", "microsocks", "mighttpd2", "minecraft", "minetest", "minidlna", "miniflux", "minio",
    "mirakurun", "misskey", "mjolnir", "mjpg-streamer", "mlmmj", "mlocate", "mobilizon", "monero", "monetdb",
    "mongodb", "monica", "moodle", "moonraker", "moosefs", "mopidy", "mosquitto", "movim", "mpd", "mpdscribble",
    "mqtt2influxdb", "msr", "mumble", "munge", "munin", "murmur", "mysql", "mysqlbackup", "n8n", "nagios",
    "namecoin", "named", "nats", "navidrome", "ncdns", "ncps", "nebula", "neo4j", "netbird", "netbox",
    "netdata", "networkmanager", "newrelic", "nextcloud", "nexus", "nginx", "nginx-sso", "ngircd", "nifi",
    "nix-serve", "nixbld", "nixbot", "nixos", "nm-iodine", "nm-openvpn", "nobody", "node-exporter", "node-red",
    "nogroup", "nscd", "nsd", "nslcd", "ntfy-sh", "ntopng", "ntp", "ntpd-rs", "nullmailer", "nut", "nylon",
    "nzbget", "nzbhydra2", "oauth2-proxy", "oci-registry", "ocis", "octoprint", "oidentd", "ollama", "ombi",
    "omnom", "onepassword", "onepassword-cli", "onlyoffice", "open-webui", "openbao", "opencloud", "opendkim",
    "opendmarc", "openldap", "openrazer", "opensearch", "opensnitch", "opentelemetry-collector", "opentsdb",
    "openvpn", "openvscode-server", "opksshuser", "osgi", "outline", "overseerr", "owamp", "owncast",
    "paperless", "papra", "parsedmarc", "part-db", "patroni", "pcscd", "pdns", "pdns-recursor", "pdnsd", "pds",
    "peerflix", "peering-manager", "peertube", "pelican-wings", "pgadmin", "pgbouncer", "pgmanage",
    "photoprism", "phpfpm", "pihole", "pinchflat", "pipewire", "pixelfed", "plausible", "pleroma", "plex",
    "plexpy", "plocate", "plugdev", "pocket-id", "podman", "polaris", "polkituser", "portunus", "postdrop",
    "postfix", "postgres", "postgrest", "postgrey", "postsrsd", "powerdns", "pretalx", "pretix", "privoxy",
    "proc", "prometheus", "prometheus-exporter", "promtail", "prosody", "prowlarr", "public-inbox", "pulse",
    "pulseaudio", "qbittorrent", "qemu-libvirtd", "quassel", "qui", "rabbitmq", "radarr", "radicale", "radicle",
    "radius", "radvd", "readarr", "recyclarr", "redis", "redlib", "redmine", "remark42", "render", "renovate",
    "restic", "restic-rest-server", "rethinkdb", "rfkill", "riemann", "riemanndash", "riemanntools", "root",
    "roundcube", "rpc", "rqbit", "rslsync", "rspamd", "rss-bridge", "rss2email", "rstudio-server", "rsyslogd",
    "rtkit", "rtorrent", "rustdesk", "sabnzbd", "samba", "saned", "sanoid", "scanner", "schleuder",
    "scollector", "screen", "scrutiny", "sddm", "seafile", "searx", "seat", "sftpgo", "sgx", "shadow",
    "shairport", "shiori", "sickbeard", "signald", "silverbullet", "sing-box", "siproxd", "sks", "skydns",
    "slskd", "slurm", "smartctl-exporter", "smbguest", "smokeping", "smsd", "smtpd", "smtpq", "snapserver",
    "snipe-it", "snipeit", "sniproxy", "soft-serve", "sogo", "soju", "sonarr", "sourcehut", "spamd", "spark", "spiped",
    "spotifyd", "squid", "sshd", "ssl-cert", "sssd", "stalwart", "stalwart-mail", "starbound", "stash", "statd",
    "statsd", "step-ca", "stirling-pdf", "strfry", "subsonic", "supybot", "suricata", "surrealdb", "suwayomi",
    "sympa", "synapse-admin", "syncoid", "syncthing", "systemd-coredump", "systemd-journal",
    "systemd-journal-gateway", "systemd-network", "systemd-oom", "systemd-resolve", "systemd-timesync",
    "szurubooru", "tailscale", "tandoor_recipes", "tang", "tape", "taskchampion-sync-server", "taskd",
    "tautulli", "tcpcryptd", "tcpdump", "teamspeak", "teamspeak3", "technitium", "telegraf", "tempo",
    "terraria", "tftpd", "thelounge", "tinydns", "tinyproxy", "tomcat", "tor", "toxvpn", "traccar", "traefik",
    "transfer-sh", "transmission", "trilium", "tss", "tt_rss", "tty", "tuptime", "turnserver", "tuwunel",
    "tvheadend", "uhub", "uinput", "ulogd", "umami", "unbound", "unifi", "unifi-poller", "unpackerr",
    "unpoller-exporter", "uptime-kuma", "uptimed", "usbmux", "users", "utmp", "uucp", "uwsgi", "varnish",
    "vault", "vaultwarden", "vboxsf", "vboxusers", "vdirsyncer", "vector", "victorialogs", "victoriametrics",
    "video", "vikunja", "virtualmail", "virtuoso", "vmail", "vms", "vnstat", "vsftpd", "wakapi", "wallabag",
    "wastebin", "webdav", "webhook", "weblate", "weechat", "wg-access-server", "wheel", "whisparr", "whoogle",
    "wiki-js", "wireshark", "woodpecker-agent", "woodpecker-server", "wordpress", "wpa_supplicant",
    "writefreely", "wwwrun", "wyoming", "xmrig", "xrdp", "yandexdisk", "yarn", "ydotool", "yggdrasil",
    "youtrack", "ytdl-sub", "zabbix", "zabbix-agent", "zabbix-server", "zammad", "zeronet", "zerotierone",
    "zeyple", "zfs", "zigbee2mqtt", "zitadel", "znc", "zoneminder", "zookeeper", "zrepl", "zwave-js-ui",
];

/// Users that modules of NixOS create with a primary group of the same name, unless an option of the
/// service names another; in order.
#[rustfmt::skip]
pub const SAME_GROUP: &[&str] = &[
    "acme", "akkoma", "caddy", "couchdb", "crowdsec", "deluge", "dovecot2", "forgejo", "freshrss", "gitea",
    "gitlab", "grafana", "hass", "headscale", "hercules-ci-agent", "immich", "jellyfin", "kanidm", "lidarr",
    "loki", "mastodon", "matrix-synapse", "mosquitto", "mysql", "named", "navidrome", "nextcloud", "nginx",
    "oauth2-proxy", "outline", "paperless", "peertube", "pocket-id", "postfix", "postgres", "postsrsd",
    "prometheus", "qbittorrent", "radarr", "radicale", "rspamd", "sabnzbd", "sonarr", "syncthing",
    "systemd-network", "telegraf", "transmission", "turnserver", "unbound", "vaultwarden", "wpa_supplicant",
    "zigbee2mqtt",
];

/// Of those, the users whose module takes the group from its option `services.<user>.group`, in order.
#[rustfmt::skip]
pub const GROUP_OF_SERVICE: &[&str] = &[
    "akkoma", "caddy", "crowdsec", "deluge", "forgejo", "gitea", "gitlab", "headscale", "immich", "jellyfin",
    "lidarr", "loki", "mastodon", "mysql", "navidrome", "nginx", "outline", "peertube", "pocket-id", "postfix",
    "postsrsd", "qbittorrent", "radarr", "radicale", "rspamd", "sabnzbd", "sonarr", "syncthing",
    "transmission", "unbound",
];

/// Prefixes of names that are made per instance: `redis-immich`, `nebula-home`.
const PREFIXES: &[&str] = &[
    "authelia-",
    "buildkite-agent-",
    "gitea-",
    "github-runner-",
    "mautrix-",
    "nebula-",
    "netbird-",
    "nixbld",
    "redis-",
    "systemd-",
    "tinc-",
];

/// Whether a module of NixOS may create a user or group of that name.
#[must_use]
pub fn is_service_user(name: &str) -> bool {
    let is_made_per_instance = || PREFIXES.iter().any(|prefix| name.starts_with(prefix));
    NAMES.binary_search(&name).is_ok() || is_made_per_instance() || name.ends_with("-exporter")
}

/// Services of nixpkgs whose modules create no user, or only users in [`NAMES`] of which none has the name of the
/// service; in order.
#[rustfmt::skip]
const WITHOUT_OTHER_USERS: &[&str] = &[
    "accounts-daemon", "acpid", "ananicy", "apcupsd", "auto-cpufreq", "auto-epp", "autorandr", "autosuspend",
    "avahi", "blueman", "bpftune", "btrfs", "cachix-agent", "cachix-watch-store", "cloud-init", "dbus",
    "ddccontrol", "desktopManager", "displayManager", "earlyoom", "envfs", "fluidsynth", "fstrim", "fwupd",
    "getty", "gitea-actions-runner", "github-runners", "gnome", "gpm", "graphical-desktop", "gvfs", "hardware",
    "homed", "interception-tools", "iperf3", "irqbalance", "journal-gateway", "journald", "k3s", "kmscon",
    "languagetool", "libinput", "llama-cpp", "logind", "lorri", "lvm", "mullvad-vpn", "nfs", "ngrok",
    "nix-daemon", "nixos-cli", "nixseparatedebuginfod", "nscd", "ollama", "openssh", "orca", "pcscd", "picom",
    "pixiecore", "postgresqlBackup", "power-profiles-daemon", "printing", "pulseaudio", "qemuGuest", "resolved",
    "rpcbind", "rsyncd", "samba-wsdd", "scx", "searx", "smartd", "snapper", "spice-vdagentd", "sunshine",
    "supergfxd", "switcherooControl", "system76-scheduler", "tailscale", "tftpd", "thermald", "throttled",
    "timesyncd", "tlp", "tumbler", "tuned", "tzupdate", "udev", "udisks2", "upower", "userborn",
    "vscode-server", "xserver", "zfs", "zram-generator",
];

/// Whether all users that nixpkgs' module of a service may create are in [`NAMES`] as far as is known: those that
/// have its name, or it creates none.
#[must_use]
pub fn has_known_users(service: &str) -> bool {
    WITHOUT_OTHER_USERS.binary_search(&service).is_ok() || is_service_user(service)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_sorted_for_the_search() {
        assert!(NAMES.is_sorted());
        assert!(SAME_GROUP.is_sorted());
        assert!(GROUP_OF_SERVICE.is_sorted());
        assert!(WITHOUT_OTHER_USERS.is_sorted());
        assert!(has_known_users("openssh") && has_known_users("grafana"));
        assert!(!has_known_users("snipe-it-next"));
        assert!(
            GROUP_OF_SERVICE
                .iter()
                .all(|name| SAME_GROUP.contains(name))
        );
        assert!(is_service_user("grafana"));
        assert!(is_service_user("redis-immich"));
        assert!(!is_service_user("alice"));
    }
}
