//! Everything that can go wrong between the robot and a browser.

use std::time::Duration;

/// Why a call to the browser brought no result.
#[derive(Debug, Clone, thiserror::Error)]
pub enum BrowserError {
    /// The browser process or its pipe is gone: every visit in it has to begin again elsewhere.
    #[error("the browser is gone ({0})")]
    Gone(String),
    /// The page's process crashed.
    #[error("the page crashed")]
    Crashed,
    /// The browser did not answer a command in time.
    #[error("{method} was not answered within {limit:?}")]
    NoAnswer { method: String, limit: Duration },
    /// The browser refused a command.
    #[error("{method} was refused: {message}")]
    Refused { method: String, message: String },
    /// The answer could not be understood.
    #[error("the answer to {method} could not be read: {reason}")]
    Unreadable { method: String, reason: String },
    /// The page's script threw.
    #[error("the script in the page failed: {0}")]
    Script(String),
    /// The browser could not be started.
    #[error("failed to start {program}: {reason}")]
    Start { program: String, reason: String },
}

impl BrowserError {
    /// The browser as a whole is lost, not only this page.
    pub fn is_browser_lost(&self) -> bool {
        matches!(self, Self::Gone(_) | Self::Start { .. })
    }
}
