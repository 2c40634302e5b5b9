//! Durable bytes per room: `freshet/abi/store.h`. A store of one process, without an outbox.

use crate::plugin::{instance, Instance, Service};
use crate::{abi, border, Plugin, Reply, Result, Status};
use std::any::Any;
use std::os::raw::c_void;

pub use crate::abi::{Epoch, Writer};

pub const ID: &str = "freshet.store/0";

/// Kinds of the items of an answer.
pub const EPOCH: u32 = 1;
pub const SNAPSHOT: u32 = 2;
pub const UPDATE: u32 = 3;
pub const ROOM: u32 = 4;
pub const LAST_SEQ: u32 = 5;
pub const LOG_COUNT: u32 = 6;
pub const LOG_BYTES: u32 = 7;
pub const SEQ: u32 = 19;
pub const AUTHOR: u32 = 20;
pub const FIRST_TIME: u32 = 21;
pub const LAST_TIME: u32 = 22;

/// Of an entry: make the room if need be; and only as its first.
pub const APPEND_NEW: u32 = 1;
pub const APPEND_FIRST: u32 = 2;

/// A row for a room's log. A room's name is any bytes.
pub struct Append<'a> {
    pub room: &'a [u8],
    pub epoch: Epoch,
    pub flags: u32,
    pub update: &'a [u8],
    pub author: &'a [u8],
    pub first_unix_ms: u64,
    pub last_unix_ms: u64,
}

pub struct Batch<'a> {
    pub writer: Writer,
    pub number: u64,
    pub entries: Vec<Append<'a>>,
}

/// Called on one worker, one call at a time; `&self`, as all plugins are, so state is in a `Mutex` that nobody waits for.
pub trait Store: Plugin {
    fn load(&self, room: &[u8], out: Reply) -> Result;
    fn append(&self, batch: &Batch, out: Reply) -> Result;
    fn replace(&self, room: &[u8], epoch: Epoch, through_seq: u64, snapshot: &[u8]) -> Result;
    fn put(&self, room: &[u8], epoch: Epoch, snapshot: &[u8]) -> Result;
    fn erase(&self, room: &[u8]) -> Result;
    fn list(&self, after: &[u8], limit: u32, out: Reply) -> Result;
    fn info(&self, room: &[u8], out: Reply) -> Result;
    fn backup(&self, _path: &str) -> Result {
        Err(Status::Unsupported)
    }
}

extern "C" fn load<P: Store>(this: *const c_void, room: abi::Str, reply: abi::Reply) {
    let own = unsafe { instance::<P>(this) };
    border::answer(&own.host, reply, |out| own.plugin.load(unsafe { room.get() }, out));
}

extern "C" fn append<P: Store>(this: *const c_void, batch: *const abi::Batch, reply: abi::Reply) {
    let own = unsafe { instance::<P>(this) };
    border::answer(&own.host, reply, |out| {
        let c = unsafe { &*batch };
        let entries = match c.count {
            0 => &[],
            count => unsafe { std::slice::from_raw_parts(c.entries, count) },
        };
        let entries = entries.iter().map(|e| unsafe {
            Append {
                room: e.room.get(),
                epoch: e.epoch,
                flags: e.flags,
                update: e.update.get(),
                author: e.author.get(),
                first_unix_ms: e.first_unix_ms,
                last_unix_ms: e.last_unix_ms,
            }
        });
        own.plugin.append(&Batch { writer: c.writer, number: c.number, entries: entries.collect() }, out)
    });
}

extern "C" fn replace<P: Store>(
    this: *const c_void,
    room: abi::Str,
    epoch: Epoch,
    through_seq: u64,
    snapshot: abi::Bytes,
    reply: abi::Reply,
) {
    let own = unsafe { instance::<P>(this) };
    border::answer(&own.host, reply, |_| unsafe {
        own.plugin.replace(room.get(), epoch, through_seq, snapshot.get())
    });
}

extern "C" fn put<P: Store>(this: *const c_void, room: abi::Str, epoch: Epoch, snapshot: abi::Bytes, reply: abi::Reply) {
    let own = unsafe { instance::<P>(this) };
    border::answer(&own.host, reply, |_| unsafe { own.plugin.put(room.get(), epoch, snapshot.get()) });
}

extern "C" fn erase<P: Store>(this: *const c_void, room: abi::Str, reply: abi::Reply) {
    let own = unsafe { instance::<P>(this) };
    border::answer(&own.host, reply, |_| own.plugin.erase(unsafe { room.get() }));
}

extern "C" fn list<P: Store>(this: *const c_void, after: abi::Str, limit: u32, reply: abi::Reply) {
    let own = unsafe { instance::<P>(this) };
    border::answer(&own.host, reply, |out| own.plugin.list(unsafe { after.get() }, limit, out));
}

extern "C" fn info<P: Store>(this: *const c_void, room: abi::Str, reply: abi::Reply) {
    let own = unsafe { instance::<P>(this) };
    border::answer(&own.host, reply, |out| own.plugin.info(unsafe { room.get() }, out));
}

extern "C" fn backup<P: Store>(this: *const c_void, path: abi::Str, reply: abi::Reply) {
    let own = unsafe { instance::<P>(this) };
    border::answer(&own.host, reply, |_| own.plugin.backup(unsafe { path.text() }));
}

#[doc(hidden)]
pub fn service<P: Store>() -> Service<P> {
    Service {
        id: ID,
        table: |this: *const Instance<P>| -> Box<dyn Any> {
            Box::new(abi::Store {
                size: std::mem::size_of::<abi::Store>() as u32,
                this: this as *const c_void,
                load: load::<P>,
                append: append::<P>,
                replace: replace::<P>,
                put: put::<P>,
                erase: erase::<P>,
                list: list::<P>,
                info: info::<P>,
                backup: Some(backup::<P>),
            })
        },
        address: |table| table.downcast_ref::<abi::Store>().unwrap() as *const abi::Store as *const c_void,
    }
}
