//! Secrets are taken out before anything is written down, so that none is in any file: cookies,
//! authorisation, and names and passwords in addresses.

use serde_json::{Map, Value};

use super::clip::clip_text;

/// What stands where a secret was.
const REDACTED: &str = "[redacted]";
const HEADERS_MAX: usize = 100;
const NAME_CHARS: usize = 200;
const VALUE_CHARS: usize = 2000;
const COOKIES_MAX: usize = 20;
const COOKIE_CHARS: usize = 60;

/// Every header of a message, at most 100, each clipped; of those that carry secrets the name alone.
pub(super) fn headers(headers: &Map<String, Value>) -> Vec<(String, String)> {
    headers
        .iter()
        .take(HEADERS_MAX)
        .filter_map(|(name, value)| Some((name, value.as_str()?)))
        .map(|(name, value)| {
            let value = if is_secret(name) {
                REDACTED.to_owned()
            } else {
                clip_text(&without_credentials(value), VALUE_CHARS)
            };
            (clip_text(name, NAME_CHARS), value)
        })
        .collect()
}

/// Names of the cookies that an answer sets, which tell what it was made by; never their values.
pub(super) fn cookie_names(headers: &Map<String, Value>) -> Vec<String> {
    headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"))
        .filter_map(|(_, value)| value.as_str())
        .flat_map(str::lines)
        .filter_map(|line| line.split_once('='))
        .map(|(name, _)| clip_text(name.trim(), COOKIE_CHARS))
        .filter(|name| !name.is_empty())
        .take(COOKIES_MAX)
        .collect()
}

/// Headers that let somebody else in.
pub(super) fn is_secret(name: &str) -> bool {
    const OTHERS: &[&str] = &[
        "x-api-key",
        "x-auth-token",
        "x-access-token",
        "x-csrf-token",
        "x-xsrf-token",
    ];
    let name = name.to_ascii_lowercase();
    name.contains("cookie") || name.contains("authorization") || OTHERS.contains(&name.as_str())
}

/// The text with `name:password@` left out of every address in it.
pub fn without_credentials(text: &str) -> String {
    if !text.contains('@') {
        return text.to_owned();
    }
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        clean.push_str(before);
        let end = after
            .find(|c: char| c.is_whitespace() || "/?#\\\"'<>`,;|".contains(c))
            .unwrap_or(after.len());
        let authority = &after[..end];
        clean.push_str(authority.rsplit_once('@').map_or(authority, |(_, host)| host));
        rest = &after[end..];
    }
    clean.push_str(rest);
    clean
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn secrets_leave_their_name_alone() {
        let sent = serde_json::json!({
            "Cookie": "id=1", "set-cookie": "id=2\nid=3", "AUTHORIZATION": "Basic eDp5",
            "Proxy-Authorization": "Basic eDp5", "X-Api-Key": "k", "Accept": "*/*",
            "Location": "https://user:pass@a.gov.vn/x",
        });
        let kept = headers(sent.as_object().unwrap());
        for (name, value) in &kept {
            match name.as_str() {
                "Accept" => assert_eq!(value, "*/*"),
                "Location" => assert_eq!(value, "https://a.gov.vn/x"),
                _ => assert_eq!(value, REDACTED, "{name}"),
            }
        }
        assert_eq!(kept.len(), 7);
    }

    #[test]
    fn of_cookies_only_the_names_are_told() {
        let sent = serde_json::json!({
            "Set-Cookie": "JSESSIONID=secret; Path=/; HttpOnly\nGUEST_LANGUAGE_ID=vi_VN\nsecret", "Cookie": "a=b",
        });
        assert_eq!(
            cookie_names(sent.as_object().unwrap()),
            ["JSESSIONID", "GUEST_LANGUAGE_ID"]
        );
    }

    #[test]
    fn credentials_go_and_everything_else_stays() {
        for (text, clean) in [
            ("https://u:p@a.gov.vn/x?m=a@b", "https://a.gov.vn/x?m=a@b"),
            ("http://u@a:81", "http://a:81"),
            ("https://a.gov.vn/@x", "https://a.gov.vn/@x"),
            (
                "0; url=https://u:p@a/ and ws://q:r@b",
                "0; url=https://a/ and ws://b",
            ),
            ("mail@a.gov.vn", "mail@a.gov.vn"),
            ("https://u:p@w@a/", "https://a/"),
        ] {
            assert_eq!(without_credentials(text), clean);
        }
    }

    #[test]
    fn a_message_of_thousands_of_headers_is_cut() {
        let sent: Map<String, Value> = (0..5000)
            .map(|n| (format!("h{n}"), Value::from("v".repeat(9000))))
            .collect();
        let kept = headers(&sent);
        assert_eq!(kept.len(), HEADERS_MAX);
        assert!(
            kept.iter()
                .all(|(_, value)| value.chars().count() == VALUE_CHARS + 1)
        );
    }

    proptest! {
        #[test]
        fn a_password_is_in_no_address(user in "[a-z]{1,5}", password in "[A-Z]{8}", tail in "[a-z/?#@]{0,9}") {
            let clean = without_credentials(&format!("https://{user}:{password}@a.gov.vn/{tail}"));
            prop_assert!(!clean.contains(&password));
            prop_assert_eq!(clean, format!("https://a.gov.vn/{tail}"));
        }

        #[test]
        fn no_text_breaks_it(text in "\\PC{0,80}") {
            prop_assert!(without_credentials(&text).len() <= text.len());
        }
    }
}
