//! Durations in units that people read.

use std::time::Duration;

/// `66 ms`, `1.2 s`, `2 min 5 s`.
pub(crate) fn duration(took: Duration) -> String {
    let milliseconds = took.as_millis().max(1);
    let seconds = took.as_secs();
    match seconds {
        0 => format!("{milliseconds} ms"),
        1..10 => format!("{seconds}.{} s", milliseconds / 100 % 10),
        10..60 => format!("{seconds} s"),
        _ => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::duration;
    use std::time::Duration;

    #[test]
    fn the_unit_follows_the_length() {
        let of = |milliseconds| duration(Duration::from_millis(milliseconds));
        assert_eq!(of(0), "1 ms");
        assert_eq!(of(999), "999 ms");
        assert_eq!(of(1_000), "1.0 s");
        assert_eq!(of(9_990), "9.9 s");
        assert_eq!(of(59_999), "59 s");
        assert_eq!(of(125_400), "2 min 5 s");
    }
}
