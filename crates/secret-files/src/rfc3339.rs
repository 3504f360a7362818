//! Times as sops writes them.

/// Whether Go's `time.Parse(time.RFC3339, …)` accepts the text.
pub(crate) fn is_time(text: &str) -> bool {
    parse(text.as_bytes()).is_some()
}

fn parse(text: &[u8]) -> Option<()> {
    let (date_time, mut rest) = text.split_at_checked(19)?;
    let [
        y0,
        y1,
        y2,
        y3,
        b'-',
        m0,
        m1,
        b'-',
        d0,
        d1,
        b'T',
        h0,
        h1,
        b':',
        n0,
        n1,
        b':',
        s0,
        s1,
    ] = date_time
    else {
        return None;
    };
    let year = two(*y0, *y1)? * 100 + two(*y2, *y3)?;
    let month = two(*m0, *m1)?;
    let day = two(*d0, *d1)?;
    let time_is_valid = two(*h0, *h1)? < 24 && two(*n0, *n1)? < 60 && two(*s0, *s1)? < 60;
    if !time_is_valid || !(1..=12).contains(&month) || day == 0 || day > days_of(month, year) {
        return None;
    }
    if let [b'.' | b',', fraction @ ..] = rest {
        let digits = fraction
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        if digits == 0 {
            return None;
        }
        rest = fraction.get(digits..)?;
    }
    match rest {
        [b'Z'] => Some(()),
        [b'+' | b'-', h0, h1, b':', m0, m1] => {
            (two(*h0, *h1)? <= 24 && two(*m0, *m1)? < 60).then_some(())
        }
        _ => None,
    }
}

fn two(tens: u8, ones: u8) -> Option<u32> {
    let digit = |byte: u8| byte.is_ascii_digit().then(|| u32::from(byte - b'0'));
    Some(digit(tens)? * 10 + digit(ones)?)
}

fn days_of(month: u32, year: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::is_time;

    #[test]
    fn accepts_what_go_accepts() {
        for time in [
            "2026-11-23T12:42:31Z",
            "2024-02-29T00:00:00.25Z",
            "2024-01-01T00:00:00+05:30",
        ] {
            assert!(is_time(time), "{time}");
        }
        for time in [
            "",
            "yesterday",
            "2026-11-23",
            "2026-11-23T12:42:31Z\r",
            "2023-02-29T00:00:00Z",
            "2024-13-01T00:00:00Z",
        ] {
            assert!(!is_time(time), "{time}");
        }
    }
}
