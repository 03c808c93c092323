//! What a busy server says about when to come back, and what we make of it.

use std::{
    hash::{BuildHasher, RandomState},
    time::Duration,
};

use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

use crate::domain::Timestamp;

/// `Retry-After` in seconds.
///
/// RFC 9110 10.2.3: "a number of seconds" or "an HTTP-date". The date is compared with the answer's
/// own `Date`, so that a clock of ours that is wrong makes no wait of a year; without one it is no
/// wish.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<u64> {
    let asked = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = asked.parse() {
        return Some(seconds);
    }
    let now = date(headers.get(DATE)?.to_str().ok()?)?;
    let seconds = date(asked)?.duration_since(now).as_secs();
    Some(u64::try_from(seconds).unwrap_or(0))
}

fn date(text: &str) -> Option<Timestamp> {
    DateTimeParser::new().parse_timestamp(text.trim()).ok()
}

/// What the server says about its limit of requests: `0 of 100 requests left (window 21600 s)`.
///
/// Sources: Docker Hub, `RateLimit-Limit: 100;w=21600` and `RateLimit-Remaining: 76;w=21600`; the
/// GitHub REST API, `X-RateLimit-Limit`, `X-RateLimit-Remaining`. Only numbers are taken over.
pub(in crate::net) fn rate(headers: &HeaderMap) -> Option<String> {
    let number = |names: [&str; 2]| {
        let value = names.into_iter().find_map(|name| headers.get(name))?.to_str().ok()?;
        let (count, parameters) = value.split_once(';').unwrap_or((value, ""));
        let window = parameters.split(';').find_map(|p| p.trim().strip_prefix("w="));
        let window = window.and_then(|w| w.trim().parse::<u64>().ok());
        Some((count.trim().parse::<u64>().ok()?, window))
    };
    let (left, window) = number(["ratelimit-remaining", "x-ratelimit-remaining"])?;
    let limit = number(["ratelimit-limit", "x-ratelimit-limit"]);
    let of = limit.map_or_else(String::new, |(limit, _)| format!(" of {limit}"));
    let window = window.or_else(|| limit.and_then(|(_, window)| window));
    let window = window.map_or_else(String::new, |w| format!(" (window {w} s)"));
    Some(format!("{left}{of} requests left{window}"))
}

/// A wait that is up to a half longer: of many clients that were told the same, not all come back
/// in the same moment.
pub(super) fn stretched(pause: Duration, random: u64) -> Duration {
    // The upper 16 bits as a share of one half.
    let share = u32::try_from(random >> 48).unwrap_or(0);
    pause + (pause / 2) * share / (1 << 16)
}

/// A number that nobody knows before; no secret depends on it.
pub(super) fn random() -> u64 {
    RandomState::new().hash_one(0)
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderName, HeaderValue};

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let each = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        pairs.iter().map(each).collect()
    }

    #[test]
    fn retry_after_is_seconds_or_a_date_of_the_servers_own_clock() {
        const NOW: (&str, &str) = ("date", "Wed, 21 Oct 2015 07:28:00 GMT");
        for (after, date, seconds) in [
            ("7", None, Some(7)),
            (" 7 ", None, Some(7)),
            ("Wed, 21 Oct 2015 07:28:30 GMT", Some(NOW), Some(30)),
            ("Wed, 21 Oct 2015 07:27:00 GMT", Some(NOW), Some(0)),
            ("Thu, 22 Oct 2015 07:28:00 GMT", Some(NOW), Some(86_400)),
            ("Wed, 21 Oct 2015 07:28:30 GMT", None, None),
            ("Wed, 21 Oct 2015 07:28:30 GMT", Some(("date", "yesterday")), None),
            ("soon", Some(NOW), None),
            ("-1", Some(NOW), None),
            ("99999999999999999999", Some(NOW), None),
        ] {
            let pairs: Vec<_> = [("retry-after", after)].into_iter().chain(date).collect();
            assert_eq!(retry_after(&headers(&pairs)), seconds, "{after} {date:?}");
        }
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }

    #[test]
    fn limits_of_requests_are_told_in_numbers() {
        for (pairs, words) in [
            (
                vec![("ratelimit-limit", "100;w=21600"), ("ratelimit-remaining", "76;w=21600")],
                Some("76 of 100 requests left (window 21600 s)"),
            ),
            (
                vec![("x-ratelimit-limit", "60"), ("x-ratelimit-remaining", "0")],
                Some("0 of 60 requests left"),
            ),
            (vec![("ratelimit-remaining", "5")], Some("5 requests left")),
            (vec![("ratelimit-limit", "100")], None),
            (vec![("ratelimit-remaining", "many \u{1b}[2J")], None),
            (vec![], None),
        ] {
            let map: HeaderMap = pairs
                .iter()
                .filter_map(|(n, v)| {
                    Some((HeaderName::from_static(n), HeaderValue::from_bytes(v.as_bytes()).ok()?))
                })
                .collect();
            assert_eq!(rate(&map).as_deref(), words, "{pairs:?}");
        }
    }

    #[test]
    fn a_wait_is_stretched_by_at_most_a_half_and_never_shortened() {
        let ms = Duration::from_millis;
        for (pause, random, stretched_to) in [
            (ms(1000), 0, ms(1000)),
            (ms(1000), u64::MAX / 2 + 1, ms(1250)),
            (ms(0), u64::MAX, ms(0)),
        ] {
            assert_eq!(stretched(pause, random), stretched_to);
        }
        let most = stretched(ms(1000), u64::MAX);
        assert!(most > ms(1499) && most < ms(1500), "{most:?}");
    }
}
