//! What stands in a cell: addresses, roles, states and EMC ids, in the words that people use.

use url::{Host, Url};

use crate::site::{Role, SiteError, SiteState, parse_address};

use super::fold::{begins_with, fold, one_line};
use super::problem::Problem;

/// More addresses than this in one cell are pasted text.
const MOST_ADDRESSES: usize = 20;

/// The addresses of a cell, in order, and the other words that stood between them.
#[derive(Debug, Default)]
pub(super) struct Addresses {
    pub found: Vec<Address>,
    pub rest: String,
}

#[derive(Debug, Clone)]
pub(super) struct Address {
    pub url: Url,
    pub scheme_given: bool,
}

/// Reads a cell of addresses. No address and no reason to complain (an empty cell) gives none.
pub(super) fn addresses(text: &str) -> Result<Addresses, Problem> {
    if is_torn(text) {
        return Err(Problem::NotAnAddress);
    }
    let mut addresses = Addresses::default();
    let mut rest = Vec::new();
    let mut trouble = None;
    for token in tokens(text) {
        match address(token) {
            Ok(address) => {
                if addresses.found.len() == MOST_ADDRESSES {
                    return Err(Problem::TooManyAddresses(MOST_ADDRESSES));
                }
                addresses.found.push(address);
            }
            Err(problem @ (Problem::Scheme(_) | Problem::MailAddress)) => {
                rest.push(token);
                trouble.get_or_insert(problem);
            }
            Err(_) if is_filler(token) => {}
            Err(_) => rest.push(token),
        }
    }
    let is_bad_scheme = matches!(trouble, Some(Problem::Scheme(_)));
    if addresses.found.is_empty() || is_bad_scheme {
        if let Some(problem) = trouble {
            return Err(problem);
        }
        if !text.trim().is_empty() {
            return Err(Problem::NotAnAddress);
        }
    }
    addresses.rest = one_line(&rest.join(" "));
    Ok(addresses)
}

/// Splits at white space and semicolons, and at commas between addresses (an address may have a
/// comma of its own).
fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    for piece in pieces(text) {
        let parts: Vec<&str> = piece.split(',').collect();
        let is_whole = |part: &str| part.is_empty() || address(part).is_ok();
        let begins_well = parts
            .first()
            .is_some_and(|part| is_whole(part) || is_filler(part));
        if begins_well && parts.iter().skip(1).all(|part| is_whole(part)) {
            tokens.extend(parts);
        } else {
            tokens.push(piece);
        }
    }
    tokens
        .into_iter()
        .map(|token| token.trim_matches(|c: char| "()<>[]{}\"'“”‘’,.".contains(c)))
        .map(without_label)
        .filter(|token| !token.is_empty())
        .collect()
}

fn pieces(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || matches!(c, ';' | '|'))
        .filter(|piece| !piece.is_empty())
}

