//! The host, as one plugin sees it.

use crate::{abi, Result};
use std::ffi::CString;
use std::os::raw::{c_int, c_void};

#[repr(i32)]
#[derive(Clone, Copy)]
pub enum Level {
    Debug = 0,
    Info = 1,
    Warn = 2,
    Error = 3,
}

/// The settings that a manifest gives, the defaults filled in. One that is asked for must be declared, with that type.
#[derive(Clone, Copy)]
pub struct Given {
    c: *const abi::Host,
}

/// A cheap handle that lives as long as the process. Settings are asked for in `create`.
#[derive(Clone, Copy)]
pub struct Host {
    given: Given,
}
// log() is for any thread; the rest is asked for on the main one.
unsafe impl Send for Host {}
unsafe impl Sync for Host {}

impl std::ops::Deref for Host {
    type Target = Given;
    fn deref(&self) -> &Given {
        &self.given
    }
}

impl Given {
    pub(crate) fn of(c: *const abi::Host) -> Given {
        Given { c }
    }
    fn value(&self, key: &str) -> Option<abi::Value> {
        let key = CString::new(key).ok()?;
        let mut value = abi::Value {
            size: std::mem::size_of::<abi::Value>() as u32,
            kind: 0,
            number: 0,
            text: abi::Bytes::none(),
            list: std::ptr::null(),
            list_count: 0,
        };
        let c = unsafe { &*self.c };
        ((c.setting)(c.ctx, key.as_ptr(), &mut value) == 0).then(|| value)
    }
    pub fn number(&self, key: &str) -> i64 {
        self.value(key).map_or(0, |value| value.number)
    }
    pub fn flag(&self, key: &str) -> bool {
        self.number(key) != 0
    }
    /// Empty if neither the manifest nor the declaration has a value.
    pub fn text(&self, key: &str) -> String {
        self.value(key).map_or(String::new(), |value| unsafe { value.text.text() }.to_string())
    }
}

impl Host {
    pub(crate) fn of(c: *const abi::Host) -> Host {
        Host { given: Given::of(c) }
    }
    pub fn log(&self, level: Level, message: &str) {
        let c = unsafe { &*self.given.c };
        (c.log)(c.ctx, level as c_int, abi::Bytes::of(message.as_bytes()));
    }
    pub fn info(&self, message: &str) {
        self.log(Level::Info, message)
    }
    pub fn error(&self, message: &str) {
        self.log(Level::Error, message)
    }
    /// The rooms of the server, from outside; none if this host has no such service. Ask in `create`, and keep it: later
    /// nobody may ask.
    pub fn server(&self) -> Option<Server> {
        let id = CString::new("freshet.server/0").ok()?;
        let c = unsafe { &*self.given.c };
        let table = (c.service)(c.ctx, id.as_ptr()) as *const abi::Server;
        (!table.is_null()).then(|| Server { table })
    }
}

/// Acting in rooms from outside, from any thread.
#[derive(Clone, Copy)]
pub struct Server {
    table: *const abi::Server,
}
unsafe impl Send for Server {}
unsafe impl Sync for Server {}

impl Server {
    /// An event to everybody in the room, in nobody's name. `json`: one value.
    pub fn broadcast(&self, room: &str, event: &str, json: &str) -> Result {
        let t = unsafe { &*self.table };
        let of = |text: &str| abi::Bytes::of(text.as_bytes());
        crate::Status::of((t.broadcast)(t.ctx, of(room), of(event), of(json)))
    }
}

/// What is wrong with the settings: a mistake of the manifest each, told all at once.
pub struct Faults {
    c: *const abi::Faults,
    any: bool,
    said: Vec<String>,
}

impl Faults {
    pub(crate) fn of(c: *const abi::Faults) -> Faults {
        Faults { c, any: false, said: Vec::new() }
    }
    /// `reason` stands behind the key, as "is empty"; a value in it is in double quotes.
    pub fn add(&mut self, key: &str, reason: &str) {
        self.any = true;
        if self.c.is_null() {
            self.said.push(format!("{key} {reason}"));
            return;
        }
        let c = unsafe { &*self.c };
        (c.add)(c.ctx as *mut c_void, abi::Bytes::of(key.as_bytes()), abi::Bytes::of(reason.as_bytes()));
    }
    pub fn any(&self) -> bool {
        self.any
    }
    /// What nobody but a person was there to be told.
    pub(crate) fn said(&self) -> String {
        self.said.join("; ")
    }
}
