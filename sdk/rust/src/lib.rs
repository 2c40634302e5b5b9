//! Plugins of Freshet in safe Rust: implement [`Plugin`] and [`Auth`], [`App`] or [`Store`], and name the type once:
//!
//! ```ignore
//! freshet::plugin!(MyAuth: auth);
//! ```
//!
//! What is passed in is borrowed for the call, what is answered is copied. A panic ends its call with
//! [`Status::Internal`] and a line in the log. What each function promises is said in `freshet/abi/*.h`.

pub mod abi;
pub mod app;
pub mod auth;
mod border;
mod host;
mod plugin;
mod reply;
mod request;
pub mod store;
pub mod testing;

pub use app::App;
pub use auth::Auth;
pub use host::{Faults, Given, Host, Level, Server};
pub use plugin::{describe, setting, About, Instance, Plugin, Service};
pub use reply::{Reply, Sink};
pub use request::{find_bearer, percent_decode, same_secret, Bearer, Request};
pub use store::Store;

/// What a caller should do next; see `freshet/abi/status.h`.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    NotFound = 1,
    Denied = 2,
    Unauthenticated = 3,
    Malformed = 4,
    TooLarge = 5,
    Limit = 6,
    Retry = 7,
    Conflict = 8,
    Corrupt = 9,
    Unsupported = 10,
    Internal = 11,
}

/// `Ok` or why not. On anything but `Ok` nothing has changed.
pub type Result<T = ()> = std::result::Result<T, Status>;

impl Status {
    /// Of a number that crossed the border; one that is not known is an internal failure.
    pub fn of(number: i32) -> Result {
        match number {
            0 => Ok(()),
            1 => Err(Status::NotFound),
            2 => Err(Status::Denied),
            3 => Err(Status::Unauthenticated),
            4 => Err(Status::Malformed),
            5 => Err(Status::TooLarge),
            6 => Err(Status::Limit),
            7 => Err(Status::Retry),
            8 => Err(Status::Conflict),
            9 => Err(Status::Corrupt),
            10 => Err(Status::Unsupported),
            _ => Err(Status::Internal),
        }
    }
}

pub(crate) fn number_of(result: Result) -> i32 {
    match result {
        Ok(()) => 0,
        Err(status) => status as i32,
    }
}
