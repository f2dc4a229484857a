//! What can be pasted as it is: EMC's code with the registered id, a directive with EMC added, links, and
//! style rules.

use askama::filters::{Html, escape};

use crate::emc::EmcSettings;

/// Stands where the site id goes while nobody knows it.
pub(super) const NO_ID: &str = "MA_TRANG";

/// `https://` and EMC's host, as a policy names it.
pub(super) fn origin(emc: &EmcSettings) -> String {
    format!("https://{}", emc.hosts.first().map_or("", String::as_str))
}

/// Where calls of the tracker go.
pub(super) fn tracker(emc: &EmcSettings) -> String {
    format!("{}{}", origin(emc), emc.tracker_path)
}

/// The tracking code as EMC gives it out.
pub(super) fn emc_code(emc: &EmcSettings, id: &str) -> String {
    let (queue, script, tracker) = (&emc.queue, &emc.script_url, tracker(emc));
    format!(
        "<script>
  var {queue} = window.{queue} || [];
  {queue}.push(['trackPageView']);
  {queue}.push(['enableLinkTracking']);
  (function () {{
    {queue}.push(['setTrackerUrl', '{tracker}']);
    {queue}.push(['setSiteId', '{id}']);
    var d = document,
      g = d.createElement('script'),
      s = d.getElementsByTagName('script')[0];
    g.type = 'text/javascript';
    g.async = true;
    g.defer = true;
    g.src = '{script}';
    s.parentNode.insertBefore(g, s);
  }})();
</script>"
    )
}

/// A directive with a source added; what stood for everything becomes one for `kind` alone.
pub(super) fn allowing(directive: &str, kind: &str, source: &str) -> String {
    let mut words = directive.split_whitespace();
    let name = words.next().unwrap_or(kind);
    let name = if name == "default-src" { kind } else { name };
    let kept = words.filter(|word| *word != "'none'" && *word != source);
    let all: Vec<&str> = std::iter::once(name).chain(kept).chain([source]).collect();
    all.join(" ")
}

/// Whether a directive asks for nonces instead of hosts.
pub(super) fn wants_nonce(directive: &str) -> bool {
    directive.contains("'strict-dynamic'")
}

/// One link, escaped.
pub(super) fn link(url: &str, text: &str) -> String {
    format!("<a href=\"{}\">{}</a>", escaped(url), escaped(text))
}

fn escaped(text: &str) -> String {
    escape(text, Html).map_or_else(|_| String::new(), |safe| safe.to_string())
}

/// A style rule of declarations that win.
pub(super) fn style(selector: &str, declarations: &[(&str, &str)]) -> String {
    let lines = declarations
        .iter()
        .map(|(name, value)| format!("  {name}: {value} !important;\n"));
    format!("{selector} {{\n{}}}", lines.collect::<String>())
}

/// What undoes a hiding property.
pub(super) fn undone(property: &str) -> (&str, &'static str) {
    let value = match property {
        "display" => "block",
        "visibility" | "overflow" | "content-visibility" => "visible",
        "opacity" | "scale" => "1",
        "transform" | "filter" | "clip-path" => "none",
        "text-indent" => "0",
        "font-size" => "13px",
        "color" => "#ffffff",
        _ => "auto",
    };
    (property, value)
}
