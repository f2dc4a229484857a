//! Who is logged in, and how often somebody tried to be. Both are kept in memory: a restart logs everybody out.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use argon2::password_hash::rand_core::{OsRng, RngCore};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

const LIFE: Duration = Duration::from_hours(10);
/// Attempts that fail within a minute: of one name, and of all.
const MOST_FAILURES: (usize, usize) = (5, 40);
const MINUTE: Duration = Duration::from_mins(1);

/// Somebody who is logged in.
#[derive(Debug, Clone)]
pub(super) struct Session {
    pub name: String,
    /// Has to come with everything that changes something.
    pub token: String,
    ends: Instant,
}

#[derive(Debug, Default)]
pub(super) struct Sessions {
    open: Mutex<HashMap<String, Session>>,
    failures: Mutex<VecDeque<(Instant, String)>>,
}

impl Sessions {
    fn open(&self) -> MutexGuard<'_, HashMap<String, Session>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a session; the value is its secret.
    pub fn begin(&self, name: &str) -> String {
        let now = Instant::now();
        let session = Session {
            name: name.to_owned(),
            token: secret(),
            ends: now + LIFE,
        };
        let key = secret();
        let mut open = self.open();
        open.retain(|_, session| session.ends > now);
        open.insert(key.clone(), session);
        key
    }

    pub fn get(&self, key: &str) -> Option<Session> {
        let found = self.open().get(key).cloned();
        found.filter(|session| session.ends > Instant::now())
    }

    pub fn end(&self, key: &str) {
        self.open().remove(key);
    }

    /// Counts an attempt as failed until [`Self::succeeded`] takes it back; nothing where there were too many.
    pub fn may_try(&self, name: &str) -> bool {
        let now = Instant::now();
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        failures.retain(|(at, _)| now.duration_since(*at) < MINUTE);
        let of_name = failures.iter().filter(|(_, known)| known == name).count();
        if of_name >= MOST_FAILURES.0 || failures.len() >= MOST_FAILURES.1 {
            return false;
        }
        failures.push_back((now, name.to_owned()));
        true
    }

    pub fn succeeded(&self, name: &str) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        failures.retain(|(_, known)| known != name);
    }
}

/// 256 bits that nobody can guess.
pub(super) fn secret() -> String {
    let mut bytes = [0; 32];
    OsRng.fill_bytes(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_session_ends_by_itself_and_by_its_owner() {
        let sessions = Sessions::default();
        let (mine, other) = (sessions.begin("Lan"), sessions.begin("Lan"));
        assert_eq!(sessions.get(&mine).unwrap().name, "Lan");
        assert_ne!(
            sessions.get(&mine).unwrap().token,
            sessions.get(&other).unwrap().token
        );
        sessions.open().get_mut(&mine).unwrap().ends = Instant::now();
        assert!(sessions.get(&mine).is_none(), "it is over");
        sessions.end(&other);
        assert!(sessions.get(&other).is_none(), "it was ended");
    }

    #[test]
    fn who_fails_too_often_waits_and_others_do_not() {
        let sessions = Sessions::default();
        let tries = (0..6).map(|_| sessions.may_try("Lan")).collect::<Vec<_>>();
        assert_eq!(tries, [true, true, true, true, true, false]);
        assert!(sessions.may_try("Hoa"));
    }
}
