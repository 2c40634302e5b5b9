//! An application: what it is told of rooms, and what it answers for them: `freshet/abi/app.h`.

use crate::plugin::{instance, Instance, Service};
use crate::{abi, border, Plugin, Reply, Result, Sink, Status};
use std::any::Any;
use std::os::raw::c_void;

pub const ID: &str = "freshet.app/0";

/// What an app may be told; `1 << KIND` each in `Wants`.
pub const USER_CONNECTED: u32 = 1;
pub const USER_DISCONNECTED: u32 = 2;
pub const STORAGE_UPDATED: u32 = 3;
pub const ROOM_MESSAGE: u32 = 4;
pub const ROOM_DELETED: u32 = 5;

/// Kinds of the items of an answer.
pub const STATE: u32 = 1;
pub const EVENT: u32 = 2;
pub const BROADCAST: u32 = 3;
pub const SELF: u32 = 4;
pub const EDIT: u32 = 5;
pub const SHOW: u32 = 6;
pub const EVICT: u32 = 7;
pub const ERROR: u32 = 8;
pub const REASON: u32 = 9;

/// What an app may be asked before it happens; in `Wants::vetoes`.
pub const VETO_JOIN: u32 = 1;
pub const VETO_EDIT: u32 = 2;

#[derive(Default)]
pub struct Wants {
    pub notices: u32,
    /// Of those, the ones that come with the document.
    pub states: u32,
    pub initial_storage: bool,
    /// VETO_JOIN | VETO_EDIT: it is asked before these.
    pub vetoes: u32,
}

/// What somebody is about to do.
pub struct Intent<'a> {
    pub room: &'a str,
    pub session: u64,
    /// JSON as auth gave it; none: anonymous.
    pub user: Option<&'a str>,
    pub unix_ms: u64,
    /// Of an edit.
    pub update: &'a [u8],
}

pub struct Notice<'a> {
    pub kind: u32,
    pub room: &'a str,
    pub session: u64,
    /// JSON as auth gave it; none: anonymous.
    pub user: Option<&'a str>,
    pub unix_ms: u64,
    /// The document, if it is wanted with this kind.
    pub state: &'a [u8],
}

pub struct Call<'a> {
    pub procedure: &'a str,
    pub room: &'a str,
    pub session: u64,
    pub user: Option<&'a str>,
    pub unix_ms: u64,
    /// JSON, as its schema wants it.
    pub input: &'a str,
    /// JSON, if the procedure wants it.
    pub sessions: &'a str,
}

/// What comes of a call.
pub struct Events {
    pub out: Reply,
}

impl Events {
    /// `json`: one value, to everybody in the room.
    pub fn broadcast(&self, event: &str, json: &str) -> Result {
        self.out.text(EVENT, event)?;
        self.out.text(BROADCAST, json)
    }
    /// To the caller.
    pub fn answer(&self, event: &str, json: &str) -> Result {
        self.out.text(EVENT, event)?;
        self.out.text(SELF, json)
    }
}

/// Called on several workers, for many rooms at once: what they share has a lock.
pub trait App: Plugin {
    fn wants(&self) -> Wants;
    fn notice(&self, _notice: &Notice) -> Result {
        Ok(())
    }
    /// Writes STATE, or nothing.
    fn initial_storage(&self, _room: &str, _out: Reply) -> Result {
        Err(Status::NotFound)
    }
    /// A JSON object each: {"name": ..., "input": JSON Schema, "outputs": {event: JSON Schema}}.
    fn procedures(&self) -> Vec<String> {
        Vec::new()
    }
    fn call(&self, _call: &Call, _events: &Events) -> Result {
        Err(Status::NotFound)
    }
    /// Before somebody comes in: Ok, or Denied with a text of kind REASON.
    fn before_join(&self, _who: &Intent, _out: Reply) -> Result {
        Ok(())
    }
    /// The same before an edit.
    fn before_edit(&self, _what: &Intent, _out: Reply) -> Result {
        Ok(())
    }
    /// Whether all that it was told is passed on. Never blocks.
    fn settled(&self) -> bool {
        true
    }
}

fn user_of<'a>(user: abi::Str) -> Option<&'a str> {
    (!user.data.is_null()).then(|| unsafe { user.text() })
}

