//! Which Chromium programs are installed, and where.

use std::path::{Path, PathBuf};

use crate::observation::Engine;

/// A Chromium program that can be started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstalledEngine {
    pub engine: Engine,
    pub program: PathBuf,
}

#[derive(Debug, Clone, thiserror::Error)]
pub enum EngineError {
    #[error("no program for engine {engine}; looked for {looked_for}. hint: {hint}")]
    NotInstalled {
        engine: &'static str,
        looked_for: String,
        hint: String,
    },
    #[error("{setting} names {path:?}, which is not a program that can be run")]
    NotAProgram { setting: &'static str, path: PathBuf },
}

/// Names under which distributions install the engines. Full paths of the programs behind Debian's
/// wrapper scripts come first: one process less, and the pipe's descriptors reach the browser itself.
const SHELL_PROGRAMS: &[&str] = &[
    "/usr/lib/chromium/chromium-headless-shell",
    "chromium-headless-shell",
    "chrome-headless-shell",
    "headless_shell",
];
const CHROME_PROGRAMS: &[&str] = &[
    "/usr/lib/chromium/chromium",
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
];

/// The program for `engine`: the one named in the settings, or the first one found.
pub fn find_engine(engine: Engine, named: Option<&Path>) -> Result<InstalledEngine, EngineError> {
    let (name, setting, programs, package) = match engine {
        Engine::Shell => (
            "shell",
            "browser.shell",
            SHELL_PROGRAMS,
            "chromium-headless-shell",
        ),
        Engine::Chrome => ("chrome", "browser.chrome", CHROME_PROGRAMS, "chromium"),
    };
    if let Some(path) = named {
        return if is_program(path) {
            Ok(InstalledEngine {
                engine,
                program: path.to_path_buf(),
            })
        } else {
            Err(EngineError::NotAProgram {
                setting,
                path: path.to_path_buf(),
            })
        };
    }
    let found = programs.iter().find_map(|program| locate(program));
    found
        .map(|program| InstalledEngine { engine, program })
        .ok_or_else(|| EngineError::NotInstalled {
            engine: name,
            looked_for: programs.join(", "),
            hint: format!(
                "install the package {package}, or name the program as `{setting}` in the settings"
            ),
        })
}

fn locate(program: &str) -> Option<PathBuf> {
    if program.starts_with('/') {
        let path = PathBuf::from(program);
        return is_program(&path).then_some(path);
    }
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders)
        .map(|folder| folder.join(program))
        .find(|path| is_program(path))
}

fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

/// The version that a program says (`156.0.8078.79`).
pub fn installed_version(program: &Path) -> Option<String> {
    let output = std::process::Command::new(program)
        .arg("--version")
        .output()
        .ok()?;
    let words = String::from_utf8_lossy(&output.stdout).into_owned();
    let is_version =
        |word: &&str| word.split('.').count() == 4 && word.chars().all(|c| c.is_ascii_digit() || c == '.');
    words.split_whitespace().find(is_version).map(str::to_owned)
}
