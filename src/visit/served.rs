//! EMC code in the HTML as the server sent it, before any script ran.

use super::clip::clip_text;
use crate::emc::EmcSettings;
use crate::observation::{CodeFacts, CodeSnippet, SnippetPlace};

const SNIPPETS_MAX: usize = 20;
const SNIPPET_CHARS: usize = 4000;

/// Scripts and comments of served HTML that name EMC's host or queue, in document order.
pub(super) fn code_in(html: &str, emc: &EmcSettings) -> CodeFacts {
    let mut snippets = Vec::new();
    let mut line = 1_u32;
    let mut counted = 0;
    let mut rest = 0;
    while snippets.len() < SNIPPETS_MAX {
        let Some(found) = next_piece(html, rest) else {
            break;
        };
        if names_emc(found.text, emc) {
            line += newlines(&html[counted..found.begin]);
            counted = found.begin;
            snippets.push(CodeSnippet {
                place: found.place,
                src: attribute(found.opening, "src"),
                script_type: attribute(found.opening, "type"),
                text: clip_text(found.text, SNIPPET_CHARS),
                line: Some(line),
            });
        }
        rest = found.end;
    }
    CodeFacts {
        snippets,
        queue: None,
    }
}

/// Whether the served HTML itself has the markup of EMC's badge: there a script did not put it.
pub(super) fn has_badge(html: &str, emc: &EmcSettings) -> bool {
    let names: Vec<&str> = emc
        .badge_selectors
        .iter()
        .filter_map(|selector| selector.rsplit(['#', '.', ' ']).next())
        .filter(|name| name.len() >= 4)
        .collect();
    let mut from = 0;
    loop {
        let piece = next_piece(html, from);
        let end = piece.as_ref().map_or(html.len(), |piece| piece.begin);
        if names.iter().any(|name| is_given(&html[from..end], name)) {
            return true;
        }
        match piece {
            Some(piece) => from = piece.end,
            None => return false,
        }
    }
}

/// Whether an attribute has this name for a value, or among its values; a style sheet writes it otherwise.
fn is_given(html: &str, name: &str) -> bool {
    html.match_indices(name).any(|(at, _)| {
        let before = html[..at].chars().next_back();
        let after = html[at + name.len()..].chars().next();
        let ends = |c: Option<char>| c.is_some_and(|c| c.is_whitespace() || "\"'=>".contains(c));
        let in_tag = html[..at].rfind('<') > html[..at].rfind('>');
        in_tag && ends(before) && ends(after)
    })
}

/// Elements whose end tag HTML, or the habit of old pages, lets authors leave out.
const LEFT_OPEN: &[&str] = &[
    "html", "head", "body", "p", "li", "td", "th", "tr", "tbody", "thead", "tfoot", "dd", "dt", "option",
    "center", "font", "b", "i",
];
/// Elements that have no end.
const VOID: &[&str] = &[
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track",
    "wbr",
];

/// Whether the document stops in the middle: of a tag, a comment, a script, or a text in something that has to be
/// closed. That the closing tags of the page are missing is common, and alone says nothing.
pub(super) fn breaks_off(html: &str) -> bool {
    let bytes = html.as_bytes();
    let ends = |tag: &[u8]| find_ignoring_case(bytes, tag).is_some();
    if html.trim().is_empty() || ends(b"</html") || ends(b"</body") {
        return false;
    }
    let mut open: Vec<String> = Vec::new();
    let mut at = 0;
    while let Some(begin) = html[at..].find('<').map(|found| at + found) {
        let rest = &html[begin..];
        if rest.starts_with("<!--") {
            let Some(end) = rest.find("-->") else { return true };
            at = begin + end + 3;
            continue;
        }
        let closing = rest.starts_with("</");
        let name: String = rest[1 + usize::from(closing)..]
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect::<String>()
            .to_ascii_lowercase();
        if name.is_empty() && !rest.starts_with("<!") && !rest.starts_with("<?") && rest.len() > 2 {
            at = begin + 1;
            continue;
        }
        let Some(end) = end_of_tag(rest) else { return true };
        at = begin + end;
        if closing {
            if let Some(opened) = open.iter().rposition(|other| *other == name) {
                open.truncate(opened);
            }
        } else if matches!(name.as_str(), "script" | "style" | "textarea" | "title") {
            let Some(close) = find_ignoring_case(&bytes[at..], format!("</{name}").as_bytes()) else {
                return true;
            };
            at += close;
            open.push(name);
        } else if !name.is_empty() && !VOID.contains(&name.as_str()) && !rest[..end].ends_with("/>") {
            open.push(name);
        }
    }
    let in_text = !html[at..].trim().is_empty();
    in_text && open.iter().any(|name| !LEFT_OPEN.contains(&name.as_str()))
}

/// Where a tag ends, past its quoted values.
fn end_of_tag(tag: &str) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in tag.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return Some(at + 1),
            (None, b'"' | b'\'') if tag[..at].trim_end().ends_with('=') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    None
}

struct Piece<'a> {
    place: SnippetPlace,
    opening: &'a str,
    /// The whole piece, tags included.
    text: &'a str,
    begin: usize,
    end: usize,
}

