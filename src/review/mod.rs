//! Where people confirm or overrule what the program said: the decisions in the files of a run, and the
//! pages and the programming interface on which they are made.

mod carried;

pub use carried::{CarryError, carry_into, rewrite};
