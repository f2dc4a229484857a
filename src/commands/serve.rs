//! `emc-audit serve`: the page on which people confirm or overrule findings.

use std::sync::Arc;

use super::auditing::note;
use super::key::signer;
use super::{CommandError, failed, failed_to, usage};
use crate::cli::{Cli, EXIT_PASS, ServeArguments};
use crate::language::Sentence;
use crate::review::{Accounts, ServeOptions, Server};
use crate::settings::Settings;

/// Serves until it is interrupted; the value is the exit code.
pub(super) fn serve(cli: &Cli, arguments: &ServeArguments) -> Result<u8, CommandError> {
    let path = arguments.users.clone();
    let settings = Settings::load(cli.settings.as_deref()).map_err(usage)?;
    let options = ServeOptions {
        out: fs_err::canonicalize(&arguments.out).map_err(usage)?,
        listen: arguments.listen,
        behind_tls: arguments.behind_tls,
        accounts: Accounts::at(path.unwrap_or_else(|| Accounts::path_in(&arguments.out))),
        settings: cli.settings.clone(),
        signer: signer(&settings.evidence)?.map(Arc::new),
        language: cli.lang,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(failed)?;
    runtime.block_on(async {
        let server = Server::bind(options).await.map_err(failed_to("serve"))?;
        note(
            &Sentence::new("notice", "serving").with("address", server.address()),
            cli.lang,
        );
        server.run().await.map_err(failed_to("serve"))
    })?;
    Ok(EXIT_PASS)
}