/// The next comment or script element at or after byte `from`.
fn next_piece(html: &str, from: usize) -> Option<Piece<'_>> {
    let bytes = html.as_bytes();
    let mut at = from;
    loop {
        at += bytes.get(at..)?.iter().position(|byte| *byte == b'<')?;
        if html[at..].starts_with("<!--") {
            let end = html[at + 4..]
                .find("-->")
                .map_or(html.len(), |end| at + 4 + end + 3);
            return Some(Piece {
                place: SnippetPlace::HtmlComment,
                opening: "",
                text: &html[at..end],
                begin: at,
                end,
            });
        }
        if is_script_tag(&bytes[at..]) {
            let opening_end = html[at..].find('>').map_or(html.len(), |end| at + end + 1);
            let end = find_ignoring_case(&bytes[opening_end..], b"</script")
                .map_or(html.len(), |end| opening_end + end);
            let opening = &html[at..opening_end];
            let place = if runs(opening) {
                SnippetPlace::Live
            } else {
                SnippetPlace::InertType
            };
            return Some(Piece {
                place,
                opening,
                text: &html[at..end],
                begin: at,
                end,
            });
        }
        at += 1;
    }
}

fn is_script_tag(bytes: &[u8]) -> bool {
    bytes.len() > 7
        && bytes[..7].eq_ignore_ascii_case(b"<script")
        && matches!(bytes[7], b' ' | b'>' | b'\n' | b'\r' | b'\t' | b'/')
}

fn find_ignoring_case(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes
        .windows(wanted.len())
        .position(|window| window.eq_ignore_ascii_case(wanted))
}

/// A script type that browsers run (HTML standard, "prepare the script element").
fn runs(opening: &str) -> bool {
    attribute(opening, "type").is_none_or(|kind| {
        let kind = kind.trim().to_ascii_lowercase();
        kind.is_empty() || kind == "module" || kind.ends_with("javascript") || kind.ends_with("ecmascript")
    })
}

fn attribute(opening: &str, name: &str) -> Option<String> {
    let lower = opening.to_ascii_lowercase();
    let mut from = 0;
    loop {
        let at = from + lower.get(from..)?.find(name)?;
        let before = lower[..at].chars().next_back();
        let after = opening[at + name.len()..].trim_start();
        if before.is_some_and(|c| c.is_whitespace() || "\"'/".contains(c))
            && let Some(value) = after.strip_prefix('=')
        {
            let value = value.trim_start();
            let text = match value.chars().next() {
                Some(quote @ ('"' | '\'')) => value[1..].split(quote).next(),
                _ => value.split([' ', '>', '\n', '\t', '\r']).next(),
            };
            return text.map(|text| clip_text(text, 1000));
        }
        from = at + name.len();
    }
}

fn names_emc(text: &str, emc: &EmcSettings) -> bool {
    text.contains(emc.queue.as_str()) || emc.hosts.iter().any(|host| text.contains(host.as_str()))
}

fn newlines(text: &str) -> u32 {
    u32::try_from(text.bytes().filter(|byte| *byte == b'\n').count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(html: &str) -> Vec<(SnippetPlace, Option<u32>)> {
        let code = code_in(html, &EmcSettings::default());
        code.snippets
            .iter()
            .map(|snippet| (snippet.place, snippet.line))
            .collect()
    }

    #[test]
    fn live_code_is_told_from_commented_out_code() {
        let html = "<html>\n<!-- <script>var _govaq=[]</script> -->\n<SCRIPT type=\"text/javascript\">\n_govaq.push()</SCRIPT>";
        assert_eq!(
            places(html),
            [
                (SnippetPlace::HtmlComment, Some(2)),
                (SnippetPlace::Live, Some(3))
            ]
        );
    }

    #[test]
    fn a_badge_in_the_served_html_is_told_from_a_script_and_a_style_that_name_it() {
        let has = |html: &str| has_badge(html, &EmcSettings::default());
        assert!(has(
            "<div><a class=\"yhy-append-btn yhy-btn-emc\" id=btnEMC>Đã kết nối EMC</a></div>"
        ));
        assert!(!has(
            "<style>#btnEMC{display:none} a .yhy-btn-emc {}</style><p>btnEMC</p>"
        ));
        assert!(!has(
            "<script>x='<a id=\"btnEMC\">'</script><!-- <a id=\"btnEMC\"> -->"
        ));
    }

    #[test]
    fn a_document_that_stops_in_the_middle_breaks_off() {
        for html in [
            "<html><body><div><p>Tin <a href=\"/tin",
            "<html><body><h2><a href=/1>Hội nghị sơ kết",
            "<html><head><title>Sở</title><style>body{margin:0;fo",
            "<html><body><script>var a='<b>';",
            "<html><body><p>Tin</p><!-- <script",
            "<html><body><p>Tin</p><",
            "<html><body><main><p>Chương trình do Mặt trận Tổ quốc phối hợp, thu",
        ] {
            assert!(breaks_off(html), "{html}");
        }
    }

    #[test]
    fn a_page_that_is_only_sloppy_is_whole() {
        for html in [
            "",
            "<p>Trang chủ",
            "<html><body><p>Một<p>Hai<center><font color=red>Hết",
            "<html><body><div><a href=/1>Một</a></div>\n",
            "<table><tr><td>Bản quyền 2026 <br>",
            "<html><body><a href=/1>Một</body></html>",
            "<p>3 < 5 và <b>đậm</b><script>x()</script> hết",
            "<p title=\"a > b\">Hết",
            "<body><p>It's <img alt='a'> hết",
        ] {
            assert!(!breaks_off(html), "{html}");
        }
    }

    #[test]
    fn a_type_that_no_browser_runs_is_inert() {
        assert_eq!(
            places("<script type='text/plain'>_govaq</script>"),
            [(SnippetPlace::InertType, Some(1))]
        );
    }

    #[test]
    fn other_scripts_and_unfinished_markup_are_passed_over() {
        assert_eq!(
            places("<script>var x</script><scripting _govaq><!-- nothing <script"),
            []
        );
        assert_eq!(
            places("<script src=https://f-emc.ngsp.gov.vn/embed/x.js"),
            [(SnippetPlace::Live, Some(1))]
        );
    }
}