/// `sxd. tinh.gov.vn`, `sxd .tinh.gov.vn`: a blank inside one name. Reading the half that looks like
/// an address would audit somebody else's site.
fn is_torn(text: &str) -> bool {
    let is_label = |piece: &str| {
        let label = piece.trim_matches('.');
        !label.is_empty()
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    pieces(text).zip(pieces(text).skip(1)).any(|(left, right)| {
        let is_split = left.ends_with('.') || right.starts_with('.');
        is_split && is_label(left) && !is_filler(left) && address(right.trim_start_matches('.')).is_ok()
    })
}

/// `Website:https://…` → `https://…`, `-a.gov.vn` → `a.gov.vn`.
fn without_label(token: &str) -> &str {
    let token = token.trim_start_matches(['-', '–', '+', '*', '•']);
    match token.split_once(':') {
        Some((label, rest)) if LABELS.contains(&fold(label).as_str()) => rest,
        _ => token,
    }
}

const LABELS: &[&str] = &[
    "website", "web", "url", "link", "trang", "cong", "dia chi", "chinh", "phu", "cu", "moi",
];

/// Words that stand beside addresses and say nothing of their own.
fn is_filler(token: &str) -> bool {
    let word = fold(token);
    word.is_empty()
        || LABELS.contains(&word.as_str())
        || [
            "va", "hoac", "and", "or", "dia", "chi", "ttdt", "ten", "mien", "khac",
        ]
        .contains(&word.as_str())
        || word.parse::<u8>().is_ok()
}

/// One address. Without a scheme the host must end in a known suffix: `TP.HCM` and `Q.1` are words.
fn address(token: &str) -> Result<Address, Problem> {
    let lower = token.to_ascii_lowercase();
    let scheme_given = lower.starts_with("http://") || lower.starts_with("https://");
    if !scheme_given && token.contains('@') && !token.contains('/') {
        return Err(Problem::MailAddress);
    }
    let url = parse_address(token).map_err(|error| match error {
        SiteError::Scheme(scheme) if scheme.eq_ignore_ascii_case("mailto") => Problem::MailAddress,
        SiteError::Scheme(scheme) => Problem::Scheme(scheme),
        SiteError::Empty | SiteError::NotAnAddress(_) => Problem::NotAnAddress,
    })?;
    if let (false, Some(Host::Domain(host))) = (scheme_given, url.host()) {
        let is_known = psl::suffix(host.as_bytes()).is_some_and(|suffix| suffix.is_known());
        if !is_known && host != "localhost" {
            return Err(Problem::NotAnAddress);
        }
    }
    Ok(Address { url, scheme_given })
}

/// "chưa có", "không có", "-", "N/A", "đang xây dựng": the unit has no site, or the cell has no value.
pub(super) fn says_none(text: &str) -> bool {
    let word = fold(text);
    if word.is_empty() {
        return !text.trim().is_empty();
    }
    let exact = ["khong", "chua", "n a", "na", "none", "no", "null", "nil"];
    exact.contains(&word.as_str())
        || begins_with(
            &word,
            &[
                "chua co",
                "khong co",
                "chua xay dung",
                "dang xay dung",
                "chua trien khai",
                "dang trien khai",
                "chua thiet lap",
                "chua hoat dong",
                "dang nang cap",
                "dang bao tri",
                "dang cap nhat",
                "chua cap",
                "chua dang ky",
                "no site",
                "no website",
                "not yet",
            ],
        )
}

pub(super) fn role(text: &str) -> Result<Role, Problem> {
    let word = fold(text);
    let component = [
        "component",
        "component site",
        "trang",
        "trang con",
        "trang thong tin",
        "trang tt",
        "trang web",
        "website thanh phan",
        "thanh phan",
        "cong thanh phan",
        "cong con",
        "trang tp",
        "tp",
    ];
    let portal = [
        "portal",
        "cong",
        "cong chinh",
        "cong cha",
        "cong me",
        "cong thong tin",
        "cong tt",
        "cong tinh",
    ];
    let is_component = component.contains(&word.as_str())
        || begins_with(
            &word,
            &["trang ttdt", "trang thong tin dien tu", "trang thanh phan"],
        )
        || word.ends_with(" thanh phan");
    if is_component {
        Ok(Role::Component)
    } else if portal.contains(&word.as_str()) || begins_with(&word, &["cong ttdt", "cong thong tin dien tu"])
    {
        Ok(Role::Portal)
    } else {
        Err(Problem::UnknownRole)
    }
}

pub(super) fn state(text: &str) -> Result<SiteState, Problem> {
    let word = fold(text);
    let active = [
        "active",
        "on",
        "hoat dong",
        "binh thuong",
        "su dung",
        "dang su dung",
        "con hoat dong",
    ];
    let closed = [
        "closed",
        "off",
        "dong",
        "dong cua",
        "dung",
        "khong hoat dong",
        "khong con hoat dong",
    ];
    if active.contains(&word.as_str()) || begins_with(&word, &["dang hoat dong", "hoat dong binh thuong"]) {
        Ok(SiteState::Active)
    } else if closed.contains(&word.as_str())
        || begins_with(
            &word,
            &[
                "da dong",
                "ngung",
                "ngung hoat dong",
                "dung hoat dong",
                "tam dung",
                "tam ngung",
                "tam dong",
                "da ngung",
                "da dung",
                "giai the",
                "da giai the",
                "sap nhap",
                "da sap nhap",
            ],
        )
    {
        Ok(SiteState::Closed)
    } else if begins_with(&word, &["exempt", "mien", "duoc mien", "mien tru"]) {
        Ok(SiteState::Exempt)
    } else {
        Err(Problem::UnknownState)
    }
}

/// EMC ids, several with `;`, `,`, blanks or line breaks between them. "chưa có" is none.
pub(super) fn emc_site_ids(text: &str) -> Result<Vec<u64>, Problem> {
    if says_none(text) {
        return Ok(Vec::new());
    }
    let mut ids = Vec::new();
    for token in text.split(|c: char| c.is_whitespace() || matches!(c, ';' | ',' | '/' | '|')) {
        if token.is_empty() || matches!(fold(token).as_str(), "va" | "and") {
            continue;
        }
        let is_number = token.bytes().all(|byte| byte.is_ascii_digit());
        let id: u64 = token
            .parse()
            .ok()
            .filter(|_| is_number)
            .ok_or(Problem::SiteIdNotANumber)?;
        if id == 0 {
            return Err(Problem::SiteIdZero);
        }
        if !ids.contains(&id) {
            if ids.len() == MOST_ADDRESSES {
                return Err(Problem::SiteIdNotANumber);
            }
            ids.push(id);
        }
    }
    Ok(ids)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    fn urls(text: &str) -> Vec<String> {
        addresses(text)
            .unwrap()
            .found
            .iter()
            .map(|one| one.url.to_string())
            .collect()
    }

    #[test]
    fn several_addresses_in_a_cell_are_told_apart() {
        let both = ["https://a.gov.vn/", "http://b.gov.vn/x"];
        for text in [
            "a.gov.vn\nhttp://b.gov.vn/x",
            "a.gov.vn; http://b.gov.vn/x",
            "a.gov.vn,http://b.gov.vn/x",
            "a.gov.vn và http://b.gov.vn/x",
            "1) Website: https://a.gov.vn\n2) Trang cũ: http://b.gov.vn/x.",
            "- https://a.gov.vn (mới)\n- http://b.gov.vn/x (cũ)",
        ] {
            assert_eq!(urls(text), both, "{text:?}");
        }
        assert_eq!(urls("https://a.gov.vn/tin,123"), ["https://a.gov.vn/tin,123"]);
        assert_eq!(
            addresses("a.gov.vn (đang nâng cấp)").unwrap().rest,
            "đang nâng cấp"
        );
        assert!(addresses("").unwrap().found.is_empty());
    }

    #[test]
    fn what_is_no_web_address_is_told_by_kind() {
        assert_eq!(addresses("sở y tế").unwrap_err(), Problem::NotAnAddress);
        for torn in ["sxd. tinh.gov.vn", "sxd .tinh.gov.vn", "sxd,tinh.gov.vn"] {
            assert_eq!(addresses(torn).unwrap_err(), Problem::NotAnAddress, "{torn}");
        }
        assert_eq!(addresses("TP.HCM Q.1").unwrap_err(), Problem::NotAnAddress);
        assert_eq!(addresses("024.3123456").unwrap_err(), Problem::NotAnAddress);
        assert_eq!(addresses("vanthu@so.gov.vn").unwrap_err(), Problem::MailAddress);
        assert_eq!(
            addresses("mailto:vanthu@so.gov.vn").unwrap_err(),
            Problem::MailAddress
        );
        assert_eq!(
            addresses("ftp://so.gov.vn").unwrap_err(),
            Problem::Scheme("ftp".to_owned())
        );
        let many: Vec<String> = (0..30).map(|n| format!("a{n}.gov.vn")).collect();
        assert_eq!(
            addresses(&many.join(" ")).unwrap_err(),
            Problem::TooManyAddresses(20)
        );
    }

    #[test]
    fn words_for_nothing() {
        for text in [
            "chưa có",
            "Không có website",
            "-",
            "---",
            "N/A",
            "đang xây dựng",
            "Chưa",
        ] {
            assert!(says_none(text), "{text}");
        }
        for text in ["", "Sở Khoa học", "không gian mạng", "a.gov.vn"] {
            assert!(!says_none(text), "{text}");
        }
    }

    #[test]
    fn roles_and_states_in_words() {
        for text in ["portal", "Cổng", "CỔNG TTĐT", "Cổng thông tin điện tử tỉnh"] {
            assert_eq!(role(text), Ok(Role::Portal), "{text}");
        }
        for text in [
            "Component",
            "Trang",
            "trang TTĐT thành phần",
            "Cổng thành phần",
            "Trang thông tin điện tử",
        ] {
            assert_eq!(role(text), Ok(Role::Component), "{text}");
        }
        for text in ["công an", "Công ty", "sở", "trangg", "1"] {
            assert_eq!(role(text), Err(Problem::UnknownRole), "{text}");
        }
        assert_eq!(state("Đang hoạt động"), Ok(SiteState::Active));
        assert_eq!(state("đã đóng"), Ok(SiteState::Closed));
        assert_eq!(state("Ngừng hoạt động từ 07/2025"), Ok(SiteState::Closed));
        assert_eq!(state("Miễn"), Ok(SiteState::Exempt));
        assert_eq!(state("có lẽ"), Err(Problem::UnknownState));
    }

    #[test]
    fn emc_ids() {
        assert_eq!(emc_site_ids("163; 227,0163"), Ok(vec![163, 227]));
        assert_eq!(emc_site_ids("chưa có"), Ok(vec![]));
        assert_eq!(emc_site_ids(""), Ok(vec![]));
        assert_eq!(emc_site_ids("0"), Err(Problem::SiteIdZero));
        for text in ["12a", "-5", "+5", "1.5", "99999999999999999999"] {
            assert_eq!(emc_site_ids(text), Err(Problem::SiteIdNotANumber), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_cell_panics(text in "[\\PC\\n]{0,60}") {
            let read = addresses(&text);
            if let Ok(read) = read {
                prop_assert!(!read.found.is_empty() || text.trim().is_empty());
            }
            let _unused = (role(&text), state(&text), emc_site_ids(&text), says_none(&text));
        }
    }
}
