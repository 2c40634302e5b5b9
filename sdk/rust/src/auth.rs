//! From a request to an identity: `freshet/abi/auth.h`.

use crate::plugin::{instance, Instance, Service};
use crate::{abi, border, Plugin, Reply, Request, Result, Status};
use std::any::Any;
use std::os::raw::c_void;

pub const ID: &str = "freshet.auth/0";

/// Kinds of the items of an answer.
pub const USER: u32 = 1;
pub const PERMISSION: u32 = 2;
pub const EXPIRES: u32 = 3;
pub const SUBPROTOCOL: u32 = 4;
pub const TOKEN: u32 = 5;
/// What PERMISSION says.
pub const READ_ONLY: u64 = 0;
pub const READ_WRITE: u64 = 1;

/// Who asks to be let into which room.
pub struct Asked<'a> {
    /// What the protocol read in a message.
    pub token: Option<&'a str>,
    pub request: Option<Request<'a>>,
    pub room: &'a str,
    /// Now; an auth plugin reads no clock.
    pub unix_ms: u64,
}

/// Called on many workers at once, and may block.
pub trait Auth: Plugin {
    fn identify(&self, asked: &Asked, out: Reply) -> Result;
    fn mint(&self, _claims_json: &str, _out: Reply) -> Result {
        Err(Status::Unsupported)
    }
}

extern "C" fn identify<P: Auth>(this: *const c_void, asked: *const abi::AuthRequest, reply: abi::Reply) {
    let own = unsafe { instance::<P>(this) };
    border::answer(&own.host, reply, |out| {
        let asked = unsafe { &*asked };
        let asked = Asked {
            token: (!asked.token.data.is_null()).then(|| unsafe { asked.token.text() }),
            request: unsafe { asked.request.as_ref() }.map(Request::of),
            room: unsafe { asked.room.text() },
            unix_ms: asked.unix_ms,
        };
        own.plugin.identify(&asked, out)
    });
}

extern "C" fn mint<P: Auth>(this: *const c_void, claims: abi::Str, reply: abi::Reply) {
    let own = unsafe { instance::<P>(this) };
    border::answer(&own.host, reply, |out| own.plugin.mint(unsafe { claims.text() }, out));
}

#[doc(hidden)]
pub fn service<P: Auth>() -> Service<P> {
    Service {
        id: ID,
        table: |this: *const Instance<P>| -> Box<dyn Any> {
            Box::new(abi::Auth {
                size: std::mem::size_of::<abi::Auth>() as u32,
                this: this as *const c_void,
                identify: identify::<P>,
                mint: mint::<P>,
                mint_as: None,
            })
        },
        address: |table| table.downcast_ref::<abi::Auth>().unwrap() as *const abi::Auth as *const c_void,
    }
}