extern "C" fn wants<P: App>(this: *const c_void, out: *mut abi::AppWants) {
    let own = unsafe { instance::<P>(this) };
    border::guard(&own.host, || {
        let wants = own.plugin.wants();
        // A host from before does not reach so far.
        let out = unsafe { &mut *out };
        out.notices = wants.notices;
        out.states = wants.states;
        out.initial_storage = wants.initial_storage as u8;
        if out.size as usize >= std::mem::size_of::<abi::AppWants>() {
            out.vetoes = wants.vetoes;
        }
        Ok(())
    });
}

extern "C" fn initial_storage<P: App>(this: *const c_void, room: abi::Str, reply: abi::Reply) {
    let own = unsafe { instance::<P>(this) };
    border::answer(&own.host, reply, |out| own.plugin.initial_storage(unsafe { room.text() }, out));
}

extern "C" fn notice<P: App>(this: *const c_void, notice: *const abi::Notice, reply: abi::Reply) {
    let own = unsafe { instance::<P>(this) };
    border::answer(&own.host, reply, |_| {
        let c = unsafe { &*notice };
        let (room, state) = unsafe { (c.room.text(), c.state.get()) };
        let user = user_of(c.user);
        own.plugin.notice(&Notice { kind: c.kind, room, session: c.session, user, unix_ms: c.unix_ms, state })
    });
}

extern "C" fn procedures<P: App>(this: *const c_void, out: *const abi::Sink) -> i32 {
    let own = unsafe { instance::<P>(this) };
    border::guard(&own.host, || {
        own.plugin.procedures().iter().try_for_each(|procedure| Sink::of(out).write(procedure.as_bytes()))
    })
}

extern "C" fn call<P: App>(this: *const c_void, called: *const abi::Call, reply: abi::Reply) {
    let own = unsafe { instance::<P>(this) };
    border::answer(&own.host, reply, |out| {
        let c = unsafe { &*called };
        let call = unsafe {
            Call {
                procedure: c.procedure.text(),
                room: c.room.text(),
                session: c.session,
                user: user_of(c.user),
                unix_ms: c.unix_ms,
                input: c.input.text(),
                sessions: c.sessions.text(),
            }
        };
        own.plugin.call(&call, &Events { out })
    });
}

extern "C" fn settled<P: App>(this: *const c_void) -> i32 {
    let own = unsafe { instance::<P>(this) };
    let mut settled = true; // and one that panics is not waited for
    border::guard(&own.host, || {
        settled = own.plugin.settled();
        Ok(())
    });
    settled as i32
}

unsafe fn intent_of<'a>(c: *const abi::Intent) -> Intent<'a> {
    let c = &*c;
    let (room, update) = (c.room.text(), c.update.get());
    Intent { room, session: c.session, user: user_of(c.user), unix_ms: c.unix_ms, update }
}

extern "C" fn before_join<P: App>(this: *const c_void, who: *const abi::Intent, reply: abi::Reply) {
    let own = unsafe { instance::<P>(this) };
    border::answer(&own.host, reply, |out| own.plugin.before_join(unsafe { &intent_of(who) }, out));
}

extern "C" fn before_edit<P: App>(this: *const c_void, what: *const abi::Intent, reply: abi::Reply) {
    let own = unsafe { instance::<P>(this) };
    border::answer(&own.host, reply, |out| own.plugin.before_edit(unsafe { &intent_of(what) }, out));
}

#[doc(hidden)]
pub fn service<P: App>() -> Service<P> {
    Service {
        id: ID,
        table: |this: *const Instance<P>| -> Box<dyn Any> {
            Box::new(abi::App {
                size: std::mem::size_of::<abi::App>() as u32,
                this: this as *const c_void,
                wants: wants::<P>,
                initial_storage: initial_storage::<P>,
                notice: notice::<P>,
                procedures: procedures::<P>,
                call: call::<P>,
                settled: Some(settled::<P>),
                before_join: Some(before_join::<P>),
                before_edit: Some(before_edit::<P>),
            })
        },
        address: |table| table.downcast_ref::<abi::App>().unwrap() as *const abi::App as *const c_void,
    }
}
