//! What belongs to the page itself: its top document and frames of the same host. Code and requests of
//! frames of other hosts are not this site's.

use url::Url;

use crate::observation::{CodeFacts, CodeSnippet, FrameFacts, Observation, RequestRecord, SnippetPlace};

/// The page of one visit, seen as one's own and foreign parts.
#[derive(Debug)]
pub(crate) struct OwnPage<'a> {
    observation: &'a Observation,
    host: Option<String>,
}

impl<'a> OwnPage<'a> {
    pub fn new(observation: &'a Observation) -> Self {
        let address = observation
            .final_url
            .as_deref()
            .or(observation.document.url.as_deref());
        Self {
            observation,
            host: address.and_then(bare_host),
        }
    }

    /// Frames of the page, of this host or another; the top document first.
    pub fn frames(&self) -> impl Iterator<Item = &'a FrameFacts> {
        self.observation.page.iter().flat_map(|page| &page.frames)
    }

    /// Whether the frame with this id is the top document or of the same host.
    pub fn owns_frame(&self, id: &str) -> bool {
        self.frames()
            .find(|frame| frame.id == id)
            .is_none_or(|frame| frame.top || frame.same_host)
    }

    /// Whether the page itself asked, or a worker that no frame of another host is known to have started.
    pub fn owns_request(&self, request: &RequestRecord) -> bool {
        if request.top_frame {
            return true;
        }
        match request.frame_url.as_deref().and_then(bare_host) {
            Some(host) => self.host.as_ref() == Some(&host),
            // `about:blank`, `about:srcdoc` and `blob:` documents have the host of the page that made them.
            None => request
                .frame
                .as_deref()
                .is_none_or(|frame| self.owns_frame(frame)),
        }
    }

    /// Code in the own documents as they stood after settling.
    pub fn live_code(&self) -> impl Iterator<Item = &'a CodeFacts> {
        self.frames()
            .filter(|frame| frame.top || frame.same_host)
            .map(|frame| &frame.code)
    }

    /// Snippets of the own documents, then those of the HTML as served.
    pub fn snippets(&self) -> impl Iterator<Item = &'a CodeSnippet> {
        self.live_code()
            .chain(std::iter::once(&self.observation.document.served_code))
            .flat_map(|code| &code.snippets)
    }

    /// Snippets that the browser ran or would run.
    pub fn running_snippets(&self) -> impl Iterator<Item = &'a CodeSnippet> {
        self.live_code()
            .flat_map(|code| &code.snippets)
            .filter(|snippet| snippet.place == SnippetPlace::Live)
    }

    /// A script has turned the queue of an own document into its own object.
    pub fn queue_consumed(&self) -> bool {
        self.live_code()
            .filter_map(|code| code.queue.as_ref())
            .any(|queue| !queue.is_array)
    }

    /// The page's host has a queue that still is a plain list.
    pub fn queue_waiting(&self) -> bool {
        !self.queue_consumed() && self.live_code().any(|code| code.queue.is_some())
    }
}

/// The host of an http(s) address in lower case, without `www.`.
pub(crate) fn bare_host(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    if !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    let host = url.host_str()?.trim_end_matches('.').to_ascii_lowercase();
    Some(match host.strip_prefix("www.") {
        Some(rest) if rest.contains('.') => rest.to_owned(),
        _ => host,
    })
}
