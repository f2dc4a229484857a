//! Lists as departments write them, read through the library's front door.
#![allow(clippy::unwrap_used)]

mod files;
mod given_back;
mod rows;
mod support;
