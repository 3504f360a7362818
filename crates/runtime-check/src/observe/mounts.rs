//! The mount table, and what is swapped to disk.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

/// One line of `/proc/self/mountinfo`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mount {
    /// Where it is mounted.
    pub(crate) point: PathBuf,
    /// `ramfs`, `tmpfs`, `ext4`
    pub(crate) kind: String,
    /// The options of the mount and of the file system: `nodev`, `nosuid`, `noswap`.
    pub(crate) options: Vec<String>,
}

impl Mount {
    /// Whether an option is set.
    pub(crate) fn has(&self, option: &str) -> bool {
        self.options.iter().any(|set| set == option)
    }
}

/// All mounts by number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Mounts {
    by_id: BTreeMap<u64, (Mount, (u32, u32))>,
}

impl Mounts {
    /// The mounts of this process; empty where there is no such table.
    pub(crate) fn of_this_process() -> Self {
        std::fs::read("/proc/self/mountinfo")
            .map(|bytes| Self::parse(&bytes))
            .unwrap_or_default()
    }

    /// From the text of `/proc/self/mountinfo` (see proc_pid_mountinfo(5)). Lines in another form
    /// are left out.
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        let by_id = bytes
            .split(|&byte| byte == b'\n')
            .filter_map(mount)
            .collect();
        Self { by_id }
    }

    /// The mount of a file, by its mount number or else its device.
    pub(crate) fn find(&self, id: Option<u64>, device: (u32, u32)) -> Option<&Mount> {
        match id {
            Some(id) => self.by_id.get(&id).map(|(mount, _)| mount),
            None => self
                .by_id
                .values()
                .find(|(_, other)| *other == device)
                .map(|(mount, _)| mount),
        }
    }

    /// How many mounts are at one point, one above the other.
    pub(crate) fn stacked_at(&self, point: &Path) -> usize {
        self.by_id
            .values()
            .filter(|(mount, _)| mount.point == point)
            .count()
    }
}

/// Number, mount and device of one line.
type Numbered = (u64, (Mount, (u32, u32)));

fn mount(line: &[u8]) -> Option<Numbered> {
    // 36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
    let mut fields = line.split(|&byte| byte == b' ');
    let id = number(fields.next()?)?;
    let _parent = fields.next()?;
    let mut device = fields.next()?.split(|&byte| byte == b':');
    let device = (number(device.next()?)?, number(device.next()?)?);
    let _root = fields.next()?;
    let point = PathBuf::from(OsString::from_vec(unescape(fields.next()?)));
    let own = fields.next()?;
    let mut rest = fields.skip_while(|field| *field != b"-").skip(1);
    let kind = String::from_utf8_lossy(rest.next()?).into_owned();
    let _source = rest.next()?;
    let of_file_system = rest.next().unwrap_or_default();
    let mut options: Vec<String> = own
        .split(|&byte| byte == b',')
        .chain(of_file_system.split(|&byte| byte == b','))
        .map(|option| String::from_utf8_lossy(option).into_owned())
        .collect();
    options.sort();
    options.dedup();
    Some((
        id,
        (
            Mount {
                point,
                kind,
                options,
            },
            device,
        ),
    ))
}

fn number<T: std::str::FromStr>(field: &[u8]) -> Option<T> {
    std::str::from_utf8(field).ok()?.parse().ok()
}

/// `\040` for a blank, `\011`, `\012`, `\134`.
fn unescape(field: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((&byte, after)) = rest.split_first() {
        let escaped = match after {
            &[a, b, c, ..] if byte == b'\\' => octal_byte([a, b, c]),
            _ => None,
        };
        match escaped {
            Some(value) => {
                plain.push(value);
                rest = after.get(3..).unwrap_or_default();
            }
            None => {
                plain.push(byte);
                rest = after;
            }
        }
    }
    plain
}

fn octal_byte(digits: [u8; 3]) -> Option<u8> {
    let text = std::str::from_utf8(&digits).ok()?;
    u8::from_str_radix(text, 8).ok()
}

/// What is known of a file system from its number where the mount table is not there.
pub(crate) fn kind_of_magic(magic: u64) -> Option<&'static str> {
    Some(match magic {
        0x8584_58f6 => "ramfs",
        0x0102_1994 => "tmpfs",
        0xef53 => "ext4",
        0x9123_683e => "btrfs",
        0x2fc1_2fc1 => "zfs",
        0x5846_5342 => "xfs",
        0x794c_7630 => "overlay",
        0x6969 => "nfs",
        0x6573_5546 => "fuse",
        _ => return None,
    })
}

/// The swap areas that write memory to a disk in clear.
pub(crate) fn unencrypted_swap() -> Vec<String> {
    let Ok(table) = std::fs::read("/proc/swaps") else {
        return Vec::new();
    };
    swap_areas(&table)
        .into_iter()
        .filter(|path| !is_memory_or_encrypted(path))
        .map(|path| String::from_utf8_lossy(path.as_os_str().as_bytes()).into_owned())
        .collect()
}

fn swap_areas(table: &[u8]) -> Vec<PathBuf> {
    table
        .split(|&byte| byte == b'\n')
        .skip(1)
        .filter_map(|line| line.split(|byte| byte.is_ascii_whitespace()).next())
        .filter(|field| !field.is_empty())
        .map(|field| PathBuf::from(OsString::from_vec(unescape(field))))
        .collect()
}

/// zram stays in memory; a device-mapper device whose kind is `CRYPT` is encrypted.
fn is_memory_or_encrypted(area: &Path) -> bool {
    let resolved = std::fs::canonicalize(area).unwrap_or_else(|_| area.to_owned());
    let Some(name) = resolved.file_name().and_then(|name| name.to_str()) else {
        return false;
    };
    name.starts_with("zram")
        || std::fs::read_to_string(format!("/sys/block/{name}/dm/uuid"))
            .is_ok_and(|uuid| uuid.starts_with("CRYPT-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &[u8] = b"\
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
40 22 0:45 / /run/secrets.d rw,nosuid,nodev,noexec,relatime - ramfs none rw,mode=751
41 22 0:46 / /run/my\\040secrets rw - tmpfs tmpfs rw,size=4k,noswap
42 22 0:47 / /run/secrets.d rw - ramfs none rw
not a mount
";

    #[test]
    fn reads_points_kinds_and_options() {
        let mounts = Mounts::parse(TABLE);
        let ram = mounts.find(Some(40), (0, 0)).unwrap();
        assert_eq!(
            (ram.point.to_str(), ram.kind.as_str()),
            (Some("/run/secrets.d"), "ramfs")
        );
        assert!(ram.has("nodev") && ram.has("noexec") && !ram.has("noswap"));
        let blank = mounts.find(None, (0, 46)).unwrap();
        assert_eq!(blank.point, Path::new("/run/my secrets"));
        assert!(blank.has("noswap"));
        assert_eq!(mounts.find(Some(7), (254, 0)), None);
    }

    #[test]
    fn counts_mounts_on_one_point() {
        let mounts = Mounts::parse(TABLE);
        assert_eq!(mounts.stacked_at(Path::new("/run/secrets.d")), 2);
        assert_eq!(mounts.stacked_at(Path::new("/")), 1);
    }

    #[test]
    fn reads_swap_areas() {
        let table = b"Filename Type Size Used Priority\n/dev/dm-1 partition 1 0 -2\n/swap\\040file file 1 0 -3\n";
        assert_eq!(
            swap_areas(table),
            [Path::new("/dev/dm-1"), Path::new("/swap file")]
        );
    }
}
