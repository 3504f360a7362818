//! Running processes of a user that have older groups than a new session would get.

/// How many processes of a user lack a group; nothing where that cannot be seen.
pub(super) fn processes_without(uid: u32, gid: u32) -> usize {
    let Ok(entries) = std::fs::read_dir("/proc") else {
        return 0;
    };
    entries
        .flatten()
        .filter(|entry| {
            let name = entry.file_name();
            name.to_str()
                .is_some_and(|name| name.bytes().all(|b| b.is_ascii_digit()))
        })
        .filter_map(|entry| std::fs::read_to_string(entry.path().join("status")).ok())
        .filter(|status| lacks(status, uid, gid))
        .count()
}

fn lacks(status: &str, uid: u32, gid: u32) -> bool {
    let numbers = |name: &str| -> Vec<u32> {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let fields = line.unwrap_or_default().split_whitespace();
        fields.filter_map(|field| field.parse().ok()).collect()
    };
    let is_theirs = numbers("Uid:").get(1) == Some(&uid);
    is_theirs && !numbers("Gid:").contains(&gid) && !numbers("Groups:").contains(&gid)
}

#[cfg(test)]
mod tests {
    use super::lacks;

    #[test]
    fn reads_effective_user_and_all_groups() {
        let status = "Name:\tbash\nUid:\t1000\t1000\t1000\t1000\nGid:\t100\t100\t100\t100\nGroups:\t1 100 \n";
        assert!(!lacks(status, 1000, 1));
        assert!(!lacks(status, 1000, 100));
        assert!(lacks(status, 1000, 7));
        assert!(!lacks(status, 1001, 7));
        assert!(!lacks("", 0, 7));
    }
}
