//! Sees to it that messages are made and arrive: at once where that works, else later, else not at all and
//! counted.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::channels::{ChannelKind, Channels};
use super::message::{Message, MessageFacts};
use super::outbox::{Entry, Found, Outbox, write};
use crate::bundle::RunRecord;
use crate::history::{Difference, History, HistoryError, RECENT, difference};
use crate::language::Language;

/// The outbox is looked at so often although nothing is due.
const LOOK: Duration = Duration::from_mins(10);

/// What became of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeliveryResult {
    Sent,
    /// It is tried again.
    Failed,
    /// It is not: too old, tried too often, no room, or no such way any more.
    Dropped,
}

impl DeliveryResult {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Dropped => "dropped",
        }
    }
}

type Counter = Arc<dyn Fn(ChannelKind, DeliveryResult) + Send + Sync>;

/// The messages of a scheduler.
pub struct Notifier {
    out: PathBuf,
    channels: Channels,
    outbox: Outbox,
    language: Language,
    count: Counter,
    put: Notify,
}

impl std::fmt::Debug for Notifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Notifier")
            .field("channels", &self.channels)
            .finish_non_exhaustive()
    }
}

impl Notifier {
    pub fn new(out: &Path, channels: Channels, language: Language, count: Counter) -> io::Result<Self> {
        Ok(Self {
            out: out.to_path_buf(),
            channels,
            outbox: Outbox::open(out)?,
            language,
            count,
            put: Notify::new(),
        })
    }

    /// Tells of a finished run; `previous` is the run of the list before it.
    pub async fn run_ended(self: Arc<Self>, list: &str, record: &RunRecord, previous: Option<String>) {
        if self.channels.kinds().is_empty() {
            return;
        }
        let (notifier, run) = (Arc::clone(&self), record.run.clone());
        let compared = tokio::task::spawn_blocking(move || {
            let previous = previous?;
            match compare(&notifier.out, &previous, &run) {
                Ok(found) => Some((previous, found?)),
                Err(cause) => {
                    tracing::warn!(%cause, run, "a message cannot say what changed");
                    None
                }
            }
        });
        let compared = compared.await.ok().flatten();
        let compared = compared.as_ref().map(|(run, found)| (run.as_str(), found));
        self.post(&Message::of_run(self.facts(list), record, compared));
    }

    /// Tells of a run that could not be made.
    pub fn run_failed(&self, list: &str, end: &str, run: Option<&str>) {
        self.post(&Message::of_failure(self.facts(list), end, run));
    }

    fn facts<'a>(&'a self, list: &'a str) -> MessageFacts<'a> {
        MessageFacts {
            list,
            at: Timestamp::now(),
            base_url: self.channels.base_url.as_ref(),
            language: self.language,
        }
    }

    fn post(&self, message: &Message) {
        for channel in self.channels.wanted(message) {
            let kept = self.outbox.put(channel, message.clone(), Timestamp::now());
            if !matches!(kept, Ok(true)) {
                tracing::error!(
                    channel = channel.as_str(),
                    id = message.id,
                    ?kept,
                    "a message is dropped: it cannot be kept"
                );
                (self.count)(channel, DeliveryResult::Dropped);
            }
        }
        self.put.notify_one();
    }

    /// Delivers until everything is to end.
    pub async fn keep_delivering(&self, stop: CancellationToken) {
        loop {
            let next = tokio::select! {
                next = self.deliver() => next,
                // An attempt that was broken off is made again at the next start.
                () = stop.cancelled() => return,
            };
            let until = next.map_or(LOOK, |next| left(next).min(LOOK));
            tokio::select! {
                () = self.put.notified() => {}
                () = tokio::time::sleep(until) => {}
                () = stop.cancelled() => return,
            }
        }
    }

    /// Delivers what waits, for so long at most; what is left is for the next start.
    pub async fn deliver_within(&self, limit: Duration) {
        let delivering = async {
            while let Some(next) = self.deliver().await {
                tokio::time::sleep(left(next)).await;
            }
        };
        if tokio::time::timeout(limit, delivering).await.is_err() {
            tracing::warn!("messages wait in the outbox for the next start");
        }
    }

    /// Tries everything that is due; when something is next.
    async fn deliver(&self) -> Option<Timestamp> {
        let found = match self.outbox.found() {
            Ok(found) => found,
            Err(cause) => {
                tracing::error!(%cause, "the outbox cannot be read");
                return None;
            }
        };
        let mut next = None;
        for found in found {
            let due = match found {
                Found::Unreadable(path) => {
                    tracing::error!(path = %path.display(), "a message in the outbox cannot be read, and is dropped");
                    remove(&path);
                    continue;
                }
                Found::Entry(_, entry) if entry.next > Timestamp::now() => Some(entry.next),
                Found::Entry(path, entry) => self.attempt(&path, *entry).await,
            };
            next = match (next, due) {
                (Some(one), Some(other)) => Some(std::cmp::min(one, other)),
                (one, other) => one.or(other),
            };
        }
        next
    }

    /// One attempt; when the next one is, if there is one.
    async fn attempt(&self, path: &Path, mut entry: Entry) -> Option<Timestamp> {
        let (channel, id) = (entry.channel.as_str(), entry.message.id.clone());
        let cause = match self.channels.send(entry.channel, &entry.message).await {
            Some(Ok(())) => {
                tracing::info!(channel, id, "a message arrived");
                (self.count)(entry.channel, DeliveryResult::Sent);
                remove(path);
                return None;
            }
            Some(Err(cause)) => cause.to_string(),
            None => "no longer in the settings".to_owned(),
        };
        let is_set = self.channels.kinds().contains(&entry.channel);
        if entry.put_off(Timestamp::now()) && is_set {
            tracing::warn!(channel, id, cause, next = %entry.next, "a message did not arrive, and is sent again");
            (self.count)(entry.channel, DeliveryResult::Failed);
            if let Err(cause) = write(path, &entry) {
                tracing::error!(%cause, "the outbox cannot be written");
            }
            return Some(entry.next);
        }
        tracing::error!(
            channel,
            id,
            cause,
            attempts = entry.attempts,
            "a message is dropped"
        );
        (self.count)(entry.channel, DeliveryResult::Dropped);
        remove(path);
        None
    }
}

fn left(until: Timestamp) -> Duration {
    Duration::try_from(until.duration_since(Timestamp::now())).unwrap_or_default()
}

fn remove(path: &Path) {
    if let Err(cause) = fs_err::remove_file(path) {
        tracing::error!(%cause, "a message stays in the outbox, and will be sent twice");
    }
}

/// What changed; nothing where the history does not know the earlier run.
fn compare(out: &Path, earlier: &str, later: &str) -> Result<Option<Difference>, HistoryError> {
    let history = History::open(out)?;
    history.take_in(out)?;
    if history.run(earlier)?.is_none() || history.run(later)?.is_none() {
        return Ok(None);
    }
    let restless = history.restless(RECENT)?.into_iter().collect();
    let found = difference(&history.sites(earlier)?, &history.sites(later)?, &restless);
    Ok(Some(found))
}
