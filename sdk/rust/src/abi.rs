//! The C tables, as `freshet/abi/*.h` has them: as much as the traits of this crate need. A table is as long as what is here.

use std::os::raw::{c_char, c_int, c_void};

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Bytes {
    pub data: *const u8,
    pub size: usize,
}

/// A text: the same two words as bytes.
pub type Str = Bytes;

impl Bytes {
    pub fn of(bytes: &[u8]) -> Bytes {
        Bytes { data: bytes.as_ptr(), size: bytes.len() }
    }
    pub fn none() -> Bytes {
        Bytes { data: std::ptr::null(), size: 0 }
    }
    /// # Safety
    /// What it points to is there for as long as the caller says.
    pub unsafe fn get<'a>(self) -> &'a [u8] {
        if self.data.is_null() {
            return &[];
        }
        std::slice::from_raw_parts(self.data, self.size)
    }
    /// # Safety
    /// As `get`. Bytes that are no UTF-8 are an empty text.
    pub unsafe fn text<'a>(self) -> &'a str {
        std::str::from_utf8(self.get()).unwrap_or("")
    }
}

#[repr(C)]
pub struct Sink {
    pub ctx: *mut c_void,
    pub write: extern "C" fn(*mut c_void, Bytes) -> i32,
    pub reserve: extern "C" fn(*mut c_void, usize) -> *mut u8,
    pub commit: extern "C" fn(*mut c_void, usize) -> i32,
}

#[repr(C)]
pub struct Item {
    pub kind: u32,
    pub number: u64,
    pub bytes: Bytes,
}

