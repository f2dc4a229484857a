//! The store itself: opened by several programs at once, never touched where it is not understood.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions};
use sqlx::{ConnectOptions, Connection};
use tokio::runtime::Runtime;

use crate::report::ResultsError;

/// In the folder of results.
const FILE: &str = "history.sqlite";
/// Held while a store is looked at and brought up to date: two programs may begin at once.
const LOCK: &str = ".history.lock";
/// `EMCA`, in the header of the file: tells a store from other people's databases.
const APPLICATION: i64 = 0x454D_4341;
/// How long one program waits while another writes.
const PATIENCE: Duration = Duration::from_secs(30);

static MIGRATIONS: Migrator = sqlx::migrate!("src/history/migrations");

/// Why the history could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// It is no database, or another program's; it was left as it is.
    #[error("{path}: no history of this program ({reason})")]
    Stranger { path: PathBuf, reason: String },
    /// A newer program wrote it; it was left as it is.
    #[error("{path}: written by a newer version of this program (layout {found}, known is {known})")]
    Newer { path: PathBuf, found: i64, known: i64 },
    #[error("{path}: {source}")]
    Migrate { path: PathBuf, source: MigrateError },
    #[error("the history could not be read or written: {0}")]
    Query(#[from] sqlx::Error),
    #[error(transparent)]
    Results(#[from] ResultsError),
}

/// The open store. Its calls block: it is used before and after visits, not during them.
#[derive(Debug)]
pub struct History {
    pub(super) pool: SqlitePool,
    runtime: Runtime,
}

impl History {
    /// Opens the history in the folder `out`, which must exist; makes it where there is none.
    ///
    /// # Errors
    /// A file that is not understood is refused and left as it is.
    pub fn open(out: &Path) -> Result<Self, HistoryError> {
        let path = out.join(FILE);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let lock = fs_err::File::create(out.join(LOCK))?.into_file();
        lock.lock()?;
        let pool = runtime.block_on(async {
            if path.exists() {
                examine(&path).await?;
            }
            open(&path).await
        })?;
        Ok(Self { pool, runtime })
    }

    /// The history in the folder `out`, if there is one.
    pub fn open_existing(out: &Path) -> Result<Option<Self>, HistoryError> {
        out.join(FILE).is_file().then(|| Self::open(out)).transpose()
    }

    pub(super) fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }
}

impl Drop for History {
    fn drop(&mut self) {
        // The last one to leave writes the log back into the file.
        self.runtime.block_on(self.pool.close());
    }
}

/// Refuses what this program did not write, or could not understand, without changing anything.
async fn examine(path: &Path) -> Result<(), HistoryError> {
    let stranger = |reason: String| HistoryError::Stranger {
        path: path.to_owned(),
        reason,
    };
    let options = SqliteConnectOptions::new().filename(path).read_only(true);
    let mut file = options
        .disable_statement_logging()
        .connect()
        .await
        .map_err(|error| stranger(error.to_string()))?;
    let application: i64 = sqlx::query_scalar("PRAGMA application_id")
        .fetch_one(&mut file)
        .await
        .map_err(|error| stranger(error.to_string()))?;
    if application != APPLICATION {
        return Err(stranger("another program's database".to_owned()));
    }
    let found: Option<i64> = sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations")
        .fetch_one(&mut file)
        .await
        .map_err(|error| stranger(error.to_string()))?;
    file.close().await?;
    let known = MIGRATIONS
        .iter()
        .map(|step| step.version)
        .max()
        .unwrap_or_default();
    match found {
        Some(found) if found > known => Err(HistoryError::Newer {
            path: path.to_owned(),
            found,
            known,
        }),
        _ => Ok(()),
    }
}

async fn open(path: &Path) -> Result<SqlitePool, HistoryError> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .pragma("application_id", APPLICATION.to_string())
        .journal_mode(SqliteJournalMode::Wal)
        .foreign_keys(true)
        .busy_timeout(PATIENCE)
        .disable_statement_logging();
    let pool = SqlitePoolOptions::new()
        .max_connections(1)
        .connect_with(options)
        .await?;
    let migrated = MIGRATIONS.run(&pool).await;
    migrated.map_err(|source| HistoryError::Migrate {
        path: path.to_owned(),
        source,
    })?;
    Ok(pool)
}
