//! One Chromium process tree: its start, its profile folder and its end.
//!
//! The protocol runs over a pipe: no port is open for other users of the machine, and Chromium ends by
//! itself when the robot's end of the pipe closes, whatever ended the robot.

use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use command_fds::{CommandFdExt, FdMapping};
use rustix::process::{Pid, Resource, Rlimit, Signal, kill_process_group, prlimit};
use tempfile::TempDir;
use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe;
use tokio::process::{Child, Command};

use super::error::BrowserError;
use super::flags::LaunchOptions;

/// Profile folders begin with this and the robot's process id, so that a later start can tell which
/// ones were left by a robot that was killed.
pub(super) const PROFILE_PREFIX: &str = "emc-audit-profile-";

/// Chromium makes `org.chromium.Chromium.XXXXXX/SingletonSocket` in its temporary folder, and the path of a
/// socket has at most 107 bytes; where it is longer the full browser does not start.
const SOCKET_FOLDER_LENGTH: usize = 107 - 44;

/// Memory that one process may write to, as a multiple of the script's heap.
const MEMORY_PER_SCRIPT_MEMORY: u64 = 4;

/// A started process tree. Dropping it kills the whole group and removes the profile folder.
#[derive(Debug)]
pub(super) struct BrowserProcess {
    child: Child,
    group: Pid,
    profile: Option<TempDir>,
}

/// The robot's ends of the two pipes.
#[derive(Debug)]
pub(super) struct Pipes {
    pub commands: pipe::Sender,
    pub messages: pipe::Receiver,
}

impl BrowserProcess {
    pub(super) fn start(options: &LaunchOptions) -> Result<(Self, Pipes), BrowserError> {
        let fail = |reason: String| BrowserError::Start {
            program: options.program.display().to_string(),
            reason,
        };
        let profile = tempfile::Builder::new()
            .prefix(&format!("{PROFILE_PREFIX}{}-", std::process::id()))
            .tempdir()
            .map_err(|error| fail(format!("no profile folder: {error}")))?;
        let (commands, child_reads) = command_pipe().map_err(|error| fail(error.to_string()))?;
        let (messages, child_writes) = message_pipe().map_err(|error| fail(error.to_string()))?;

        // No --disk-cache-dir: contexts of the shell would share that folder, and each page would wait
        // for its turn at the cache.
        let mut command = Command::new(&options.program);
        command
            .args(options.flags())
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .env("TZ", &options.time_zone)
            .env("LANGUAGE", &options.locale)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true);
        if profile.path().as_os_str().len() <= SOCKET_FOLDER_LENGTH {
            // A browser that is killed leaves sockets and half-loaded files where temporary files go.
            command.env("TMPDIR", profile.path());
        }
        if let Some(trust) = &options.trust {
            trust
                .copy_into(profile.path())
                .map_err(|error| fail(format!("no certificates: {error}")))?;
            command.env("HOME", profile.path()).env_remove("XDG_DATA_HOME");
        }
        command
            .fd_mappings(vec![
                FdMapping {
                    parent_fd: child_reads,
                    child_fd: 3,
                },
                FdMapping {
                    parent_fd: child_writes,
                    child_fd: 4,
                },
            ])
            .map_err(|error| fail(error.to_string()))?;
        let mut child = command.spawn().map_err(|error| fail(error.to_string()))?;
        let group = child
            .id()
            .and_then(|id| Pid::from_raw(i32::try_from(id).ok()?))
            .ok_or_else(|| fail("it ended at once".to_owned()))?;
        limit_memory(group, options.script_memory_mib);
        if let Some(stderr) = child.stderr.take() {
            tokio::spawn(drain_words(stderr));
        }
        Ok((
            Self {
                child,
                group,
                profile: Some(profile),
            },
            Pipes { commands, messages },
        ))
    }

    pub(super) fn id(&self) -> u32 {
        self.group.as_raw_nonzero().get().unsigned_abs()
    }

    /// Waits up to `grace` for an orderly end, then kills the group; removes the profile either way.
    pub(super) async fn end(mut self, grace: Duration) {
        if tokio::time::timeout(grace, self.child.wait()).await.is_err() {
            tracing::debug!(
                process = self.id(),
                "the browser did not end in time and is killed"
            );
        }
        self.kill_group();
        if let Err(error) = self.child.wait().await {
            tracing::warn!(%error, "failed to wait for the browser's end");
        }
        self.remove_profile();
    }

    fn kill_group(&self) {
        // The group may be gone already: that is what is wanted.
        if let Err(error) = kill_process_group(self.group, Signal::KILL)
            && error != rustix::io::Errno::SRCH
        {
            tracing::warn!(%error, "failed to kill the browser's process group");
        }
    }

    /// Children that were just killed may still be writing; a second try after they are gone suffices.
    fn remove_profile(&mut self) {
        let Some(profile) = self.profile.take() else {
            return;
        };
        let path = profile.keep();
        for _ in 0..20 {
            match std::fs::remove_dir_all(&path) {
                Ok(()) => return,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => return,
                Err(_) => std::thread::sleep(Duration::from_millis(10)),
            }
        }
        tracing::warn!(path = %path.display(), "a profile folder could not be removed");
    }
}

impl Drop for BrowserProcess {
    fn drop(&mut self) {
        if self.profile.is_some() {
            self.kill_group();
            self.remove_profile();
        }
    }
}

/// Bounds what any process of the tree may write to: the script's own heap is bounded by a flag, but
/// buffers, pictures and elements lie outside of it. A page that wants more crashes, and alone.
fn limit_memory(group: Pid, script_memory_mib: u32) {
    let bytes = u64::from(script_memory_mib.max(256)) * MEMORY_PER_SCRIPT_MEMORY * (1 << 20);
    let limit = Rlimit {
        current: Some(bytes),
        maximum: Some(bytes),
    };
    if let Err(error) = prlimit(Some(group), Resource::Data, limit) {
        tracing::warn!(%error, "the browser's memory could not be limited");
    }
}

fn command_pipe() -> std::io::Result<(pipe::Sender, OwnedFd)> {
    let (sender, receiver) = pipe::pipe()?;
    Ok((sender, receiver.into_blocking_fd()?))
}

fn message_pipe() -> std::io::Result<(pipe::Receiver, OwnedFd)> {
    let (sender, receiver) = pipe::pipe()?;
    Ok((receiver, sender.into_blocking_fd()?))
}

/// Reads what Chromium says on stderr, so that its pipe never fills; words go to the debug log.
async fn drain_words(mut stderr: tokio::process::ChildStderr) {
    let mut buffer = vec![0_u8; 4096];
    while let Ok(read) = stderr.read(&mut buffer).await {
        if read == 0 {
            break;
        }
        tracing::trace!(target: "chromium", "{}", String::from_utf8_lossy(&buffer[..read]).trim_end());
    }
}

/// Profile folders of robots that no longer run, below the temporary folder.
pub(super) fn stale_profiles() -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(std::env::temp_dir()) else {
        return Vec::new();
    };
    entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| owner_is_gone(path))
        .collect()
}

fn owner_is_gone(path: &Path) -> bool {
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
        return false;
    };
    let Some(rest) = name.strip_prefix(PROFILE_PREFIX) else {
        return false;
    };
    let Some(id) = rest.split('-').next().and_then(|id| id.parse::<u32>().ok()) else {
        return false;
    };
    !Path::new("/proc").join(id.to_string()).exists()
}
