//! The border: nothing that panics gets past here.

use crate::{abi, number_of, Host, Level, Result, Status};
use std::panic::{catch_unwind, AssertUnwindSafe};

/// What `f` answers. A panic is an internal failure, and a line in the log.
pub(crate) fn guard(host: &Host, f: impl FnOnce() -> Result) -> i32 {
    match catch_unwind(AssertUnwindSafe(f)) {
        Ok(result) => number_of(result),
        Err(panic) => {
            let words = panic
                .downcast_ref::<&str>()
                .map(|text| text.to_string())
                .or_else(|| panic.downcast_ref::<String>().cloned())
                .unwrap_or_else(|| "it does not say why".into());
            host.log(Level::Error, &format!("a plugin call panicked: {words}"));
            Status::Internal as i32
        }
    }
}

/// The same for a call with a reply, which is done with what `f` answers.
pub(crate) fn answer(host: &Host, reply: abi::Reply, f: impl FnOnce(crate::Reply) -> Result) {
    let status = guard(host, || f(crate::Reply::of(reply)));
    let to = unsafe { &*reply.to };
    (to.done)(to.ctx, reply.token, status);
}