#[repr(C)]
pub struct Replies {
    pub size: u32,
    pub ctx: *mut c_void,
    pub write: extern "C" fn(*mut c_void, u64, *const Item) -> i32,
    pub done: extern "C" fn(*mut c_void, u64, i32),
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Reply {
    pub to: *const Replies,
    pub token: u64,
}

#[repr(C)]
pub struct Value {
    pub size: u32,
    pub kind: u32,
    pub number: i64,
    pub text: Str,
    pub list: *const Str,
    pub list_count: usize,
}

#[repr(C)]
pub struct Host {
    pub size: u32,
    pub abi: u32,
    pub ctx: *mut c_void,
    pub log: extern "C" fn(*mut c_void, c_int, Str),
    pub setting: extern "C" fn(*mut c_void, *const c_char, *mut Value) -> i32,
    pub service: extern "C" fn(*mut c_void, *const c_char) -> *const c_void,
    pub metric: extern "C" fn(*mut c_void, c_int, *const c_char, *const c_char) -> *mut c_void,
    pub metric_add: extern "C" fn(*mut c_void, i64),
    pub metric_set: extern "C" fn(*mut c_void, i64),
}

#[repr(C)]
pub struct Setting {
    pub key: *const c_char,
    pub kind: u32,
    pub flags: u32,
    pub fallback: *const c_char,
    pub min: i64,
    pub max: i64,
    pub choices: *const c_char,
    pub unit: *const c_char,
    pub help: *const c_char,
}
// They point to what is in the program for good.
unsafe impl Sync for Setting {}

#[repr(C)]
pub struct Faults {
    pub size: u32,
    pub ctx: *mut c_void,
    pub add: extern "C" fn(*mut c_void, Str, Str),
}

#[repr(C)]
pub struct Plugin {
    pub size: u32,
    pub abi: u32,
    pub id: *const c_char,
    pub version: *const c_char,
    pub licence: *const c_char,
    pub summary: *const c_char,
    pub offers: *const *const c_char,
    pub needs: *const *const c_char,
    pub settings: *const Setting,
    pub setting_count: usize,
    pub setting_size: u32,
    pub create: extern "C" fn(*const Host, *mut *mut c_void) -> i32,
    pub destroy: extern "C" fn(*mut c_void),
    pub service: extern "C" fn(*mut c_void, *const c_char) -> *const c_void,
    pub shared: u32,
    pub restore: Option<extern "C" fn(*const Host, Str) -> i32>,
    pub check_settings: Option<extern "C" fn(*const Host, *const Faults) -> i32>,
}

#[repr(C)]
pub struct Header {
    pub name: Str,
    pub value: Str,
}

#[repr(C)]
pub struct Request {
    pub size: u32,
    pub role: u32,
    pub upgrade: u8,
    pub movable: u8,
    pub method: Str,
    pub target: Str,
    pub peer: Str,
    pub headers: *const Header,
    pub header_count: usize,
    pub body: Bytes,
}

#[repr(C)]
pub struct AuthRequest {
    pub size: u32,
    pub token: Str,
    pub request: *const Request,
    pub room: Str,
    pub unix_ms: u64,
}

#[repr(C)]
pub struct Auth {
    pub size: u32,
    pub this: *const c_void,
    pub identify: extern "C" fn(*const c_void, *const AuthRequest, Reply),
    pub mint: extern "C" fn(*const c_void, Str, Reply),
    pub mint_as: Option<extern "C" fn(*const c_void, Str, Str, Reply)>,
}

#[repr(C)]
pub struct Notice {
    pub size: u32,
    pub kind: u32,
    pub room: Str,
    pub unix_ms: u64,
    pub session: u64,
    pub user: Str,
    pub state: Bytes,
    pub message: u32,
    pub name: Str,
    pub data: Bytes,
}

#[repr(C)]
pub struct AppWants {
    pub size: u32,
    pub notices: u32,
    pub states: u32,
    pub initial_storage: u8,
    pub vetoes: u32,
}

#[repr(C)]
pub struct Intent {
    pub size: u32,
    pub room: Str,
    pub session: u64,
    pub user: Str,
    pub unix_ms: u64,
    pub format: u32,
    pub update: Bytes,
}

#[repr(C)]
pub struct Call {
    pub size: u32,
    pub procedure: Str,
    pub room: Str,
    pub session: u64,
    pub user: Str,
    pub unix_ms: u64,
    pub input: Bytes,
    pub sessions: Str,
    pub state: Bytes,
    pub ctx: *mut c_void,
    pub json: Option<extern "C" fn(*mut c_void, *const Sink) -> i32>,
}

#[repr(C)]
pub struct App {
    pub size: u32,
    pub this: *const c_void,
    pub wants: extern "C" fn(*const c_void, *mut AppWants),
    pub initial_storage: extern "C" fn(*const c_void, Str, Reply),
    pub notice: extern "C" fn(*const c_void, *const Notice, Reply),
    pub procedures: extern "C" fn(*const c_void, *const Sink) -> i32,
    pub call: extern "C" fn(*const c_void, *const Call, Reply),
    pub settled: Option<extern "C" fn(*const c_void) -> c_int>,
    pub before_join: Option<extern "C" fn(*const c_void, *const Intent, Reply)>,
    pub before_edit: Option<extern "C" fn(*const c_void, *const Intent, Reply)>,
}

#[repr(C)]
pub struct Server {
    pub size: u32,
    pub ctx: *mut c_void,
    pub broadcast: extern "C" fn(*mut c_void, Str, Str, Bytes) -> i32,
    pub evict: extern "C" fn(*mut c_void, Str, u64) -> i32,
}

#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Epoch {
    pub bytes: [u8; 16],
}

#[repr(C)]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Writer {
    pub run: [u8; 16],
    pub shard: u32,
}

#[repr(C)]
pub struct Append {
    pub room: Str,
    pub epoch: Epoch,
    pub flags: u32,
    pub update: Bytes,
    pub author: Str,
    pub first_unix_ms: u64,
    pub last_unix_ms: u64,
    pub first_number: u64,
    pub last_number: u64,
}

#[repr(C)]
pub struct Batch {
    pub size: u32,
    pub writer: Writer,
    pub number: u64,
    pub entries: *const Append,
    pub count: usize,
}

/// As far as a store has no outbox and is not shared.
#[repr(C)]
pub struct Store {
    pub size: u32,
    pub this: *const c_void,
    pub load: extern "C" fn(*const c_void, Str, Reply),
    pub append: extern "C" fn(*const c_void, *const Batch, Reply),
    pub replace: extern "C" fn(*const c_void, Str, Epoch, u64, Bytes, Reply),
    pub put: extern "C" fn(*const c_void, Str, Epoch, Bytes, Reply),
    pub erase: extern "C" fn(*const c_void, Str, Reply),
    pub list: extern "C" fn(*const c_void, Str, u32, Reply),
    pub info: extern "C" fn(*const c_void, Str, Reply),
    pub backup: Option<extern "C" fn(*const c_void, Str, Reply)>,
}
