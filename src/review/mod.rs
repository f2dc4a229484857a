//! Where people confirm or overrule what the program said: the decisions in the files of a run, and the
//! pages and the programming interface on which they are made.

mod accounts;
mod api;
mod carried;
mod events;
mod files;
mod guard;
mod job;
mod lists;
mod live;
mod queue;
mod rechecked;
mod server;
mod sessions;

pub use accounts::{Accounts, AccountsError, Role};
pub use carried::{CarryError, carry_into, keep_decisions, remake, rewrite};
pub use server::{ServeError, ServeOptions, Server};
