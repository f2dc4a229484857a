//! Pages that misbehave: telling a slow page from one that hangs, waking what can be woken, and ending
//! what keeps opening dialogs or navigating.

use std::time::Duration;

use super::recorder::{Record, Recorder};
use super::visitor::{OpenVisit, Stop};
use crate::browser::BrowserError;
use crate::observation::Ending;

/// More of these than any honest page needs; the first navigation is the visit's own.
const RUNAWAY_DIALOGS: u32 = 10;
const RUNAWAY_NAVIGATIONS: u32 = 11;
/// How long a page may compute without a pause before its script is stopped. Layout of a huge page
/// takes seconds on a busy machine, and ends by itself.
const PATIENCE: Duration = Duration::from_secs(12);
/// The same for a page whose script had to be stopped before: it hangs again rather than computes, and the
/// time is needed for what is still to be seen of it.
const PATIENCE_AGAIN: Duration = Duration::from_secs(3);
/// Between two steps of the ladder.
const STEP: Duration = Duration::from_secs(1);

/// How a page came to answer again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Woken {
    /// It was only slow.
    ByItself,
    /// Its script had to be stopped.
    ByForce,
}

impl OpenVisit<'_> {
    /// Makes a page that did not answer answer again: waits for it, then stops its script, then what it
    /// is loading. A page that stays silent ends the attempt.
    pub(super) async fn revive(&mut self, during: &str) -> Result<Woken, Stop> {
        let patience = if self.facts.script_stopped {
            PATIENCE_AGAIN
        } else {
            PATIENCE
        };
        let limit = patience.min(self.time_left());
        if self.page.answers(limit).await {
            return Ok(Woken::ByItself);
        }
        self.facts.script_stopped = true;
        self.facts
            .note_cut(format!("{during}: a script kept the page busy and was stopped"));
        for step in 0..4 {
            if step == 2
                && let Err(error) = self.page.stop_loading().await
                && error.is_browser_lost()
            {
                return Err(error.into());
            }
            if let Err(error) = self.page.terminate_script(STEP).await {
                if error.is_browser_lost() {
                    return Err(error.into());
                }
                tracing::debug!(%error, "a script could not be stopped");
            }
            if self.page.answers(STEP).await {
                return Ok(Woken::ByForce);
            }
        }
        Err(Stop::Ended(Ending::Wedged {
            what: format!("the page no longer answers ({during})"),
        }))
    }
}

/// Completes when the page can no longer be visited: its process crashed, or it keeps opening dialogs or
/// navigating by itself.
pub(super) async fn runaway(recorder: &Recorder) -> Stop {
    loop {
        if let Err(stop) = check(&recorder.read()) {
            return stop;
        }
        // The pause bounds what a note between the check and the wait can cost.
        tokio::select! {
            () = recorder.change() => {}
            () = tokio::time::sleep(Duration::from_millis(250)) => {}
        }
    }
}

fn check(record: &Record) -> Result<(), Stop> {
    let ended = |what: &str, count| {
        Stop::Ended(Ending::Runaway {
            what: what.to_owned(),
            count,
        })
    };
    if record.crashed {
        return Err(BrowserError::Crashed.into());
    }
    if record.dialog_count > RUNAWAY_DIALOGS {
        return Err(ended("dialogs", record.dialog_count));
    }
    if record.main_navigations > RUNAWAY_NAVIGATIONS {
        return Err(ended("navigations", record.main_navigations - 1));
    }
    Ok(())
}
